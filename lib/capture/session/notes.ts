import type { Usage } from '../../core/records/usage.ts';
import type { Retrieved } from '../agents/events.ts';
import { addGap, type KnownWrite, type SessionState } from './session.ts';
import type { TextRef } from './texts.ts';

/** Of what a session lists, as much is told one by one. */
export const MAX_LISTED = 200;
/** Paths remembered as written: over it, those written longest ago are forgotten. */
const MAX_WRITTEN = 20_000;

/** Remembers that a path was written; of each the last writes count. */
export function noteWrite(writes: Map<string, KnownWrite[]>, path: string, write: KnownWrite): void {
  writes.set(path, [...(writes.get(path) ?? []), write].slice(-20));
  const [oldest] = writes.keys();
  if (writes.size > MAX_WRITTEN && oldest !== undefined) writes.delete(oldest);
}

/** Remembers what was read; the same thing in the same state once. */
export function addContext(state: SessionState, items: readonly Retrieved<TextRef>[]): void {
  for (const item of items) {
    const same = state.context.findIndex(
      (known) => known.kind === item.kind && known.uri !== undefined && known.uri === item.uri,
    );
    if (same >= 0 && state.context[same]?.blob === item.blob) continue;
    if (state.context.length < 1000) state.context.push({ ...item });
    else addGap(state, 'context: over 1000 items, the rest is not listed');
  }
}

/** Usage that no record tells yet, by the message it was for. */
export function addUsage(state: SessionState, usages: Iterable<readonly [string, Usage]>): void {
  const recorded = new Set(state.recordedUsage);
  for (const [id, usage] of usages) if (!recorded.has(id)) state.usage.set(id, usage);
}

/** Milliseconds since 1970 as records write a time. */
export function time(ms: number): string {
  return new Date(ms).toISOString();
}
