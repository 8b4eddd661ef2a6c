import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { child } from './ledger.mjs';
import { interleave, row, time } from './measure.mjs';
import { makeFolder, makeRepo, PROGRAM, removeFolder } from './place.mjs';
import { recordedHistory } from './recorded-history.mjs';
import { history } from './synthetic.mjs';

const PEAK = join(dirname(fileURLToPath(import.meta.url)), 'peak.mjs');
const MOST_BYTES = 2 * 1024 * 1024;
const PER_TASK = 5;
const FOLDERS = 50;

/**
 * `evidence --last --class dependency-manifest` in a large repository, start to end as a program, in empty node programs. Half
 * of the records are of commits that are gone, as after squash merges.
 */
export async function makeEvidence({ quick }) {
  const commits = quick ? 2000 : 50_000;
  const rounds = quick ? 5 : 9;
  const root = makeFolder();
  const { repo, commit } = await largeRepository(root, commits);
  const { dir, env } = repo;
  const file = join(root, 'bundle.zip');
  const args = [PROGRAM, 'evidence', '--last', '--class', 'dependency-manifest', '-o', file];
  const ask = (more = {}) => {
    rmSync(file, { force: true });
    return time(process.execPath, more.PEAK_FILE ? ['--import', PEAK, ...args] : args, {
      cwd: dir,
      env: { ...env, ...more },
    });
  };
  const peakFile = join(root, 'peak');
  ask();
  ask({ PEAK_FILE: peakFile });
  const peak = Number(readFileSync(peakFile, 'utf8'));
  const ms = await interleave(rounds, {
    evidence: () => ask(),
    node: () => time(process.execPath, ['-e', ''], { cwd: dir, env }),
  });
  const size = statSync(file).size;
  if (!readFileSync(file).includes(`diffs/${commit}.diff`))
    throw new Error('the bundle is of another transaction');
  removeFolder(root);
  const label = `evidence of ${(2 * commits).toLocaleString('en')} records`;
  const kilobytes = Math.ceil(size / 1024);
  return [
    { ...row(label, { ms: ms.evidence, floor: 'empty node', floorMs: ms.node, goal: 25, rounds }), peak },
    row(`  the bundle, ${kilobytes} kB, of 2 MB`, {
      ms: kilobytes,
      floor: 'kB',
      floorMs: MOST_BYTES / 1024,
      goal: 1,
      rounds: 1,
    }),
    row(`  memory, ${Math.ceil(peak / 1024 / 1024)} MB, of 300 MB`, {
      ms: peak / 1024 / 1024,
      floor: 'MB',
      floorMs: 300,
      goal: 1,
      rounds: 1,
    }),
  ];
}

/** Commits of agents, five to a task, one task of a hundred with a dependency; and as many records of commits nobody has any more. */
export async function largeRepository(root, commits) {
  const repo = makeRepo(root, 'repo');
  const oids = await recordedHistory(root, repo, [...changes(commits)], { withBlobs: true });
  const { encodeRecord } = await import('../../dist/index.js');
  // Of other transactions, and older.
  const elsewhere = (record) =>
    encodeRecord(JSON.parse(JSON.stringify(record).replaceAll('"0T', '"0S').replaceAll('"0E', '"0A')));
  const gone = join(root, 'gone');
  writeFileSync(
    gone,
    [...history(commits, elsewhere)].map(({ commit, lines }) => `${commit}\t${lines.join('\t')}\n`).join(''),
  );
  child('append.mjs', repo.dir, gone);
  repo.git('repack', '-adq');
  repo.git('pack-refs', '--all');
  // As `git gc` leaves a repository.
  repo.git('commit-graph', 'write', '--reachable');
  return { repo, commit: oids[1 + PER_TASK * lastBump(commits)] };
}

/** The task that bumped a dependency last. */
function lastBump(commits) {
  return Math.floor((commits / PER_TASK - 50) / 100) * 100;
}

function* changes(count) {
  const path = (n) => `src/part-${n % FOLDERS}/file-${n % 977}.txt`;
  yield {
    files: {
      'package.json': '{}\n',
      ...Object.fromEntries(Array.from({ length: 977 }, (_, n) => [path(n), `first ${n}\n`])),
    },
    gone: [],
    task: null,
  };
  for (let at = 0; at < count - 1; at++) {
    const task = Math.floor(at / PER_TASK);
    const files = Object.fromEntries([at, at * 7].map((n) => [path(n), `${at} of ${n}\n`]));
    if (at % PER_TASK === 0 && task % 100 === 0) files['package.json'] = `{"version":"1.0.${at}"}\n`;
    yield { files, gone: [], task };
  }
}
