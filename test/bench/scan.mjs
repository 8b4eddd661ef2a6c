import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { judge, makeMarkedHistory } from '../support/marked-history.mjs';
import { interleave, row, time } from './measure.mjs';
import { makeFolder, makeRepo, PROGRAM, removeFolder, run } from './place.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const MIB = 1024 * 1024;

/**
 * `scan` of a history with every mark we know, in units of git printing the same commits and their paths; its peak
 * memory; and whether it is right about every single commit, without which its speed means nothing.
 */
export async function scanHistory({ quick }) {
  const count = quick ? 10_000 : 100_000;
  const rounds = 3;
  const root = makeFolder();
  const repo = makeRepo(root, 'marked');
  const expected = makeMarkedHistory(repo.dir, count, repo.env);
  const { dir } = repo;
  const peakFile = join(root, 'peak');
  const env = { ...repo.env, PEAK_FILE: peakFile };
  const program = ['--import', join(here, 'peak.mjs'), PROGRAM, 'scan', '--json'];
  const verdict = judge(expected, JSON.parse(run(process.execPath, program, { cwd: dir, env })).commits);
  if (verdict.precision !== 1 || verdict.recall !== 1 || !verdict.complete || verdict.wrong.length > 0)
    throw new Error(`scan is wrong about its commits: ${JSON.stringify(verdict, null, 2)}`);
  const peaks = [];
  const ms = await interleave(
    rounds,
    {
      scan: () => {
        const took = time(process.execPath, program, { cwd: dir, env });
        peaks.push(Number(readFileSync(peakFile, 'utf8')));
        return took;
      },
      log: () => time('git', ['log', '--format=raw', '--name-only', 'HEAD'], { cwd: dir, env: repo.env }),
    },
    1,
  );
  removeFolder(root);
  const commits = count.toLocaleString('en');
  const peak = Math.max(...peaks) / MIB;
  return [
    row(`scan ${commits} commits`, { ms: ms.scan, floor: 'git log', floorMs: ms.log, goal: 3, rounds }),
    row('  its memory at most, in MiB', { ms: peak, floor: 'goal', floorMs: 300, goal: 1, rounds }),
    row('  precision on its marks', { ms: verdict.precision, floor: 'all', floorMs: 1, rounds }),
    row('  recall on its marks', { ms: verdict.recall, floor: 'all', floorMs: 1, rounds }),
  ];
}
