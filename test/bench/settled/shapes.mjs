/**
 * What became of the lines agents' transactions added, as shares of all of them: gone (deleted or overwritten since), alone
 * (in a place nobody else has changed since) and entangled (alive in a place others have changed). What the generator is set by.
 */
export function shapeOf({ commits, world }) {
  const stands = new Set();
  const around = new Map();
  for (const lines of world.files.values())
    for (const [i, line] of lines.entries()) {
      stands.add(line);
      around.set(line, [lines[i - 1] ?? null, lines[i + 1] ?? null]);
    }
  const count = { gone: 0, alone: 0, entangled: 0 };
  for (const { task, changes } of commits)
    for (const hunk of task === null ? [] : changes.flatMap(({ hunks }) => hunks)) {
      const alive = hunk.added.filter((line) => stands.has(line));
      count.gone += hunk.added.length - alive.length;
      count[isAlone(hunk, alive, around, task, commits) ? 'alone' : 'entangled'] += alive.length;
    }
  const all = count.gone + count.alone + count.entangled;
  return { gone: count.gone / all, alone: count.alone / all, entangled: count.entangled / all };
}

/** All of it stands in one piece, between what was there before it or what its own transaction wrote. */
function isAlone({ added, prev, next }, alive, around, task, commits) {
  if (alive.length < added.length || alive.length === 0) return false;
  if (alive.some((line, i) => i > 0 && around.get(line)[0] !== alive[i - 1])) return false;
  const isOwn = (line) => line !== null && commits[line.owner].task === task;
  const [before] = around.get(alive[0]);
  const [, after] = around.get(alive.at(-1));
  return (before === prev || isOwn(before)) && (after === next || isOwn(after));
}
