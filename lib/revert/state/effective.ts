import { partsOf, type Unit } from '../members/unit-history.ts';
import type { Change } from '../working-out/change.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import { pathsOf } from '../working-out/touched-paths.ts';
import { type Proof, proofOf } from './proof.ts';
import { type Effective, told } from './told.ts';
import { isLive, isMeant, newTurn, type Turn } from './turn.ts';
import { type Line, livePaths, type State, turnBack } from './turn-back.ts';

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
  const pairs = line.steps.map(({ before, after }) => ({ from: before, to: after }));
  // All of them in one go: one by one git would be asked for each.
  if (line.unnamed) await shop.scratch.diffs.between(pairs);
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
  for (const { commit, names } of claims) {
    const change = commit === step.commit ? null : await state.line.changeOf(commit);
    if (change !== null) await takeNamed(state, step, change, names);
  }
}

/** Takes a commit for what it says, if it is shown to be that. */
async function takeNamed(
  state: State,
  step: Change,
  change: Change,
  names: readonly string[],
): Promise<boolean> {
  const at = state.placeOf(step.commit);
  // What lands after a revert was not taken back by it, though it be known by the same names.
  const wasThere = ({ step: on }: Turn): boolean => state.placeOf(on) <= at;
  const named = (oid: string): boolean => names.some((name) => oid.startsWith(name));
  await divideMerges(state, change, named, wasThere);
  const own = new Set(state.turns.flatMap(({ commit, step: on }) => [commit, on]));
  const also = state.line.steps.filter(({ commit }) => !own.has(commit) && named(commit));
  for (const puts of ['in', 'out'] as const) {
    const turns = state.turns.filter(
      (turn) =>
        turn.puts === puts &&
        isLive(turn) &&
        turn.commit !== change.commit &&
        wasThere(turn) &&
        isMeant(turn, named),
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
  wasThere: (turn: Turn) => boolean,
): Promise<void> {
  for (const [at, turn] of turns.entries()) {
    const [unit] = turn.units;
    if (
      unit === undefined ||
      !wasThere(turn) ||
      !isLive(turn) ||
      unit.work !== undefined ||
      isMeant(turn, named)
    )
      continue;
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

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}
