import { join } from 'node:path';
import { runGit } from '../../git/process/runner.ts';
import { readRegularFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';
import type { Actor } from './actor.ts';

/**
 * Versions of the tools at work. git's is asked for once and remembered beside the path it was found at: no commit
 * starts a process for it.
 */
export async function toolVersions(
  place: Place,
  actor: Actor,
  agentVersion: string | null,
): Promise<Record<string, string>> {
  const git = await gitVersion(place);
  const agent = actor.session?.agent ?? actor.agent?.name;
  return {
    node: process.versions.node,
    ...(git === null ? {} : { git }),
    ...(agent === undefined || agentVersion === null ? {} : { [agent]: agentVersion }),
  };
}

async function gitVersion(place: Place): Promise<string | null> {
  const path = join(place.dir, 'git-version');
  const execPath = process.env['GIT_EXEC_PATH'] ?? '';
  const known = (await readRegularFile(path, 1000))?.toString('utf8').split('\n') ?? [];
  if (known[0] !== undefined && known[1] === execPath) return known[0];
  const { stdout } = await runGit({ cwd: place.dir }, { args: ['--version'] });
  const version = /(\d+\.\d+[\w.]*)/.exec(stdout.toString('utf8'))?.[1] ?? null;
  if (version !== null) await writeFileAtomically(path, `${version}\n${execPath}\n`, false);
  return version;
}
