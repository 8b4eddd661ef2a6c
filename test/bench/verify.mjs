import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interleave, median, row, time } from './measure.mjs';
import { makeFolder, makeRepo, PROGRAM, removeFolder, run } from './place.mjs';
import { recordedHistory } from './recorded-history.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const MIB = 1024 * 1024;
const FOLDERS = 20;

/**
 * `verify` of a bundle, in empty node programs; and `verify --all`, whose time for four times the records is told in times of what
 * the quarter took: 4 is linear. Its memory with the most of them.
 */
export async function verifyEvidence({ quick }) {
  const few = quick ? 1000 : 10_000;
  const rounds = quick ? 5 : 15;
  const small = await whole(few, rounds);
  const large = await whole(few * 4, 1);
  const many = (few * 4).toLocaleString('en');
  const floor = { floor: few.toLocaleString('en'), floorMs: small.all };
  return [
    row('verify a bundle', { ms: small.bundle, floor: 'empty node', floorMs: small.node, goal: 10, rounds }),
    row('  its memory at most, in MiB', {
      ms: small.bundlePeak / MIB,
      floor: 'goal',
      floorMs: 300,
      goal: 1,
      rounds,
    }),
    row(`verify --all of ${many} records`, { ...floor, ms: large.all, goal: 5, rounds: 3 }),
    row('  its memory at most, in MiB', {
      ms: large.peak / MIB,
      floor: 'goal',
      floorMs: 300,
      goal: 1,
      rounds: 3,
    }),
  ];
}

async function whole(count, rounds) {
  const root = makeFolder();
  const repo = makeRepo(root, 'repo');
  await recordedHistory(root, repo, [...history(count)], { withBlobs: true, withPatches: true });
  const { dir } = repo;
  const peakFile = join(root, 'peak');
  const env = { ...repo.env, PEAK_FILE: peakFile };
  const program = ['--import', join(here, 'peak.mjs'), PROGRAM];
  const zip = join(root, 'evidence.zip');
  run(process.execPath, [PROGRAM, 'evidence', 'main', '-o', zip], { cwd: dir, env });
  const measured = (...args) => {
    const document = JSON.parse(
      run(process.execPath, [...program, 'verify', ...args, '--json'], { cwd: dir, env }),
    );
    if (!document.ok)
      throw new Error(
        `it does not verify: ${JSON.stringify(document.checks.filter(({ result }) => result === 'fail'))}`,
      );
    return Number(readFileSync(peakFile, 'utf8'));
  };
  const [bundlePeak, peak] = [measured(zip), measured('--all')];
  const all = median(
    [1, 2, 3].map(() => time(process.execPath, [PROGRAM, 'verify', '--all'], { cwd: dir, env: repo.env })),
  );
  const ms = await interleave(rounds, {
    bundle: () => time(process.execPath, [PROGRAM, 'verify', zip], { cwd: dir, env: repo.env }),
    node: () => time(process.execPath, ['-e', ''], { cwd: dir, env: repo.env }),
  });
  removeFolder(root);
  return { ...ms, all, peak, bundlePeak };
}

/** Files in folders, three of which every commit changes. */
function* history(count) {
  const path = (n) => `src/part-${n % FOLDERS}/file-${n % 50}.txt`;
  yield {
    files: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [path(n), `first ${n}\n`])),
    gone: [],
    task: null,
  };
  for (let at = 1; at <= count; at++) {
    const files = Object.fromEntries([at, at * 7, at * 13].map((n) => [path(n), `${at} of ${n}\n`]));
    yield { files, gone: [], task: Math.floor(at / 5) };
  }
}
