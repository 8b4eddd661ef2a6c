import type { RevertRecord } from '../../core/records/record.ts';
import type { Change } from '../working-out/change.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import { pathsOf } from '../working-out/touched-paths.ts';
import { undo } from '../working-out/undo.ts';
import type { Claim } from './claims.ts';
import type { Proof } from './proof.ts';
import { newTurn, type Turn } from './turn.ts';

/** A branch, as far as its state is asked for. */
export interface Line {
  /** The branch's own commits, oldest first. */
  readonly steps: readonly Change[];
  readonly claims: readonly Claim[];
  /** What one commit, on the branch or merged into it, changed by itself; null where nobody can tell. */
  readonly changeOf: (commit: string) => Promise<Change | null>;
  /** What the ledger says a commit took back; null where it says nothing. */
  readonly revertBy: (commit: string) => Promise<Pick<RevertRecord, 'tree' | 'scope' | 'verdict'> | null>;
  /** Whether commits that say nothing are looked at, too. */
  readonly unnamed: boolean;
}

/** What was found of a branch so far: `turns` grows with its steps. */
export interface State {
  readonly shop: Workshop;
  readonly line: Line;
  readonly turns: Turn[];
  /** The transaction's own commits. */
  readonly own: ReadonlySet<string>;
  readonly placeOf: (commit: string) => number;
}

/** One step that turns others back, and how that was shown. */
interface TurningBack {
  readonly step: Change;
  readonly change: Change;
  readonly turns: readonly Turn[];
  readonly proof: Proof;
  readonly also: readonly string[];
  readonly isUnnamed?: boolean;
}

/** Counts a step that turns others back. */
export async function turnBack(
  state: State,
  { step, change, turns, proof, also, isUnnamed = false }: TurningBack,
): Promise<void> {
  const { commit } = change;
  const isIn = turns[0]?.puts === 'in';
  const all = [...also, ...(isIn ? [] : turns.flatMap((turn) => turn.also))];
  const concerned = proof.of === 'paths' ? [...proof.paths.keys()] : turns;
  for (const turn of concerned) {
    if (proof.of === 'all') turn.by = commit;
    if (proof.of !== 'paths') continue;
    for (const path of proof.paths.get(turn) ?? []) turn.turned.set(path, commit);
    if ((await livePaths(state.shop, [turn])).size === 0) turn.by = commit;
  }
  state.turns.push(
    newTurn({
      commit,
      step: step.commit,
      units: [...new Set(concerned.flatMap(({ units }) => units))],
      puts: isIn ? 'out' : 'in',
      changes: [change],
      wider: commit === step.commit ? null : step,
      also: all,
      narrower: await withoutOthers(state, change, all),
      isLoose: proof.of === 'places',
      isUnnamed,
    }),
  );
}

/** What a commit did to the units alone: the others undone first. Null where there are none, or it can't be told. */
async function withoutOthers(
  { shop, line }: State,
  change: Change,
  others: readonly string[],
): Promise<Change | null> {
  if (others.length === 0) return null;
  const theirs = line.steps.filter(({ commit }) => others.includes(commit));
  const { tree } = await undo(shop.merge, change.before, theirs);
  return tree === null ? null : { ...change, before: tree };
}

/** The paths at which turns still hold. */
export async function livePaths(shop: Workshop, turns: readonly Turn[]): Promise<Set<string>> {
  const paths = new Set<string>();
  for (const turn of turns)
    for (const change of turn.changes)
      for (const path of await pathsOf(shop.scratch, change)) if (!turn.turned.has(path)) paths.add(path);
  return paths;
}
