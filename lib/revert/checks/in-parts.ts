/** So many at once keep git busy, and are no load on memory. */
const AT_ONCE = 32;

/** Asks about many things, some at a time, and gives the answers in their order. */
export async function inParts<T, R>(all: readonly T[], ask: (one: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE)
    answers.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(ask))));
  return answers;
}
