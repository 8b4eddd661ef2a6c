import { World } from './world.mjs';

/** How often a commit does what; of a hundred. */
const DEEDS = [
  [34, (world, path) => world.edit(path)],
  [20, (world, path) => world.insert(path)],
  [9, (world, path) => world.remove(path)],
  [14, (world, path, focus) => world.call(path, focus)],
  [10, (world, path) => world.newFunction(path)],
  [3, (world, path) => world.renameFunction(path)],
  [2, (world, path) => world.move(path)],
  [2, (world, path) => world.reformat(path)],
  [3, (world, _, focus) => world.newFile(focus)],
  [2, (world, path) => world.renameFile(path)],
  [1, (world, path) => world.removeFile(path)],
];

/**
 * A history of transactions that go on side by side: some commit by commit, some squashed. Gives the commits (what each
 * changed, file by file and line by line) and the world as it is at the end.
 */
export function makeHistory({ seed, files, count }) {
  const world = new World(seed, files);
  const commits = [asCommit(world, null, 0)];
  const running = [];
  let tasks = 0;
  while (commits.length <= count) {
    if (running.length < 4) running.push(newTask(world, tasks++));
    const task = world.random.one(running);
    world.commit = commits.length;
    world.touched.clear();
    for (let i = 0; i < (task.isSquash ? task.left : 1); i++) deeds(world, task);
    task.left -= task.isSquash ? task.left : 1;
    const commit = asCommit(world, task.isAgents ? task.number : null, commits.length);
    if (commit.changes.length > 0) commits.push(commit);
    if (task.left === 0) running.splice(running.indexOf(task), 1);
  }
  return { commits, world };
}

/** An agent's or a person's; most are short. */
function newTask(world, number) {
  const { random } = world;
  const left = 1 + random.popular(20, 2.5);
  return {
    number,
    isAgents: random.chance(0.5),
    isSquash: random.chance(0.25),
    left,
    focus: Array.from(
      { length: random.between(1, 3) },
      () => world.order[random.popular(world.order.length, 4)],
    ),
  };
}

function deeds(world, { focus }) {
  for (let i = world.random.between(1, 4); i > 0; i--) {
    const path = world.file(focus);
    let at = world.random.below(100);
    const [, deed] = DEEDS.find(([weight]) => {
      at -= weight;
      return at < 0;
    });
    deed(world, path, focus);
  }
}

/** What became of each file: a renamed one is the same list of lines under another path. */
function asCommit({ files, touched }, task, number) {
  const changes = [];
  const pathOf = new Map([...files].map(([path, lines]) => [lines, path]));
  for (const [lines, { path, copy }] of touched) {
    const now = pathOf.get(lines) ?? null;
    const after = now === null ? [] : [...lines];
    if (now === path && after.length === copy.length && after.every((line, i) => line === copy[i])) continue;
    if (now !== null || path !== null)
      changes.push({ from: path, to: now, hunks: hunksOf(copy, after, number) });
  }
  const texts = {};
  for (const { to } of changes) if (to !== null) texts[to] = textOf(files.get(to));
  const gone = changes.flatMap(({ from, to }) =>
    from !== null && from !== to && !files.has(from) ? [from] : [],
  );
  return { task, changes, files: texts, gone };
}

export function textOf(lines) {
  return lines.map(({ text }) => `${text}\n`).join('');
}

/** What went and what came, place by place; lines that are in both are the same objects in the same order. */
function hunksOf(before, after, number) {
  const kept = new Set(after);
  const old = new Set(before);
  const hunks = [];
  let hunk = null;
  let [i, j] = [0, 0];
  const open = () => {
    hunk ??= { removed: [], added: [], prev: i === 0 ? null : before[i - 1], next: null, number };
    return hunk;
  };
  const close = (next) => {
    if (hunk === null) return;
    hunk.next = next;
    for (const line of hunk.removed) line.removedBy = hunk;
    for (const line of hunk.added) line.addedBy = hunk;
    hunks.push(hunk);
    hunk = null;
  };
  while (i < before.length || j < after.length) {
    if (i < before.length && !kept.has(before[i])) open().removed.push(before[i++]);
    else if (j < after.length && !old.has(after[j])) open().added.push(after[j++]);
    else {
      close(before[i] ?? null);
      i++;
      j++;
    }
  }
  close(null);
  return hunks;
}
