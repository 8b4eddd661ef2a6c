/**
 * What a commit moved, block by block; `before` and `after` are a file's lines before and after it. `above` is what stood
 * above a block and was not moved.
 */
export function movesIn(before, after, number) {
  const places = new Map(after.map((line, at) => [line, at]));
  const isMoved = ({ movers }) => movers.at(-1) === number;
  const stays = new Set(before.flatMap((line) => (isMoved(line) ? [] : (places.get(line) ?? []))));
  const blocks = [];
  const above = [];
  let last = null;
  for (const line of before) {
    const at = places.get(line);
    if (at === undefined) continue;
    if (!isMoved(line)) above.push(line);
    else if (last !== null && isOnePiece(last, at, stays)) blocks.at(-1).lines.push(line);
    else blocks.push({ number, lines: [line], above: [...above] });
    last = isMoved(line) ? at : null;
  }
  return blocks;
}

/** Nothing that was not moved has come between. */
function isOnePiece(last, at, stays) {
  for (let i = last + 1; i < at; i++) if (stays.has(i)) return false;
  return at > last;
}

/** A file's lines before a commit as they would have stood had all that it moved been in its new place. */
export function inOrderOf(before, after) {
  const kept = new Set(after);
  const [under, first] = [new Map(), []];
  let group = first;
  for (const line of before) {
    if (!kept.has(line)) group.push(line);
    else under.set(line, (group = []));
  }
  return [...first, ...after.flatMap((line) => (under.has(line) ? [line, ...under.get(line)] : []))];
}

/**
 * The lines of each file by path, in the order they would have if none of `going` (commits' numbers) had moved any: what was
 * put into a moved block since goes back with it, and what a commit that stays has moved again is left there.
 */
export function withoutMoves(commits, world, going) {
  const files = new Map(world.files);
  for (const number of [...going].sort((a, b) => b - a))
    for (const { lines, moves } of commits[number].changes) {
      const path = world.pathOf.get(lines);
      if (path === undefined || moves.length === 0) continue;
      const order = [...files.get(path)];
      for (const block of moves) putBack(order, block, going);
      files.set(path, order);
    }
  return files;
}

function putBack(order, { number, lines, above }, going) {
  const isLeft = ({ movers }) => movers.some((mover) => mover > number && !going.has(mover));
  const at = lines
    .filter((line) => !isLeft(line))
    .map((line) => order.indexOf(line))
    .filter((place) => place >= 0);
  if (at.length === 0) return;
  const first = Math.min(...at);
  const range = order.splice(first, Math.max(...at) - first + 1);
  const anchor = above.findLast((line) => order.includes(line));
  order.splice(anchor === undefined ? 0 : order.indexOf(anchor) + 1, 0, ...range);
}
