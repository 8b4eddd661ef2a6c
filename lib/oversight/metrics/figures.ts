/** A part of a whole; null of nothing. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** The middle of some numbers, between the two in the middle where they are even; null of none. */
export function median(numbers: readonly number[]): number | null {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** The smallest of some numbers that at least such a share of them does not exceed (nearest rank); null of none. */
export function percentile(numbers: readonly number[], part: number): number | null {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
}

/** How often each word occurs, in the order of the words. */
export function tally(words: Iterable<string>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is looked at: from then, if that was said, until then. Milliseconds since 1970. */
export interface Window {
  readonly since: number | null;
  readonly until: number;
}

/** Whether a moment lies in a window. */
export function isWithin(at: number, { since, until }: Window): boolean {
  return at <= until && (since === null || at >= since);
}
