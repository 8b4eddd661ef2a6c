import { diffEntryPairs, type EntryDiff } from '../git/entry-diff.ts';
import type { Scratch } from '../git/scratch.ts';
import type { Change } from './change.ts';

type Trees = Pick<Change, 'before' | 'after'>;

/** What was read once in a scratch repository: two trees never come to differ in something else. */
const known = new WeakMap<Scratch, Map<string, ReadonlySet<string>>>();

/** Reads the paths of many changes in one process; what they are is known to `pathsOf` from then on. */
export async function readPathsOf(scratch: Scratch, changes: readonly Trees[]): Promise<void> {
  const read = knownIn(scratch);
  const missing = changes.filter((change) => !read.has(keyOf(change)));
  const found = await diffEntryPairs(
    scratch,
    missing.map(({ before, after }) => ({ from: before, to: after })),
  );
  for (const [at, change] of missing.entries()) read.set(keyOf(change), namesOf(found[at] ?? []));
}

/** The paths a change touches. */
export async function pathsOf(scratch: Scratch, change: Trees): Promise<ReadonlySet<string>> {
  await readPathsOf(scratch, [change]);
  return knownIn(scratch).get(keyOf(change)) ?? new Set();
}

function knownIn(scratch: Scratch): Map<string, ReadonlySet<string>> {
  const read = known.get(scratch) ?? new Map<string, ReadonlySet<string>>();
  known.set(scratch, read);
  return read;
}

function keyOf({ before, after }: Trees): string {
  return `${before} ${after}`;
}

function namesOf(diff: readonly EntryDiff[]): ReadonlySet<string> {
  return new Set(diff.map(({ path }) => nameOf(path)).filter((path) => path !== null));
}

/** A path that is no text can't be chosen by name. */
export function nameOf(bytes: string): string | null {
  const raw = Buffer.from(bytes, 'latin1');
  const path = raw.toString('utf8');
  return Buffer.from(path, 'utf8').equals(raw) ? path : null;
}
