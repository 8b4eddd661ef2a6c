import type { Scratch } from '../../git/objects/scratch.ts';
import type { Change } from '../working-out/change.ts';
import type { Situation } from '../working-out/situation.ts';
import { type AddedLines, addedByEach } from './added-since.ts';

/** What was added around some work. */
export interface AddedAround {
  /** By the work itself. */
  readonly brought: readonly AddedLines[];
  /** By what stays of what came later. */
  readonly added: readonly AddedLines[];
}

const asked = new WeakMap<readonly Change[], WeakMap<ReadonlySet<string>, Promise<AddedAround>>>();

/** What was added by what goes, and since, of one history; the same is asked once. Throws GIT_FAILED. */
export function addedAround(
  scratch: Scratch,
  { changes }: Situation['history'],
  going: ReadonlySet<string>,
): Promise<AddedAround> {
  const ofHistory = asked.get(changes) ?? new WeakMap<ReadonlySet<string>, Promise<AddedAround>>();
  asked.set(changes, ofHistory);
  const answer = ofHistory.get(going) ?? readAdded(scratch, changes, going);
  ofHistory.set(going, answer);
  // Whoever awaits it hears of a failure.
  answer.catch(() => undefined);
  return answer;
}

async function readAdded(
  scratch: Scratch,
  changes: readonly Change[],
  going: ReadonlySet<string>,
): Promise<AddedAround> {
  const work = changes.filter(({ commit }) => going.has(commit));
  const later = keptAfter(changes, going);
  if (later.length === 0) return { brought: [], added: [] };
  const [brought, added] = await addedByEach(scratch, [work, later]);
  return { brought, added };
}

function keptAfter(changes: readonly Change[], going: ReadonlySet<string>): Change[] {
  const first = changes.findIndex(({ commit }) => going.has(commit));
  return first < 0 ? [] : changes.slice(first).filter(({ commit }) => !going.has(commit));
}
