// How many transactions of an agent can still be taken back once a repository has moved on, by which way, and whether what
// comes out is right and still builds: `run.mjs [--only N] [--seed N] [--files N] [--commits N] [--show]
// [--task N] [--in FOLDER]`, where --show names what is wrong, and --in keeps the repository for the next run. The repository
// is made up; what is right is told by the generator, line by line (truth.mjs), never by the planner.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findRepository, openLedger, openScratch } from '../../../dist/index.js';
import { makeFolder, makeRepo, removeFolder } from '../place.mjs';
import { recordedHistory, txnOf } from '../recorded-history.mjs';
import { Checkout } from './checkout.mjs';
import { makeHistory } from './history.mjs';
import { isRight, judge, linkLines, truthOf } from './truth.mjs';
import { everyWay } from './ways.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    files: { type: 'string', default: '5000' },
    commits: { type: 'string', default: '2000' },
    show: { type: 'boolean', default: false },
    in: { type: 'string' },
    task: { type: 'string' },
  },
});

const made = makeHistory({
  seed: Number(values.seed),
  files: Number(values.files),
  count: Number(values.commits),
});
linkLines(made.world);
const root = values.in ?? makeFolder();
const isThere = existsSync(join(root, 'repo'));
if (values.in !== undefined) mkdirSync(join(root, 'home'), { recursive: true });
const repo = makeRepo(root, 'repo');
const oids = isThere
  ? repo.git('log', '--reverse', '--format=%H', 'main').split('\n')
  : await recordedHistory(root, repo, made.commits);
const ledger = openLedger(await findRepository({ cwd: repo.dir }));
const scratch = await openScratch(ledger.repo);
const checkout = new Checkout(scratch, made.world, repo.git('rev-parse', 'main^{tree}'));

const tasks = [...new Set(made.commits.map(({ task }) => task).filter((task) => task !== null))];
const every = Math.max(1, Math.floor(tasks.length / Number(values.only)));
const asked = tasks
  .filter((task, i) => (values.task === undefined ? i % every === 0 : values.task === String(task)))
  .slice(0, Number(values.only));
const numberOf = new Map(oids.map((oid, number) => [oid, number]));
const tally = new Map();
const times = [];

for (const task of asked) {
  const own = made.commits.flatMap((commit, number) => (commit.task === task ? [number] : []));
  const { ways, ms } = await everyWay({
    ledger,
    scratch,
    txn: txnOf(task),
    own: own.map((number) => oids[number]),
    verify: (tree) => checkout.builds(tree),
  });
  times.push(ms);
  for (const { name, tree, adds, claimsClean } of ways) {
    const score = tally.get(name) ?? { text: 0, clean: 0, settled: 0, builds: 0, wrong: 0 };
    tally.set(name, score);
    if (tree === null) continue;
    const going = new Set([...own, ...adds.map((oid) => numberOf.get(oid))]);
    const verdict = judge(truthOf(made.commits, made.world, going), await checkout.files(tree));
    const [right, builds] = [isRight(verdict), await checkout.builds(tree)];
    score.text++;
    if (builds) score.builds++;
    if (claimsClean) score.clean++;
    if (right && builds) score.settled++;
    if (!right) score.wrong++;
    if (!right && values.show) console.error(task, name, txnOf(task), JSON.stringify(verdict));
  }
}
await scratch.close();
ledger.close();
if (values.in === undefined) removeFolder(root);
print();

function print() {
  const n = asked.length;
  const percent = (count) => `${((100 * count) / n).toFixed(0).padStart(5)} %`;
  console.log(
    `${n} transactions of ${tasks.length}; ${values.commits} commits, ${values.files} files, seed ${values.seed}`,
  );
  console.log(`${''.padEnd(42)}   tree  builds settled  wrong`);
  for (const [name, { text, builds, settled, wrong }] of tally)
    console.log(
      `${name.padEnd(42)}${percent(text)}${percent(builds)}${percent(settled)}${String(wrong).padStart(6)}`,
    );
  const sorted = [...times].sort((a, b) => a - b);
  const mean = times.reduce((sum, ms) => sum + ms, 0) / n;
  const p90 = sorted[Math.floor(0.9 * n)];
  console.log(`planning: mean ${(mean / 1000).toFixed(2)} s, p90 ${(p90 / 1000).toFixed(2)} s`);
}
