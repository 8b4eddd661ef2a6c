import type { ObjectReader } from '../../git/objects/catfile.ts';
import { runGit } from '../../git/process/runner.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { readRegularFile } from '../../git/trees/regular-file.ts';
import { NO_MAILMAP } from './mailmap.ts';
import { type ParsedRoster, parseRoster } from './parse.ts';
import { ROSTER_MAX_BYTES, ROSTER_PATH } from './read.ts';

/** A roster that was changed more often than this is not followed back: then no key counts as it did. */
const MOST_STATES = 500;

interface Place {
  readonly repo: Repository;
  readonly reader: ObjectReader;
}

/** Tells whether a branch gave a key to somebody at one of its commits, and had not revoked it in any state before. */
export type WasGiven = (commit: string, key: string) => Promise<boolean>;

/**
 * The rosters a branch has had. What counts is their order, which nobody can write otherwise: dates can be. That no earlier state revoked the key
 * keeps one from being let in again for the length of a commit that reviewers of the whole never saw.
 */
export function keyHistory(place: Place): WasGiven {
  const read = new Map<string, Promise<ParsedRoster | null>>();
  const states = new Map<string, Promise<readonly string[] | null>>();
  const rosterAt = (commit: string): Promise<ParsedRoster | null> => {
    const known = read.get(commit) ?? readState(place, commit);
    read.set(commit, known);
    return known;
  };
  return async (commit, key) => {
    const before = states.get(commit) ?? changesOf(place, commit);
    states.set(commit, before);
    const commits = await before;
    const now = await rosterAt(commit);
    if (commits === null || now === null || now.problems.length > 0 || !now.roster.byKey.has(key))
      return false;
    for (const one of [commit, ...commits])
      if ((await rosterAt(one))?.roster.byKey.get(key)?.key.revoked != null) return false;
    return true;
  };
}

/** The commits of a branch that changed its roster, up to one; null when they are too many. */
async function changesOf({ repo }: Place, commit: string): Promise<readonly string[] | null> {
  const args = ['rev-list', '--first-parent', `--max-count=${MOST_STATES + 1}`, '--end-of-options', commit];
  const { code, stdout } = await runGit(repo, {
    args: [...args, '--', `:(top,literal)${ROSTER_PATH}`],
    okCodes: [128],
  });
  const commits = stdout.toString('latin1').split('\n').filter(Boolean);
  return code !== 0 || commits.length > MOST_STATES ? null : commits;
}

async function readState({ reader }: Place, commit: string): Promise<ParsedRoster | null> {
  const file = await readRegularFile(reader, commit, ROSTER_PATH, ROSTER_MAX_BYTES);
  if (file.kind !== 'file') return null;
  return parseRoster(file.content.toString('utf8'), { commit, file: file.oid, mailmap: NO_MAILMAP });
}
