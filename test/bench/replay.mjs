import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interleave, row, time } from './measure.mjs';
import { makeFolder, makeRepo, PROGRAM, removeFolder, run } from './place.mjs';
import { recordedHistory } from './recorded-history.mjs';

const LEAST = join(dirname(fileURLToPath(import.meta.url)), 'least-verify.mjs');
const FOLDERS = 20;
const FILES = 50;

/**
 * `replay --mode verify` of every record of a history, start to end as a program, in units of one `git cat-file --batch`
 * that reads the same records, commits and trees and does nothing with them; and what of that the least program takes
 * which hears them in Node, and takes the digests and parses the lines that have to be.
 */
export async function verifyRecords({ quick }) {
  const count = quick ? 1000 : 10_000;
  const rounds = quick ? 3 : 5;
  const root = makeFolder();
  const repo = makeRepo(root, 'repo');
  await recordedHistory(root, repo, [...history(count)], { withBlobs: true });
  const { dir, env } = repo;
  const first = repo.git('rev-list', '--max-parents=0', 'main');
  const args = [PROGRAM, 'replay', '--mode', 'verify', '--dry-run', '--json', `${first}..main`];
  const { summary } = JSON.parse(run(process.execPath, args, { cwd: dir, env }));
  if (summary.identical !== count)
    throw new Error(`not every record is identical: ${JSON.stringify(summary)}`);
  const names = join(root, 'names');
  writeFileSync(names, `${[...objectsRead(repo)].join('\n')}\n`);
  const ms = await interleave(
    rounds,
    {
      verify: () => time(process.execPath, args, { cwd: dir, env }),
      least: () => time(process.execPath, [LEAST, names], { cwd: dir, env }),
      read: () => time('git', ['cat-file', '--batch'], { cwd: dir, env, stdin: names }),
    },
    1,
  );
  removeFolder(root);
  const floor = { floor: 'cat-file', floorMs: ms.read, rounds };
  return [
    row(`verify ${count.toLocaleString('en')} records`, { ...floor, ms: ms.verify, goal: 2 }),
    row('  the least: read, digest and parse', { ...floor, ms: ms.least }),
  ];
}

/** Every note, commit and tree, each once. */
function* objectsRead(repo) {
  const listed = (...args) => repo.git(...args).split('\n');
  yield* listed('ls-tree', '-r', '--format=%(objectname)', 'refs/notes/agent-log');
  for (const line of listed('rev-list', '--objects', '--filter=blob:none', 'main')) yield line.split(' ')[0];
}

/** Files in folders of folders, three of which every commit changes; now and then one comes or goes. */
function* history(count) {
  const path = (n) => `src/part-${n % FOLDERS}/file-${n % FILES}.txt`;
  const all = Array.from({ length: FOLDERS * FILES }, (_, n) => [
    `src/part-${n % FOLDERS}/file-${Math.floor(n / FOLDERS)}.txt`,
    `first ${n}\n`,
  ]);
  yield { files: Object.fromEntries(all), gone: [], task: null };
  for (let at = 1; at <= count; at++) {
    const files = Object.fromEntries([at, at * 7, at * 13].map((n) => [path(n), `${at} of ${n}\n`]));
    if (at % 10 === 0) files[`src/new/file-${at}.txt`] = `${at}\n`;
    const gone = at % 10 === 5 && at > 10 ? [`src/new/file-${at - 5}.txt`] : [];
    yield { files, gone, task: Math.floor(at / 5) };
  }
}
