import { createHash } from 'node:crypto';
import type { AgentEvent } from '../agents/events.ts';

/** What it takes to name the calls of an agent that gives them no id. Part of a session's state. */
export interface CallNames {
  /** Names of calls that began and did not end, by what is called; the oldest first. */
  readonly waiting: Map<string, Waiting[]>;
  /** How often a name was given: calls of one millisecond are numbered. */
  readonly given: Map<string, number>;
}

interface Waiting {
  readonly name: string;
  readonly stamp: number;
}

const MAX_GIVEN = 500;

export function noCallNames(): CallNames {
  return { waiting: new Map(), given: new Map() };
}

/**
 * Gives a call without an id a name from its tool and the moment it began. An end belongs to the oldest beginning of the
 * same tool with the same arguments. The arguments are no part of the name: names are in records, which hold no text,
 * and a digest without a salt can be guessed.
 */
export function nameCall(names: CallNames, event: AgentEvent): AgentEvent {
  const { what } = event;
  if (what.kind === 'stop' || what.kind === 'start') forget(names, event, Number.POSITIVE_INFINITY);
  if (what.kind === 'call-start' && what.endsEarlier) forget(names, event, momentOf(event));
  if (what.kind !== 'call-start' && what.kind !== 'call-end') return event;
  if (what.callId !== '') return event;
  const key = `${loopOf(event)}${contentKey(what.tool, what.args)}`;
  const waiting = names.waiting.get(key) ?? [];
  const [oldest, ...rest] = waiting;
  if (what.kind === 'call-end' && oldest !== undefined) {
    if (rest.length === 0) names.waiting.delete(key);
    else names.waiting.set(key, rest);
    return { ...event, what: { ...what, callId: oldest.name } };
  }
  const callId = newName(names, event, what.tool);
  if (what.kind === 'call-start')
    names.waiting.set(key, [...waiting, { name: callId, stamp: momentOf(event) }]);
  return { ...event, what: { ...what, callId } };
}

/** A loop that stopped, or began anew, runs no call: an end that comes later belongs to a later beginning. */
function forget(names: CallNames, event: AgentEvent, before: number): void {
  const loop = loopOf(event);
  for (const [key, waiting] of names.waiting) {
    if (!key.startsWith(loop)) continue;
    const left = waiting.filter(({ stamp }) => stamp >= before);
    if (left.length === 0) names.waiting.delete(key);
    else names.waiting.set(key, left);
  }
}

function momentOf(event: AgentEvent): number {
  return Math.floor(event.stamp ?? event.at);
}

function newName(names: CallNames, event: AgentEvent, tool: string): string {
  const name = `${tool}-${momentOf(event)}`;
  const count = (names.given.get(name) ?? 0) + 1;
  names.given.set(name, count);
  const [first] = names.given.keys();
  if (names.given.size > MAX_GIVEN && first !== undefined) names.given.delete(first);
  return count === 1 ? name : `${name}-${count}`;
}

/** Ends in a line feed, which no id holds: no loop's is the beginning of another's. */
function loopOf({ subagent }: AgentEvent): string {
  return `${subagent?.id ?? ''}\n`;
}

function contentKey(tool: string, args: string): string {
  return createHash('sha256')
    .update(JSON.stringify([tool, args]))
    .digest('base64url');
}
