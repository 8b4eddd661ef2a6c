/** Items by a key of each, keys and items in the order they came. */
export function groupBy<T>(items: Iterable<T>, key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}

/** The first of each key, then the second of each, and so on: so that no key's many come before another's first. */
export function inTurn<T>(items: Iterable<T>, key: (item: T) => string): T[] {
  const groups = [...groupBy(items, key).values()];
  const placed = groups.flatMap((group) => group.map((item, place) => ({ item, place })));
  return placed.sort((a, b) => a.place - b.place).map(({ item }) => item);
}

/** Whether two lists hold the same texts in the same order. */
export function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
