import { type GitPlace, runGit } from '../git/runner.ts';
import type { Change, Merge } from './change.ts';
import { undo } from './undo.ts';
import type { Unit } from './unit-history.ts';

/** A commit that says it takes others back, by their ids. */
export interface Taking {
  readonly commit: string;
  /** Ids as its message has them: whole or abbreviated. */
  readonly names: readonly string[];
}

/** What is left of the units once what was reverted, and landed again, is counted. */
export interface Effective {
  /** Units that hold now; one that landed again is where it did so last. */
  readonly units: readonly Unit[];
  /** Units that were taken back before, and by which commit. */
  readonly reverted: readonly { readonly unit: Unit; readonly by: string }[];
}

/** Commits of a branch's own line after `base` that say they revert another, oldest first. */
export async function takings(place: GitPlace, base: string | null, tip: string): Promise<Taking[]> {
  const args = [
    'log',
    '--first-parent',
    '--reverse',
    '--no-show-signature',
    '-F',
    '-i',
    '-z',
    '--format=%H%n%B',
  ];
  const since = base === null ? [] : [`^${base}`];
  const { stdout } = await runGit(place, {
    args: [...args, '--grep=This reverts commit ', tip, ...since, '--'],
  });
  return stdout
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((text) => ({ commit: text.slice(0, text.indexOf('\n')), names: revertedIn(text) }));
}

/** The ids in `This reverts commit <id>`, which git, hosts and release tools all write and read. */
export function revertedIn(message: string): string[] {
  const found = message.matchAll(/\bThis reverts commit ([0-9a-f]{7,64})\b/gi);
  return [...new Set([...found].map((match) => (match[1] ?? '').toLowerCase()))];
}

interface State {
  /** The commit a unit is in force by; null once it was taken back. */
  readonly holds: Map<Unit, string | null>;
  readonly takenBy: Map<Unit, string>;
  /** What commits took back or brought again. */
  readonly events: Map<string, readonly Unit[]>;
}

/**
 * Counts landings, reverts and re-landings. A message only claims: a commit is a revert when its tree is the one that
 * undoing what it names leads to, and nothing else. One that does more, or less, is somebody's own work.
 */
export async function effectiveUnits(
  merge: Merge,
  units: readonly Unit[],
  changes: ReadonlyMap<string, Change>,
  claims: readonly Taking[],
): Promise<Effective> {
  const state: State = {
    holds: new Map(units.map((unit) => [unit, unit.commit])),
    takenBy: new Map(),
    events: new Map(),
  };
  for (const claim of claims) {
    const step = changes.get(claim.commit);
    const { undoes, of } = whatItNames(state, claim);
    const also = of.length === 0 ? () => false : isAlsoNamed(state, claim);
    const named = [...changes.values()].filter(({ commit }) => undoes.has(commit) || also(commit));
    if (step !== undefined && named.length > 0 && (await undo(merge, step.before, named)).tree === step.after)
      turn(state, claim.commit, of);
  }
  return {
    units: inForce(state.holds),
    reverted: units
      .filter((unit) => state.holds.get(unit) === null)
      .map((unit) => ({ unit, by: state.takenBy.get(unit) ?? '' })),
  };
}

/** The commits a claim would undo, and the units that would be turned by it: in force by what it names, or taken back by it. */
function whatItNames(
  { holds, events }: State,
  { names }: Taking,
): { readonly undoes: ReadonlySet<string>; readonly of: readonly Unit[] } {
  const named = (oid: string): boolean => names.some((name) => oid.startsWith(name));
  const back = [...holds].filter(([unit, at]) => at !== null && isNamed(unit, named));
  if (back.length > 0)
    return { undoes: new Set(back.map(([, at]) => at ?? '')), of: back.map(([unit]) => unit) };
  const again = [...events].filter(([commit]) => named(commit));
  return { undoes: new Set(again.map(([commit]) => commit)), of: again.flatMap(([, units]) => units) };
}

/** Commits that are neither a unit nor its revert, and were taken back with it: what builds on it. */
function isAlsoNamed({ holds, events }: State, { names }: Taking): (oid: string) => boolean {
  const own = new Set([...[...holds.keys()].map(({ commit }) => commit), ...events.keys()]);
  return (oid) => !own.has(oid) && names.some((name) => oid.startsWith(name));
}

function turn({ holds, takenBy, events }: State, commit: string, units: readonly Unit[]): void {
  for (const unit of units) {
    const taken = holds.get(unit) !== null;
    holds.set(unit, taken ? null : commit);
    if (taken) takenBy.set(unit, commit);
  }
  events.set(commit, units);
}

function isNamed({ commit, members }: Unit, named: (oid: string) => boolean): boolean {
  return named(commit) || (members.length > 0 && members.every(named));
}

/** Units where they are in force: several that one commit brought again are one. */
function inForce(holds: ReadonlyMap<Unit, string | null>): Unit[] {
  const found = new Map<string, Unit>();
  for (const [unit, at] of holds) {
    if (at === null) continue;
    const members = [...(found.get(at)?.members ?? []), ...unit.members];
    found.set(at, at === unit.commit ? unit : { commit: at, kind: 'commit', members });
  }
  return [...found.values()];
}
