import { readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, readRegularFile, removeFile } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';
import { parseList, type RebaseList } from './list.ts';

/** git said that one commit became another. */
export interface Pair {
  readonly from: string;
  readonly to: string;
}

/** A commit is being picked: which, and where HEAD stood. What it became git does not say; HEAD's log does. */
export interface Pick {
  readonly from: string;
  /** NO_COMMIT on a branch without commits. */
  readonly onto: string;
  /** It was made before: a rebase stopped at it, and `onto` is what it became. */
  readonly isMade: boolean;
  /** Whether it replaces the commit it is made from, as in a rebase, or goes beside it. */
  readonly replaces: boolean;
  /** What was to be committed; null where the hook could not tell. */
  readonly tree: string | null;
  /** Top of the worktree. */
  readonly top: string;
}

/** One file a hook's shell left. */
export interface Kept {
  readonly name: string;
  /** Milliseconds since 1970, by the file system's clock. */
  readonly writtenAt: number;
  /** All that git said, also of what was skipped. */
  readonly pairs: readonly Pair[];
  /** What the rebase that said so was to do; null where none did. */
  readonly list: RebaseList | null;
  readonly picks: readonly Pick[];
}

/** Pairs of one rewriting that are kept; of those beyond it the messages and the patches must tell. */
export const MAX_PAIRS = 20_000;
/** Stands for "no commit yet" where an id is expected. */
export const NO_COMMIT = 'none';

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_FILES = 1000;
const PICKS = 'picks-';

/** True when a hook left anything: cheap enough for any command. */
export async function hasKept(place: Place): Promise<boolean> {
  const names = await readdir(place.rewritten).catch(() => []);
  return names.some(isKept) || (await stat(place.picked).catch(() => null)) !== null;
}

/** What hooks left. Each file is the user's own and is still untrusted: a line that is not as a hook writes it is skipped. */
export async function readKept(place: Place): Promise<Kept[]> {
  await takePicks(place);
  const names = (await readdir(place.rewritten).catch(() => [])).filter(isKept).slice(0, MAX_FILES);
  return Promise.all(
    names.map(async (name): Promise<Kept> => {
      const path = join(place.rewritten, name);
      const text = (await readRegularFile(path, MAX_BYTES))?.toString('utf8') ?? '';
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
      const isPicks = name.startsWith(PICKS);
      return {
        name,
        writtenAt: mtimeMs,
        pairs: isPicks ? [] : parsePairs(text),
        list: isPicks ? null : parseList(text),
        picks: isPicks ? parsePicks(text) : [],
      };
    }),
  );
}

export async function removeKept(place: Place, { name }: Kept): Promise<void> {
  await removeFile(join(place.rewritten, name));
}

/** Moved aside, so that a hook that writes meanwhile writes to a new file. */
async function takePicks(place: Place): Promise<void> {
  const known = await stat(place.picked).catch(() => null);
  if (known === null) return;
  await makeFolder(place.rewritten);
  const name = `${PICKS}${Math.trunc(known.mtimeMs)}-${process.pid}`;
  await rename(place.picked, join(place.rewritten, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

function isKept(name: string): boolean {
  return /^(?:picks-)?\d+-\d+$/.test(name);
}

/** `old new`, as git gives them to post-rewrite. */
export function parsePairs(text: string): Pair[] {
  return lines(text).flatMap((line) => {
    const [, from = '', to = ''] =
      /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64})$/.exec(line) ?? [];
    return from === to || from.length !== to.length ? [] : [{ from, to }];
  });
}

/** `source head pick|rebase|stop tree folder`, as prepare-commit-msg's shell writes it; hooks put in place earlier tell no tree. */
export function parsePicks(text: string): Pick[] {
  return lines(text).flatMap((line) => {
    const [, from, onto, kind, tree = NO_COMMIT, top] = PICK.exec(line) ?? [];
    if (from === undefined || onto === undefined || top === undefined) return [];
    const isMade = kind === 'stop';
    const known = tree === NO_COMMIT ? null : tree;
    return [{ from, onto, isMade, replaces: kind !== 'pick', tree: known, top }];
  });
}

const ID = '[0-9a-f]{40}|[0-9a-f]{64}';
const PICK = new RegExp(`^(${ID}) (${ID}|${NO_COMMIT}) (pick|rebase|stop)(?: (${ID}|${NO_COMMIT}))? (/.*)$`);

function lines(text: string): string[] {
  return text.split('\n', MAX_PAIRS);
}
