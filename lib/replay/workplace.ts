import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOwnFolder } from '../git/process/own-folder.ts';
import { runGit } from '../git/process/runner.ts';
import type { Repository } from '../git/repository/repository.ts';
import { CELL_HOME, type Cell, placeFor } from './containment/cell.ts';
import type { Containment } from './containment/containment.ts';
import type { Limits } from './containment/limits.ts';
import type { Ended } from './containment/run-limited.ts';

/** A worktree of its own at the recorded base, in a repository that holds that base and the history before it, and nothing else. */
export interface Workplace {
  /** The folder, on this machine. */
  readonly folder: string;
  /** Where what runs in it sees it. */
  readonly at: string;
  readonly containment: Containment;
  readonly limits: Limits;
  readonly reads: readonly string[];
}

export interface Beginning {
  readonly repo: Repository;
  /** The commit the work began on; null before a first one. */
  readonly base: string | null;
  readonly branch: string | null;
  /** Where the agent had the worktree. */
  readonly root: string | null;
}

/** Commits of the history that come along: agents look at the log. Their files do not. */
const HISTORY = 200;

/** What git must not take from anybody's settings while we prepare. */
const PLAIN = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_LAZY_FETCH: '1',
};

/** Makes one, which is ours until it is given to cells (`giveAway`). Whoever makes it takes it away. Throws GIT_FAILED. */
export async function makeWorkplace(
  { repo, base, branch, root }: Beginning,
  { containment, limits, reads }: Pick<Workplace, 'containment' | 'limits' | 'reads'>,
): Promise<Workplace> {
  const folder = await makeOwnFolder('replay');
  try {
    const place = { cwd: folder, foreign: true };
    const name = branch !== null && isPlainBranch(branch) ? branch : 'main';
    const init = ['init', '-q', '--template=', '-b', name, `--object-format=${repo.format}`];
    await runGit(place, { args: init, env: PLAIN });
    await appendFile(join(folder, '.git', 'config'), SETTINGS);
    if (base !== null) await bringBase(repo, place.cwd, base);
    return { folder, at: placeFor(root), containment, limits, reads };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A name git would have, whoever wrote it. */
function isPlainBranch(name: string): boolean {
  return name.length < 200 && /^\w[\w-]*([./]\w[\w-]*)*$/.test(name) && !/\.lock(\/|$)/.test(name);
}

const SETTINGS = '[user]\n\tname = Replay\n\temail = replay@invalid\n[gc]\n\tauto = 0\n';

async function bringBase(repo: Repository, folder: string, base: string): Promise<void> {
  const { stdout } = await runGit(repo, { args: ['rev-list', '--parents', '-n', String(HISTORY), base] });
  const lines = stdout.toString('latin1').trim().split('\n');
  const commits = new Set(lines.map((line) => line.split(' ')[0] ?? ''));
  const cut = lines.filter((line) =>
    line
      .split(' ')
      .slice(1)
      .some((parent) => !commits.has(parent)),
  );
  const files = await runGit(repo, {
    args: ['rev-list', '--objects', '--no-walk', '--no-object-names', base],
  });
  const objects = `${[...commits].join('\n')}\n${files.stdout.toString('latin1')}`;
  const pack = join(folder, '.git', 'objects', 'pack', 'pack');
  await runGit(repo, {
    args: ['pack-objects', '-q', '--no-reuse-delta', '--window=0', pack],
    stdin: objects,
  });
  await writeFile(
    join(folder, '.git', 'shallow'),
    cut.map((line) => `${line.split(' ')[0] ?? ''}\n`).join(''),
  );
  await runGit({ cwd: folder, foreign: true }, { args: ['reset', '-q', '--hard', base], env: WRITES });
}

const WRITES = { ...PLAIN, GIT_OPTIONAL_LOCKS: '1' };

const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';

/** The environment of what runs: nothing of ours, and the same wherever it is replayed. */
const ENVIRONMENT = {
  HOME: CELL_HOME,
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  TERM: 'dumb',
  USER: 'replay',
  SHELL: '/bin/sh',
  CI: '1',
  NO_COLOR: '1',
  PAGER: 'cat',
  GIT_TERMINAL_PROMPT: '0',
  GIT_EDITOR: 'true',
};

/** Runs a program in a workplace. */
export function runThere(
  { folder, at, containment, limits, reads }: Workplace,
  cwd: string,
  argv: readonly string[],
): Promise<Ended> {
  const PATH = [...reads.flatMap((path) => [`${path}/bin`, path]), SYSTEM_PATH].join(':');
  const cell: Cell = { work: folder, at, cwd, reads, env: { ...ENVIRONMENT, PATH } };
  return containment.run(cell, limits, ['/bin/sh', '-c', 'umask 022; exec "$@"', 'sh', ...argv]);
}
