import { createHash } from 'node:crypto';
import type { AgentEvent } from '../agents/events.ts';

/** An event, and by which of the installed hooks it came. */
export interface Delivered {
  readonly route: string;
  readonly event: AgentEvent;
}

/** Something that happened once, and the routes that have told of it so far. */
export interface Occurrence {
  readonly key: string;
  /** When it was told first. */
  readonly at: number;
  readonly routes: readonly string[];
}

/** Hooks of one event run side by side and are ended after 30 s at the latest; what comes later is another event. */
const WINDOW_MS = 60_000;
const MAX_REMEMBERED = 500;

/**
 * Drops what was told before: an agent may run our hooks from several of its files, or another agent's as well. Two that
 * look alike are one event when they came by different routes, and two when they came by the same one (an agent may run
 * one command twice); an id of its own settles it. A look at the worktree that only the repeat took is kept.
 */
export function withoutRepeats<T extends Delivered>(
  known: readonly Occurrence[],
  arrived: readonly T[],
): { fresh: T[]; occurrences: Occurrence[] } {
  const occurrences = [...known];
  const fresh = new Map<number, T>();
  for (const one of arrived) {
    const key = keyOf(one.event);
    const index = occurrences.findIndex((before) => isSame(before, key, one));
    const before = occurrences[index];
    if (before === undefined) {
      fresh.set(occurrences.push({ key, at: one.event.at, routes: [one.route] }) - 1, one);
      continue;
    }
    occurrences[index] = { ...before, routes: [...before.routes, one.route] };
    const first = fresh.get(index);
    if (first !== undefined) fresh.set(index, withLook(first, one));
  }
  return { fresh: [...fresh.values()], occurrences: occurrences.slice(-MAX_REMEMBERED) };
}

function isSame({ key, at, routes }: Occurrence, wanted: string, { route, event }: Delivered): boolean {
  if (key !== wanted) return false;
  if (hasOwnId(event)) return true;
  return !routes.includes(route) && Math.abs(event.at - at) <= WINDOW_MS;
}

function withLook<T extends Delivered>(first: T, repeat: T): T {
  if (first.event.snapshot !== undefined || repeat.event.snapshot === undefined) return first;
  return { ...first, event: { ...first.event, snapshot: repeat.event.snapshot } };
}

function hasOwnId({ what }: AgentEvent): boolean {
  if (what.kind === 'call-start' || what.kind === 'call-end') return what.callId !== '';
  return what.kind === 'answer' || (what.kind === 'prompt' && what.id !== undefined);
}

/** What two deliveries of one event have in common. */
function keyOf({ what, stamp, subagent }: AgentEvent): string {
  const parts = JSON.stringify([what.kind, stamp ?? null, subagent?.id ?? null, ...contentOf(what)]);
  return createHash('sha256').update(parts).digest('base64url');
}

function contentOf(what: AgentEvent['what']): unknown[] {
  switch (what.kind) {
    case 'call-start':
    case 'call-end':
      return what.callId === '' ? [what.tool, what.args] : [what.callId];
    case 'prompt':
      return [what.id ?? null, what.text];
    case 'context':
      return [what.items];
    case 'answer':
      return [what.id, what.usage, what.said];
    case 'start':
    case 'stop':
    case 'end':
      return [];
  }
}
