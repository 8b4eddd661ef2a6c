import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { child, makeHistory } from './ledger.mjs';
import { interleave, row, time } from './measure.mjs';
import { makeFolder, PROGRAM, removeFolder, run } from './place.mjs';

const COMMITS = 100;

/**
 * A person's rebase of recorded commits with our hooks in place, in units of the same rebase without them. Among a handful of
 * files git replays a commit in less time than it takes to start any program, so there a hook that does nothing is shown too.
 */
export async function rebaseRecorded({ quick }) {
  return [
    ...(await rebaseAmong(quick ? 2000 : 10_000, quick ? 3 : 9, { goal: 1.25 })),
    ...(await rebaseAmong(10, quick ? 5 : 15, {})),
  ];
}

async function rebaseAmong(fileCount, rounds, { goal }) {
  const root = makeFolder();
  const { repo: plain, commits, notes } = await makeHistory(root, COMMITS + 1);
  child('append.mjs', plain.dir, notes);
  const [first] = commits;
  plain.git('checkout', '-q', '-b', 'other', first);
  addFiles(plain, fileCount);
  const copy = (name) => {
    const dir = join(root, name);
    cpSync(plain.dir, dir, { recursive: true, preserveTimestamps: true });
    return { ...plain, dir, git: (...args) => run('git', args, { cwd: dir, env: plain.env }) };
  };
  const [ours, empty] = [copy('ours'), copy('empty')];
  run(process.execPath, [PROGRAM, 'init'], { cwd: ours.dir, env: plain.env });
  const hook = join(empty.dir, '.git', 'hooks', 'prepare-commit-msg');
  mkdirSync(join(hook, '..'), { recursive: true });
  writeFileSync(hook, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const ms = await interleave(
    rounds,
    { ours: rebaseIn(ours, first), plain: rebaseIn(plain, first), empty: rebaseIn(empty, first) },
    1,
  );
  removeFolder(root);
  const floor = { floor: 'without us', floorMs: ms.plain, rounds };
  const label = `rebasing ${COMMITS}, ${fileCount.toLocaleString('en')} files`;
  return [
    row(label, { ...floor, ms: ms.ours, ...(goal === undefined ? {} : { goal }) }),
    row('  with a hook that does nothing', { ...floor, ms: ms.empty }),
  ];
}

function addFiles(repo, count) {
  for (let i = 0; i < count; i++) {
    const folder = join(repo.dir, 'src', String(i % 100));
    if (i < 100) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${i}.txt`), `file ${i}\n`);
  }
  repo.git('add', '-A');
  repo.git('commit', '-q', '-m', 'Other');
}

/** Every round starts from the same commits, the same index and the same ledger. */
function rebaseIn(repo, first) {
  const { dir, env } = repo;
  const ledger = repo.git('rev-parse', 'refs/notes/agent-log');
  return async () => {
    repo.git('update-ref', 'refs/notes/agent-log', ledger);
    repo.git('checkout', '-q', '-B', 'topic', 'main');
    const ms = time('git', ['rebase', '-q', '--onto', 'other', first, 'topic'], { cwd: dir, env });
    if (repo.git('rev-list', '--count', 'other..topic') !== String(COMMITS))
      throw new Error('the rebase lost commits');
    await untilTakenIn(dir);
    return ms;
  };
}

/** What goes on in the background afterwards must not fall into the next measurement. */
async function untilTakenIn(dir) {
  const kept = join(dir, '.git', 'agent-log', 'rewritten');
  while (existsSync(kept) && readdirSync(kept).length > 0) await sleep(20);
  await sleep(100);
}
