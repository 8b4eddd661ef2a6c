import { CHURN } from './churn.mjs';
import { inOrderOf, movesIn } from './moves.mjs';
import { World } from './world.mjs';

/** What is done in a commit, by name; CHURN says how often. */
const DEEDS = {
  edit: (world, path) => world.edit(path),
  insert: (world, path) => world.insert(path),
  remove: (world, path) => world.remove(path),
  call: (world, path, focus) => world.call(path, focus),
  newFunction: (world, path) => world.newFunction(path),
  renameFunction: (world, path) => world.renameFunction(path),
  move: (world, path) => world.move(path),
  reformat: (world, path) => world.reformat(path),
  newFile: (world, _, focus) => world.newFile(focus),
  renameFile: (world, path) => world.renameFile(path),
  removeFile: (world, path) => world.removeFile(path),
  bump: (world) => world.dependencies.bump(),
  depend: (world, path) => world.dependencies.add(path),
};

const WEIGHTS = Object.entries(CHURN.weights);
const ALL_WEIGHTS = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);

/**
 * A history of transactions that go on side by side: some commit by commit, some squashed. Gives the commits (what each
 * changed, file by file and line by line) and the world as it is at the end.
 */
export function makeHistory({ seed, files, count }) {
  const world = new World(seed, files);
  const commits = [asCommit(world, null, 0)];
  const running = [];
  const lately = [];
  let tasks = 0;
  while (commits.length <= count) {
    if (running.length < CHURN.sideBySide) running.push(newTask(world, tasks++, lately));
    const task = world.random.one(running);
    world.commit = commits.length;
    world.touched.clear();
    world.reviewed = task.reviewed;
    for (let i = 0; i < (task.isSquash ? task.left : 1); i++) deeds(world, task);
    task.left -= task.isSquash ? task.left : 1;
    const commit = asCommit(world, task.isAgents ? task.number : null, commits.length);
    if (commit.changes.length > 0) {
      commits.push(commit);
      task.commits.add(commits.length - 1);
      lately.push(...modulesIn(commit));
      lately.splice(0, lately.length - CHURN.filesLately);
    }
    if (task.left > 0) continue;
    running.splice(running.indexOf(task), 1);
    if (task.isAgents && world.random.chance(CHURN.reviews))
      running.push(reviewOf(world, tasks++, task, commits));
  }
  return { commits, world };
}

function modulesIn({ changes }) {
  return changes.flatMap(({ to }) => (to?.endsWith('.x') ? [to] : []));
}

/** Somebody goes over what an agent wrote, before it lands or soon after. */
function reviewOf(world, number, task, commits) {
  const paths = [...task.commits].flatMap((at) => modulesIn(commits[at]));
  return {
    number,
    isAgents: false,
    isSquash: false,
    left: world.random.between(1, 2),
    focus: [...new Set(paths)],
    commits: new Set(),
    reviewed: task.commits,
  };
}

/** An agent's or a person's; most are short. Many build on what was done lately. */
function newTask(world, number, lately) {
  const { random } = world;
  const left = 1 + random.popular(20, CHURN.shortTasks);
  const place = () =>
    lately.length > 0 && random.chance(CHURN.buildsOn) ? random.one(lately) : world.popularFile();
  return {
    number,
    isAgents: random.chance(0.5),
    isSquash: random.chance(0.25),
    left,
    focus: Array.from({ length: random.between(1, 3) }, place),
    commits: new Set(),
    reviewed: null,
  };
}

function deeds(world, { focus }) {
  for (let i = world.random.between(1, CHURN.deeds); i > 0; i--) {
    const path = world.file(focus);
    let at = world.random.next() * ALL_WEIGHTS;
    const [name] = WEIGHTS.find(([, weight]) => {
      at -= weight;
      return at < 0;
    });
    DEEDS[name](world, path, focus);
  }
}

/** What became of each file: a renamed one is the same list of lines under another path. */
export function asCommit({ files, pathOf, touched }, task, number) {
  const changes = [];
  for (const [lines, { path, copy }] of touched) {
    const now = pathOf.get(lines) ?? null;
    const after = now === null ? [] : [...lines];
    const moves = movesIn(copy, after, number);
    const isAsBefore = after.length === copy.length && after.every((line, i) => line === copy[i]);
    if (now === path && isAsBefore && moves.length === 0) continue;
    if (now === null && path === null) continue;
    const hunks = hunksOf(moves.length === 0 ? copy : inOrderOf(copy, after), after, number);
    changes.push({ from: path, to: now, lines, hunks, moves });
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
