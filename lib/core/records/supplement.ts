import type { ExecutionRecord, SupplementRecord } from './record.ts';
import { addUsage, NO_USAGE } from './usage.ts';

/** What supplements can change of a record, with them taken in. */
export type Completed = Pick<ExecutionRecord, 'agent' | 'model' | 'toolCalls' | 'usage' | 'capture'>;

/**
 * A record as it is known by now: the model where it had none, calls as they ended, usage added up, and of its gaps what
 * is left of them. Supplements of other records are left out; each counts once, whatever their order.
 */
export function completed(
  record: ExecutionRecord,
  digest: string,
  supplements: readonly SupplementRecord[],
): Completed {
  const own = new Map(supplements.filter((one) => one.record === digest).map((one) => [one.id, one]));
  const inOrder = [...own.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return inOrder.reduce<Completed>(takeIn, record);
}

function takeIn(known: Completed, { agent, model, toolCalls, usage, gaps }: SupplementRecord): Completed {
  const ended = new Map(toolCalls.map((call) => [call.id, call]));
  const narrowed = new Map(gaps?.map(({ was, now }) => [was, now]));
  return {
    agent: { ...known.agent, version: known.agent.version ?? agent.version },
    model: known.model.name === null && model !== null ? model : known.model,
    toolCalls: known.toolCalls.map((call) =>
      call.status === 'running' ? (ended.get(call.id) ?? call) : call,
    ),
    capture: { ...known.capture, gaps: known.capture.gaps.map((gap) => narrowed.get(gap) ?? gap) },
    usage: usage === null ? known.usage : addUsage(addUsage(NO_USAGE, known.usage ?? NO_USAGE), usage),
  };
}
