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

/**
 * How far agents' transactions are apart from what came later, as shares of all of them: that `plain` undoing would find
 * nothing beside its lines, that no more than so many later commits are, and that only places nobody wrote in are left
 * (`exact`), as the line-exact inverse of facts/revert.md takes them. Told from the generator's lines, by no planner.
 */
export function distancesOf({ commits, world }) {
  const users = usersOf(commits);
  const stands = placesOf(world);
  const tasks = [...new Set(commits.map(({ task }) => task).filter((task) => task !== null))];
  const sizes = [];
  let exact = 0;
  for (const task of tasks) {
    const own = new Set(commits.flatMap((commit, number) => (commit.task === task ? [number] : [])));
    sizes.push(reach(users, own).size - own.size);
    const hunks = [...own].flatMap((number) => commits[number].changes.flatMap((change) => change.hunks));
    if (hunks.every((hunk) => isFree(hunk, own, stands))) exact++;
  }
  const share = (most) => sizes.filter((size) => size <= most).length / sizes.length;
  return { plain: share(0), five: share(5), twenty: share(20), exact: exact / tasks.length };
}

/** Which later commits changed lines of each commit, or put something right beside them. */
function usersOf(commits) {
  const users = new Map();
  const add = (owner, number) => {
    if (owner === 0 || owner >= number) return;
    if (!users.has(owner)) users.set(owner, new Set());
    users.get(owner).add(number);
  };
  for (const [number, { changes }] of commits.entries())
    for (const { removed, prev, next } of changes.flatMap(({ hunks }) => hunks))
      for (const line of [...removed, prev, next]) if (line !== null) add(line.owner, number);
  return users;
}

function reach(users, own) {
  const seen = new Set(own);
  const waiting = [...own];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    for (const user of users.get(at) ?? []) {
      if (seen.has(user)) continue;
      seen.add(user);
      waiting.push(user);
    }
  return seen;
}

function placesOf(world) {
  const places = new Map();
  for (const lines of world.files.values())
    for (const [at, line] of lines.entries()) places.set(line, { lines, at });
  return places;
}

/** Nobody wrote within what is alive of it, nor beside it where lines would come back. */
function isFree({ added, removed, prev, next }, own, places) {
  const isOwn = (line) => line !== null && own.has(line.owner);
  const alive = added.filter((line) => places.has(line));
  const others = added.filter((line) => !places.has(line) && !own.has(line.removedBy.number));
  if (alive.length === 0)
    return removed.length > 0 || !others.some((line) => line.removedBy.added.some((one) => places.has(one)));
  if (others.length > 0) return false;
  const { lines } = places.get(alive[0]);
  const ats = alive.map((line) => places.get(line).at);
  const [first, last] = [Math.min(...ats), Math.max(...ats)];
  if (lines.slice(first, last + 1).some((line) => !isOwn(line))) return false;
  const [before, after] = [lines[first - 1] ?? null, lines[last + 1] ?? null];
  return removed.length === 0 || ((before === prev || isOwn(before)) && (after === next || isOwn(after)));
}
