import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { stagedChangeOf } from '../../git/repository/index-diff.ts';
import { resolveCommit } from '../../ledger/binding/resolve.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { classesOf } from '../kinds/path-kinds.ts';
import type { HunkFate } from '../lines/take-back.ts';
import type { Change } from '../working-out/change.ts';
import type { History } from '../working-out/closure.ts';
import type { FileFate } from '../working-out/relax.ts';
import { editorsOfFates, type Workshop } from '../working-out/relaxed.ts';
import type { Dependant } from '../working-out/replay.ts';
import { reasonOf } from './conflict-words.ts';
import { meetings, wordsOf } from './meetings.ts';

const MAX_FILES = 10_000;

/** What stands in the way, and which lines of the work lie elsewhere because of it. */
export interface Blocked {
  readonly blockers: RevertPlan['blockers'];
  readonly carriedOff: RevertPlan['residue'];
}

/** The later commits that stand in the way of taking work back, with what each did to it. */
export async function blockersOf(
  ledger: Ledger,
  shop: Workshop,
  work: readonly Change[],
  dependants: readonly Dependant[],
): Promise<Blocked> {
  const later = dependants.map(({ change, conflicts }) => ({ change, paths: pathsOf(conflicts) }));
  const met = dependants.length === 0 ? [] : await meetings(shop, work, later);
  const blockers = dependants.map(async (one, i) => {
    const more = met[i] === undefined ? [] : wordsOf(met[i]);
    const blocker = await blockerOf(ledger, one);
    const isRetaken = met[i] !== undefined && met[i].taken.length === blocker.paths.length;
    return { ...blocker, reason: [...(isRetaken ? [] : [blocker.reason]), ...more].join('; ') };
  });
  const carriedOff = met.flatMap(({ moved }) => moved.map(({ to, lines }) => ({ path: to, lines })));
  return { blockers: await Promise.all(blockers), carriedOff };
}

async function blockerOf(
  ledger: Ledger,
  { change, conflicts }: Dependant,
): Promise<RevertPlan['blockers'][number]> {
  return {
    ...(await whoMade(ledger, change.commit)),
    paths: pathsOf(conflicts),
    reason: reasonOf(conflicts.map(({ type }) => type)),
  };
}

function pathsOf(conflicts: Dependant['conflicts']): string[] {
  return [...new Set(conflicts.flatMap(({ paths }) => paths))];
}

export async function dependantOf(
  ledger: Ledger,
  dependant: Dependant,
): Promise<RevertPlan['dependants'][number]> {
  const { paths, reason, ...who } = await blockerOf(ledger, dependant);
  return { ...who, why: `${paths.join(', ')}: ${reason}` };
}

/** A commit with its transaction, where an agent made it. */
export async function whoMade(
  ledger: Ledger,
  commit: string,
): Promise<Omit<RevertPlan['dependants'][number], 'why'>> {
  const resolution = await resolveCommit(ledger, commit);
  const isAgents = resolution !== null && resolution.binding !== 'claimed' && resolution.binding !== 'none';
  return {
    commit,
    txn: isAgents ? (resolution.record?.record.txn ?? null) : null,
    subject: resolution?.commit.message.split('\n', 1)[0] ?? '',
    author: resolution?.commit.author.replace(/ \d+ [+-]\d{4}$/, '') ?? '',
  };
}

/** The files a revert changes, with their risk classes. */
export async function filesOf(scratch: Scratch, from: string, to: string): Promise<RevertPlan['files']> {
  const [entries = []] = await scratch.diffs.between([{ from, to }]);
  return entries
    .slice(0, MAX_FILES)
    .map(stagedChangeOf)
    .map(({ path, change }) => ({ path, change, classes: [...classesOf(path)] }));
}

/** Lines of the work that stay because later edits stand beside them, by file. */
export function residueOf(files: readonly FileFate[]): RevertPlan['residue'] {
  return files.flatMap((file) => {
    const blocked = file.places.filter(({ fate }) => fate === 'blocked');
    const lines = blocked.reduce((sum, place) => sum + aliveIn(place), 0);
    if (blocked.length === 0 && file.whole !== 'blocked') return [];
    return [{ path: file.now ?? file.path, lines }];
  });
}

function aliveIn({ inverse, later }: HunkFate): number {
  let alive = 0;
  for (let line = inverse.start; line < inverse.end; line++)
    if (!later.some((edit) => edit.start <= line && line < edit.end)) alive++;
  return alive;
}

/** Lines of the work that others have overwritten, by file, with who did. */
export async function supersededOf(
  shop: Workshop,
  history: History,
  going: ReadonlySet<string>,
  files: readonly FileFate[],
): Promise<RevertPlan['superseded']> {
  const by = await editorsOfFates(shop, history, going, files, 'superseded');
  return [...by].map(([file, editors]) => ({
    path: file.now ?? file.path,
    lines: file.places
      .filter(({ fate }) => fate === 'superseded')
      .reduce((sum, { inverse }) => sum + inverse.end - inverse.start, 0),
    by: [...editors],
  }));
}
