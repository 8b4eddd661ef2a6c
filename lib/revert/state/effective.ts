import type { RevertRecord } from '../../core/record.ts';
import type { Change } from '../change.ts';
import { pathsOf } from '../narrow.ts';
import type { Workshop } from '../relaxed.ts';
import { undo } from '../undo.ts';
import { partsOf, type Unit } from '../unit-history.ts';
import type { Claim } from './claims.ts';
import { type Proof, proofOf } from './proof.ts';
import { isLive, isMeant, newTurn, type Turn } from './turn.ts';

/** What is left of the units once what was reverted, and landed again, is counted. */
export interface Effective {
  /** Units that hold now; one that landed again is where it did so last. */
  readonly units: readonly Unit[];
  /** Units that were taken back before, and by which commit. */
  readonly reverted: readonly TakenBack[];
  /** Units of which something was taken back before, and something holds. */
  readonly partly: readonly TakenBack[];
  /** What took work out and holds still: what landing it again would turn back. */
  readonly out: readonly Turn[];
  /** Commits that turned work without saying so, and what they put it. */
  readonly unnamed: readonly Pick<Turn, 'commit' | 'puts'>[];
}

export interface TakenBack {
  readonly unit: Unit;
  readonly by: string;
  /** Nothing in the commit's message says so. */
  readonly isUnnamed: boolean;
}

/** A branch, as far as its state is asked for. */
export interface Line {
  /** The branch's own commits, oldest first. */
  readonly steps: readonly Change[];
  readonly claims: readonly Claim[];
  /** What one commit, on the branch or merged into it, changed by itself. */
  readonly changeOf: (commit: string) => Promise<Change>;
  /** What the ledger says a commit took back; null where it says nothing. */
  readonly revertBy: (commit: string) => Promise<Pick<RevertRecord, 'tree' | 'scope' | 'verdict'> | null>;
  /** Whether commits that say nothing are looked at, too. */
  readonly unnamed: boolean;
}

interface State {
  readonly shop: Workshop;
  readonly line: Line;
  readonly turns: Turn[];
  /** The transaction's own commits. */
  readonly own: ReadonlySet<string>;
  readonly placeOf: (commit: string) => number;
}

/**
 * Counts landings, reverts and re-landings. A message only claims: a commit is a revert when its tree is the one that
 * undoing what it names leads to, and nothing else. One that does more, or less, is somebody's own work.
 */
export async function effectiveUnits(shop: Workshop, units: readonly Unit[], line: Line): Promise<Effective> {
  const places = new Map(line.steps.map(({ commit }, at) => [commit, at]));
  for (const { commit, step } of line.claims) places.set(commit, places.get(step) ?? 0);
  for (const unit of units)
    for (const member of unit.members) places.set(member, places.get(unit.commit) ?? 0);
  const byStep = new Map(line.steps.map((step) => [step.commit, step]));
  const own = new Set(
    units.flatMap(({ commit, kind, members }) => (kind === 'part' ? members : [commit, ...members])),
  );
  const state: State = { shop, line, own, turns: [], placeOf: (commit) => places.get(commit) ?? 0 };
  for (const unit of units) {
    const step = byStep.get(unit.commit);
    if (step !== undefined) state.turns.push(await landingOf(unit, step, line));
  }
  for (const step of line.steps) await take(state, step);
  return told(state.turns);
}

async function landingOf(unit: Unit, step: Change, { changeOf }: Line): Promise<Turn> {
  const parts = await partsOf(unit, changeOf);
  const isWhole = parts === 'all' || parts === null;
  return newTurn({
    commit: unit.commit,
    step: unit.commit,
    units: [unit],
    puts: 'in',
    changes: isWhole ? [step] : parts,
    wider: isWhole ? null : step,
  });
}

async function take(state: State, step: Change): Promise<void> {
  const said = state.line.claims.filter((claim) => claim.step === step.commit);
  // What the transaction undid of itself is its own work: all of it goes as one.
  const claims = said.filter(({ commit }) => !state.own.has(commit));
  const all = claims.flatMap(({ names }) => names);
  if (claims.length === 0) {
    if (state.line.unnamed && !state.own.has(step.commit)) await takeUnnamed(state, step);
    return;
  }
  if (await takeNamed(state, step, step, all)) return;
  for (const { commit, names } of claims)
    if (commit !== step.commit) await takeNamed(state, step, await state.line.changeOf(commit), names);
}

/** Takes a commit for what it says, if it is shown to be that. */
async function takeNamed(
  state: State,
  step: Change,
  change: Change,
  names: readonly string[],
): Promise<boolean> {
  const named = (oid: string): boolean => names.some((name) => oid.startsWith(name));
  await divideMerges(state, change, named);
  const own = new Set(state.turns.flatMap(({ commit, step: on }) => [commit, on]));
  const also = state.line.steps.filter(({ commit }) => !own.has(commit) && named(commit));
  for (const puts of ['in', 'out'] as const) {
    const turns = state.turns.filter(
      (turn) => turn.puts === puts && isLive(turn) && turn.commit !== change.commit && isMeant(turn, named),
    );
    const proof =
      (await proofOf(state.shop, { change, turns, also, placeOf: state.placeOf })) ??
      (turns.length > 0 && puts === 'in' ? await recorded(state.line, change) : null);
    if (proof === null) continue;
    await turnBack(state, { step, change, turns, proof, also: also.map(({ commit }) => commit) });
    return true;
  }
  return false;
}

