import { existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { child, makeHistory } from './ledger.mjs';
import { interleave, row, time } from './measure.mjs';
import { makeFolder, PROGRAM, removeFolder, run } from './place.mjs';

const COMMITS = 100;

/**
 * A person's rebase of recorded commits with our hooks in place, in units of the same rebase without them. What any hook
 * costs, git's fork of itself for each commit, is shown too, and ours has to cost no more than that.
 */
export async function rebaseRecorded({ quick }) {
  return [
    ...(await rebaseAmong(quick ? 2000 : 10_000, quick ? 3 : 9, { goal: 1.25 })),
    ...(await rebaseAmong(10, quick ? 5 : 15, {})),
  ];
}

async function rebaseAmong(fileCount, rounds, { goal }) {
  const root = makeFolder();
  const { repo, commits, notes } = await makeHistory(root, COMMITS + 1, (made) => addFiles(made, fileCount));
  child('append.mjs', repo.dir, notes);
  run(process.execPath, [PROGRAM, 'init'], { cwd: repo.dir, env: repo.env });
  const [first] = commits;
  branchOff(repo, first);
  repo.git('repack', '-adq');
  const inRepo = (hooks) => rebaseIn(repo, first, hooks);
  const ms = await interleave(
    rounds,
    {
      ours: inRepo(join(repo.dir, '.git', 'hooks')),
      plain: inRepo(hooksFolder(root, 'none', {})),
      empty: inRepo(hooksFolder(root, 'empty', { 'prepare-commit-msg': '#!/bin/sh\nexit 0\n' })),
    },
    1,
  );
  removeFolder(root);
  const floor = { floor: 'without us', floorMs: ms.plain, rounds };
  const label = `rebasing ${COMMITS}, ${fileCount.toLocaleString('en')} files`;
  return [
    row(label, { ...floor, ms: ms.ours, ...(goal === undefined ? {} : { goal }) }),
    row('  with a hook that does nothing', { ...floor, ms: ms.empty }),
    row('  ours, to one that does nothing', {
      ms: ms.ours,
      floor: 'such a hook',
      floorMs: ms.empty,
      ...(goal === undefined ? {} : { goal: 1.1 }),
      rounds,
    }),
  ];
}

/**
 * On both sides of the rebase, so that it has none to write or to remove: a file system that has just removed ten
 * thousand may look for each new one among them (ext4 does for minutes), and that would be all that is measured.
 */
function addFiles(repo, count) {
  for (let i = 0; i < count; i++) {
    const folder = join(repo.dir, 'src', String(i % 100));
    if (i < 100) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${i}.txt`), `file ${i}\n`);
  }
  repo.git('add', '-A');
}

function branchOff(repo, first) {
  repo.git('checkout', '-q', '-f', '-b', 'other', first);
  writeFileSync(join(repo.dir, 'other.txt'), 'other\n');
  repo.git('add', '-A');
  run('git', ['-c', 'core.hooksPath=/dev/null', 'commit', '-q', '-m', 'Other'], {
    cwd: repo.dir,
    env: repo.env,
  });
}

function hooksFolder(root, name, hooks) {
  const folder = join(root, `hooks-${name}`);
  mkdirSync(folder);
  for (const [hook, script] of Object.entries(hooks))
    writeFileSync(join(folder, hook), script, { mode: 0o755 });
  return folder;
}

/** Every round is in the same folder, where only the hooks differ, and starts from the same commits, index and ledger. */
function rebaseIn({ dir, env, git }, first, hooks) {
  const ledger = git('rev-parse', 'refs/notes/agent-log');
  const rebase = ['-c', `core.hooksPath=${hooks}`, 'rebase', '-q', '--onto', 'other', first, 'topic'];
  return async () => {
    git('update-ref', 'refs/notes/agent-log', ledger);
    git('checkout', '-q', '-B', 'topic', 'main');
    const ms = time('git', rebase, { cwd: dir, env });
    if (git('rev-list', '--count', 'other..topic') !== String(COMMITS))
      throw new Error('the rebase lost commits');
    await untilTakenIn(dir);
    return ms;
  };
}

/**
 * What goes on in the background afterwards must not fall into the next measurement: where processes can be looked at,
 * until none is left in the folder.
 */
async function untilTakenIn(dir) {
  const kept = join(dir, '.git', 'agent-log', 'rewritten');
  while (existsSync(kept) && readdirSync(kept).length > 0) await sleep(20);
  if (!existsSync('/proc/self/cwd')) return sleep(2000);
  while (readdirSync('/proc').some((pid) => isIn(dir, pid))) await sleep(20);
}

function isIn(dir, pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(dir);
  } catch {
    return false;
  }
}
