import type { ObjectReader } from '../git/catfile.ts';
import { lineDiffs } from '../git/line-diff.ts';
import type { Scratch } from '../git/scratch.ts';
import type { Budget } from './budget.ts';
import { type Change, type Merge, runsOf } from './change.ts';
import type { History } from './closure.ts';
import { type Edit, editorsOf } from './lines/editors.ts';
import { type FileFate, relax } from './relax.ts';
import { undo } from './undo.ts';

/** What a relaxed undoing works with. */
export interface Workshop {
  readonly scratch: Scratch;
  /** Reads objects of the scratch repository, and so the user's too. */
  readonly reader: ObjectReader;
  readonly merge: Merge;
  /** Whether a path that is gone lives on elsewhere. */
  readonly carriedOff: (path: string) => Promise<boolean>;
  /** How long all of this may take; as long as it does when not given. */
  readonly budget?: Budget;
}

/** A tree in which whatever could be taken back was, and what could not. */
export interface RelaxedAnswer {
  readonly tree: string;
  readonly files: readonly FileFate[];
}

/** The work alive beside later edits, in how many places. */
export function blockedIn({ files }: RelaxedAnswer): number {
  return files.reduce(
    (sum, { whole, places }) =>
      sum + Number(whole === 'blocked') + places.filter(({ fate }) => fate === 'blocked').length,
    0,
  );
}

/**
 * Takes changes back place by place in two ways: undone where the last of them landed and carried to the tip, and one after
 * another at the tip. The one that is blocked in fewer places counts; null when neither is and they differ.
 */
export async function relaxedAnswer(
  shop: Workshop,
  history: History,
  going: ReadonlySet<string>,
): Promise<RelaxedAnswer | null> {
  const carried = await carriedToTip(shop, history, going);
  const stepwise = await atTip(shop, history, going);
  if (carried === null) return stepwise;
  const [one, other] = [blockedIn(carried), blockedIn(stepwise)];
  if (one === 0 && other === 0 && carried.tree !== stepwise.tree) return null;
  return one <= other ? carried : stepwise;
}

async function carriedToTip(
  shop: Workshop,
  { changes, head }: History,
  going: ReadonlySet<string>,
): Promise<RelaxedAnswer | null> {
  const chosen = changes.filter(({ commit }) => going.has(commit));
  const base = chosen.at(-1)?.after ?? head;
  const { tree } = await undo(shop.merge, base, chosen);
  return tree === null ? null : relax(shop, { base, without: tree, now: head });
}

async function atTip(
  shop: Workshop,
  { changes, head }: History,
  going: ReadonlySet<string>,
): Promise<RelaxedAnswer> {
  const files: FileFate[] = [];
  let tree = head;
  for (const run of runsOf(changes.filter(({ commit }) => going.has(commit))).reverse()) {
    const part = await relax(shop, { base: run.after, without: run.before, now: tree });
    files.push(...part.files);
    ({ tree } = part);
  }
  return { tree, files };
}

/** The later commits that edited where work is blocked, or overwrote it, by file. */
export async function editorsOfFates(
  { scratch }: Workshop,
  { changes }: History,
  going: ReadonlySet<string>,
  files: readonly FileFate[],
  fate: 'blocked' | 'superseded',
): Promise<ReadonlyMap<FileFate, readonly string[]>> {
  const concerned = files.filter(
    ({ whole, places }) => whole === fate || places.some((place) => place.fate === fate),
  );
  const later = changesAfter(changes, going);
  const names = new Set(concerned.flatMap(({ path, now }) => [path, now ?? path]));
  if (concerned.length === 0 || later.length === 0) return new Map();
  const pairs = later.map(({ before, after }) => ({ from: before, to: after }));
  const diffs = await lineDiffs(scratch, pairs, [...names]);
  return new Map(
    concerned.map((file) => {
      const edits = later.flatMap(({ commit }, i): Edit[] =>
        (diffs[i] ?? [])
          .filter(({ from, to }) => isOf(file, from?.path) || isOf(file, to?.path))
          .map(({ hunks }) => ({ commit, hunks: hunks ?? EVERYWHERE })),
      );
      return [file, editors(file, fate, edits)];
    }),
  );
}

/** An edit that lines do not tell: anywhere in the file. */
const EVERYWHERE = [{ start: 0, end: Number.MAX_SAFE_INTEGER, lines: [] }];

function isOf({ path, now }: FileFate, name: string | undefined): boolean {
  return name !== undefined && (name === path || name === now);
}

function editors(file: FileFate, fate: 'blocked' | 'superseded', edits: readonly Edit[]): string[] {
  if (file.whole === fate) return [...new Set(edits.map(({ commit }) => commit))];
  const places = file.places.filter((place) => place.fate === fate);
  return [...new Set(places.flatMap(({ inverse }) => editorsOf(inverse, edits, inverse.lines.length > 0)))];
}

function changesAfter(changes: readonly Change[], going: ReadonlySet<string>): Change[] {
  const last = changes.reduce((at, { commit }, i) => (going.has(commit) ? i : at), -1);
  return changes.slice(last + 1);
}

/** A relaxed answer in which nothing is blocked, and what else has to go for that, oldest first. */
export interface RelaxedClosure {
  readonly answer: RelaxedAnswer;
  readonly extras: readonly string[];
}

/** What else has to go for nothing to be blocked any more, oldest first; null when that is more than `most`. */
export async function relaxedClosure(
  shop: Workshop,
  history: History,
  members: ReadonlySet<string>,
  most: number,
): Promise<RelaxedClosure | null> {
  let extras: string[] = [];
  let answer = await relaxedAnswer(shop, history, members);
  while (answer !== null && blockedIn(answer) > 0) {
    history.checkTime?.();
    const going = new Set([...members, ...extras]);
    const owners = await editorsOfFates(shop, history, going, answer.files, 'blocked');
    const more = [...new Set([...owners.values()].flat())].filter((commit) => !going.has(commit));
    if (more.length === 0 || extras.length + more.length > most) return null;
    extras = [...extras, ...more];
    answer = await relaxedAnswer(shop, history, new Set([...members, ...extras]));
  }
  return answer === null ? null : prune(shop, history, members, inOrder(history, extras), answer);
}

async function prune(
  shop: Workshop,
  history: History,
  members: ReadonlySet<string>,
  extras: readonly string[],
  answer: RelaxedAnswer,
): Promise<RelaxedClosure> {
  let best: RelaxedClosure = { answer, extras };
  for (const extra of [...extras].reverse()) {
    history.checkTime?.();
    const fewer = best.extras.filter((one) => one !== extra);
    const tried = await relaxedAnswer(shop, history, new Set([...members, ...fewer]));
    if (tried !== null && blockedIn(tried) === 0) best = { answer: tried, extras: fewer };
  }
  return best;
}

function inOrder({ changes }: History, commits: readonly string[]): string[] {
  const wanted = new Set(commits);
  return changes.map(({ commit }) => commit).filter((commit) => wanted.has(commit));
}
