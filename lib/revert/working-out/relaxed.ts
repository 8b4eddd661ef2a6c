import { type FileDiff, lineDiffs } from '../../git/diffs/line-diff.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import type { TreePair } from '../../git/trees/tree-diff.ts';
import { type Edit, editorsOf } from '../lines/editors.ts';
import { namesIn } from '../members/names.ts';
import type { Budget } from './budget.ts';
import { type Change, type Merge, runsOf } from './change.ts';
import type { History } from './closure.ts';
import { type FileFate, type Relaxed, relax, type WorkAndSince } from './relax.ts';
import { nameOf } from './touched-paths.ts';
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
  const last = chosen.at(-1);
  if (last === undefined) return { tree: head, files: [] };
  const { tree } = await undo(shop.merge, last.after, chosen);
  if (tree === null) return null;
  return relaxIn(shop, changes, { base: last.after, without: tree, now: head, landed: last.commit });
}

/** What was worked out before: sets of commits that are tried one after another have most steps in common. */
const known = new WeakMap<readonly Change[], Map<string, Promise<Relaxed>>>();

function relaxIn(shop: Workshop, changes: readonly Change[], trees: WorkAndSince): Promise<Relaxed> {
  const steps = known.get(changes) ?? new Map<string, Promise<Relaxed>>();
  known.set(changes, steps);
  const key = `${trees.base} ${trees.without} ${trees.now} ${trees.landed}`;
  const step = steps.get(key) ?? relaxStep(shop, changes, trees);
  steps.set(key, step);
  return step;
}

async function relaxStep(shop: Workshop, changes: readonly Change[], trees: WorkAndSince): Promise<Relaxed> {
  const names = await namesIn(shop.scratch, changes);
  return relax(shop, trees, (path) => names.since(trees.landed, path).at(-1) ?? null);
}

async function atTip(
  shop: Workshop,
  { changes, head }: History,
  going: ReadonlySet<string>,
): Promise<RelaxedAnswer> {
  const files: FileFate[] = [];
  let tree = head;
  for (const run of runsOf(changes.filter(({ commit }) => going.has(commit))).reverse()) {
    const landed = run.changes.at(-1)?.commit ?? '';
    const trees = { base: run.after, without: run.before, now: tree, landed };
    const part = await relaxIn(shop, changes, trees);
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
  if (concerned.length === 0) return new Map();
  const order = new Map(changes.map(({ commit }, at) => [commit, at]));
  const landedAt = ({ landed }: FileFate): number => order.get(landed) ?? 0;
  const followed = await namesIn(scratch, changes);
  const names = new Map(
    concerned.map((file) => [file, new Set([...followed.since(file.landed, file.path), file.now])]),
  );
  const first = Math.min(...concerned.map(landedAt));
  const edited = await editsOf(scratch, changes.slice(first + 1), [...names.values()]);
  return new Map(
    concerned.map((file) => {
      const own = names.get(file) ?? new Set();
      const edits = edited
        .filter(({ commit }) => (order.get(commit) ?? 0) > landedAt(file))
        .flatMap(({ commit, files: of }): Edit[] =>
          of
            .filter(({ from, to }) => own.has(from?.path ?? '') || own.has(to?.path ?? ''))
            .map(({ hunks }) => ({ commit, isOwn: going.has(commit), hunks: hunks ?? EVERYWHERE })),
        );
      return [file, editors(file, fate, edits)];
    }),
  );
}

/** What changes did to files of some names, line by line; those that touch none of them are left out. */
async function editsOf(
  scratch: Scratch,
  changes: readonly Change[],
  names: readonly ReadonlySet<string | null>[],
): Promise<{ readonly commit: string; readonly files: readonly FileDiff[] }[]> {
  const all = new Set(names.flatMap((of) => [...of]).filter((name) => name !== null));
  const pairOf = ({ before, after }: Change): TreePair => ({ from: before, to: after });
  const touched = await scratch.diffs.between(changes.map(pairOf));
  const near = changes.filter((_, at) => (touched[at] ?? []).some(({ path }) => all.has(nameOf(path) ?? '')));
  const diffs = await lineDiffs(scratch, near.map(pairOf), [...all]);
  return near.map(({ commit }, at) => ({ commit, files: diffs[at] ?? [] }));
}

/** An edit that lines do not tell: anywhere in the file. */
const EVERYWHERE = [{ start: 0, end: Number.MAX_SAFE_INTEGER, lines: [] }];

function editors(file: FileFate, fate: 'blocked' | 'superseded', edits: readonly Edit[]): string[] {
  if (file.whole === fate)
    return [...new Set(edits.filter(({ isOwn }) => isOwn !== true).map(({ commit }) => commit))];
  const places = file.places.filter((place) => place.fate === fate);
  return [...new Set(places.flatMap(({ inverse }) => editorsOf(inverse, edits, inverse.lines.length > 0)))];
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