/** What a person decided by hand no merge leads to: there the record of it counts, where it tells this very tree. */
async function recorded({ revertBy }: Line, { commit, after }: Change): Promise<Proof | null> {
  const record = await revertBy(commit);
  if (record?.tree !== after || record.verdict === 'clean') return null;
  return { of: record.scope === 'full' ? 'all' : 'places' };
}

/** Of a merge somebody may take back one commit: from then on its commits count one by one. */
async function divideMerges(
  { shop, line, turns, placeOf }: State,
  change: Change,
  named: (oid: string) => boolean,
): Promise<void> {
  for (const [at, turn] of turns.entries()) {
    const [unit] = turn.units;
    if (unit === undefined || !isLive(turn) || unit.work !== undefined || isMeant(turn, named)) continue;
    const meant = unit.members.filter(named);
    if (meant.length === 0 || turn.turned.size > 0 || turn.puts === 'out') continue;
    const partOf = async (members: readonly string[]): Promise<Turn> =>
      landingOf(
        { commit: unit.commit, kind: 'part', members },
        turn.wider ?? turn.changes[0] ?? change,
        line,
      );
    const taken = await partOf(meant);
    const proof = await proofOf(shop, { change, turns: [taken], also: [], placeOf });
    if (proof === null) continue;
    const rest = unit.members.filter((member) => !meant.includes(member));
    turns.splice(at, 1, taken, await partOf(rest));
    return;
  }
}

/** A commit that says nothing turns back everything there is, or one of it: where it touches just those files. */
async function takeUnnamed(state: State, step: Change): Promise<void> {
  const { shop, placeOf } = state;
  const earlier = state.turns.filter((turn) => isLive(turn) && placeOf(turn.step) < placeOf(step.commit));
  const touched = await pathsOf(shop.scratch, step);
  for (const puts of ['in', 'out'] as const) {
    const turns = earlier.filter((turn) => turn.puts === puts);
    for (const group of turns.length > 1 ? [turns, ...turns.map((one) => [one])] : [turns]) {
      if (!isSame(touched, await livePaths(shop, group))) continue;
      const proof = await proofOf(shop, { change: step, turns: group, also: [], placeOf });
      if (proof?.of !== 'all') continue;
      await turnBack(state, { step, change: step, turns: group, proof, also: [], isUnnamed: true });
      return;
    }
  }
}

async function livePaths(shop: Workshop, turns: readonly Turn[]): Promise<Set<string>> {
  const paths = new Set<string>();
  for (const turn of turns)
    for (const change of turn.changes)
      for (const path of await pathsOf(shop.scratch, change)) if (!turn.turned.has(path)) paths.add(path);
  return paths;
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

interface TurningBack {
  readonly step: Change;
  readonly change: Change;
  readonly turns: readonly Turn[];
  readonly proof: Proof;
  readonly also: readonly string[];
  readonly isUnnamed?: boolean;
}

async function turnBack(
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

function told(turns: readonly Turn[]): Effective {
  const live = turns.filter(isLive);
  const [inForce, out] = (['in', 'out'] as const).map((puts) => live.filter((turn) => turn.puts === puts));
  const landed = [...new Set(turns.flatMap(({ units }) => units))];
  const takenBack = landed.flatMap((unit): (TakenBack & { readonly isWhole: boolean })[] => {
    const last = out?.findLast(({ units }) => units.includes(unit));
    if (last === undefined) return [];
    const isWhole = inForce?.every(({ units }) => !units.includes(unit)) === true;
    return [{ unit, by: last.commit, isUnnamed: last.isUnnamed, isWhole }];
  });
  return {
    units: unitsInForce(inForce ?? []),
    reverted: takenBack.filter(({ isWhole }) => isWhole),
    partly: takenBack.filter(({ isWhole }) => !isWhole),
    out: out ?? [],
    unnamed: live.filter(({ isUnnamed }) => isUnnamed),
  };
}

/** Units where they are in force: what several commits of one merge hold is one. */
function unitsInForce(turns: readonly Turn[]): Unit[] {
  const found = new Map<string, Unit>();
  for (const turn of turns) {
    const unit = unitOf(turn);
    const before = found.get(turn.step);
    const members = [...(before?.members ?? []), ...unit.members];
    found.set(turn.step, before === undefined ? unit : { ...unit, members });
  }
  return [...found.values()];
}

function unitOf({ commit, step, units, turned }: Turn): Unit {
  const except = turned.size === 0 ? {} : { except: new Set(turned.keys()) };
  const [own] = units;
  if (own?.commit === commit) return { ...own, ...except };
  if (commit !== step) return { commit: step, kind: 'part', members: [commit], ...except };
  return { commit, kind: 'commit', members: units.flatMap(({ members }) => members), ...except };
}
