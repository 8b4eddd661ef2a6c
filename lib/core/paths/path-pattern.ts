/**
 * Whether segments of a pattern match the beginning of a path and leave between `least` and `most` of it over. A table, not an expression: the
 * patterns are anybody's, and must not take longer the more stars they have.
 */
export function matchesSegments(
  pattern: readonly string[],
  path: readonly string[],
  least: number,
  most: number,
): boolean {
  let reached = new Set([0]);
  for (const segment of pattern) {
    const next = new Set<number>();
    if (segment === '**') for (let to = Math.min(...reached); to <= path.length; to++) next.add(to);
    else
      for (const at of reached)
        if (at < path.length && matchesName(segment, path[at] ?? '')) next.add(at + 1);
    if (next.size === 0) return false;
    reached = next;
  }
  return [...reached].some((at) => at > 0 && path.length - at >= least && path.length - at <= most);
}

/** One segment with `*` and `?`, without ever going back further than to the last star. */
function matchesName(pattern: string, name: string): boolean {
  let [p, n, star, from] = [0, 0, -1, 0];
  while (n < name.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      from = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++from;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
