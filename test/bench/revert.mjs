import { dirname, join } from 'node:path';
import { interleave, row, time } from './measure.mjs';
import { makeFolder, makeRepo, PROGRAM, removeFolder, run } from './place.mjs';
import { recordedHistory, txnOf } from './recorded-history.mjs';

const REVERT = join(dirname(PROGRAM), 'git-agent-revert');
const COMMITS = 100;

/**
 * Planning to undo a transaction, start to end as a program and net of an empty node program, in units of
 * `git revert --no-commit` of the same commits. Both are asked for the same tree.
 */
export async function planRevert({ quick }) {
  const rounds = quick ? 3 : 7;
  const files = quick ? 1000 : 5000;
  const goal = hasMergeDialogue() ? 0.25 : 0.8;
  return [
    await planned({ files, rounds, others: false, count: COMMITS, goal: 0.1 }),
    await planned({ files, rounds, others: true, count: COMMITS, goal }),
    await planned({ files, rounds, others: true, count: COMMITS, spread: 1 }),
    await planned({ files, rounds, others: true, count: COMMITS / 4 }),
    await planned({ files: files * 4, rounds, others: true, count: COMMITS }),
  ];
}

/** `merge-tree --stdin` answers as it is asked from git 2.49 on. */
function hasMergeDialogue() {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(run('git', ['--version'], {}));
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 49);
}

async function planned({ files, rounds, others, count, spread = Math.ceil(count / 2), goal = null }) {
  const root = makeFolder();
  const repo = makeRepo(root, 'repo');
  const commits = [...alternating({ files, others, count, spread })];
  const oids = await recordedHistory(root, repo, commits);
  repo.git('checkout', '-q', 'main');
  repo.git('status');
  const agents = oids.filter((_, at) => commits[at].task !== null);
  const { dir, env } = repo;
  const revertsWell = run(process.execPath, [REVERT, txnOf(0), '--plan', '--json'], { cwd: dir, env });
  const plan = JSON.parse(revertsWell);
  const plain = () => {
    const ms = time('git', ['revert', '--no-commit', ...[...agents].reverse()], { cwd: dir, env });
    const tree = repo.git('write-tree');
    if (plan.verdict !== 'clean' || tree !== plan.resultTree) throw new Error('another tree than git revert');
    repo.git('reset', '-q', '--hard');
    return ms;
  };
  const ms = await interleave(
    rounds,
    {
      ours: () => time(process.execPath, [REVERT, txnOf(0), '--plan', '--json'], { cwd: dir, env }),
      node: () => time(process.execPath, ['-e', ''], { cwd: dir, env }),
      plain,
    },
    1,
  );
  removeFolder(root);
  const where = spread === 1 ? ', one file' : '';
  const label = `plan ${count}${others ? ` among ${count}` : ''}, ${files.toLocaleString('en')} files${where}`;
  return row(label, {
    ms: ms.ours - ms.node,
    floor: 'git revert',
    floorMs: ms.plain,
    rounds,
    ...(goal === null ? {} : { goal }),
  });
}

/** An agent's commits, each followed by somebody else's to the same file where there are others. */
export function* alternating({ files, others, count, spread }) {
  const path = (i) => `src/${i % 100}/file-${i}.txt`;
  const lines = (i) =>
    Array.from({ length: 10 * (spread === 1 ? count : 4) }, (_, n) => `file ${i} line ${n}`);
  const contents = new Map(Array.from({ length: files }, (_, i) => [path(i), lines(i)]));
  const text = (all) => `${all.join('\n')}\n`;
  yield {
    files: Object.fromEntries([...contents].map(([name, all]) => [name, text(all)])),
    gone: [],
    task: null,
  };
  for (let i = 0; i < count; i++)
    for (const agent of others ? [true, false] : [true]) {
      const name = path(i % spread);
      const all = contents.get(name);
      all[10 * Math.floor(i / spread) + (agent ? 2 : 7)] += agent ? ' by an agent' : ' by hand';
      yield { files: { [name]: text(all) }, gone: [], task: agent ? 0 : null };
    }
}
