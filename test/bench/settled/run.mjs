// How many transactions of an agent can still be taken back once a repository has moved on, by which way, and whether what
// comes out is right and still builds; README.md tells how. Rows go to stderr as they come, the table to stdout at the end.
import { parseArgs } from 'node:util';
import { findRepository, openLedger, openScratch } from '../../../dist/index.js';
import { makeFolder, removeFolder } from '../place.mjs';
import { txnOf } from '../recorded-history.mjs';
import { Checkout } from './checkout.mjs';
import { makeHistory } from './history.mjs';
import { Judge } from './judge.mjs';
import { repositoryOf } from './repository.mjs';
import { distancesOf, shapeOf } from './shapes.mjs';
import { Table } from './table.mjs';
import { linkLines } from './truth.mjs';
import { everyWay, gitAlone } from './ways.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    files: { type: 'string', default: '5000' },
    commits: { type: 'string', default: '2000' },
    jobs: { type: 'string', default: '2' },
    task: { type: 'string' },
    in: { type: 'string' },
    show: { type: 'boolean', default: false },
    'git-only': { type: 'boolean', default: false },
  },
});

const begin = performance.now();
const made = makeHistory({
  seed: Number(values.seed),
  files: Number(values.files),
  count: Number(values.commits),
});
linkLines(made.world);
const root = values.in ?? makeFolder();
const { repo, oids } = await repositoryOf(root, made.commits);
const ledger = openLedger(await findRepository({ cwd: repo.dir }));
const scratch = await openScratch(ledger.repo);
const checkout = new Checkout(scratch, made.world, repo.git('rev-parse', 'main^{tree}'));
const judge = new Judge({ ...made, checkout, oids });

const tasks = [...new Set(made.commits.map(({ task }) => task).filter((task) => task !== null))];
const asked = chosen(tasks, values);
const table = new Table(values.show, asked.length);
const waiting = [...asked];
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
await scratch.close();
ledger.close();
if (values.in === undefined) removeFolder(root);

const { gone, alone, entangled } = shapeOf(made);
const share = (part) => `${(100 * part).toFixed(0)} %`;
console.log(
  `${asked.length} transactions of ${tasks.length}; ${values.commits} commits, ${values.files} files, seed ${values.seed}; ` +
    `of their lines ${share(gone)} are gone, ${share(alone)} alone, ${share(entangled)} entangled`,
);
const { plain, five, twenty, exact } = distancesOf(made);
console.log(
  `by their lines ${share(plain)} of all could go alone, ${share(five)} with up to 5 later commits, ${share(twenty)} with up to 20; ` +
    `of ${share(exact)} nobody wrote where they are`,
);
table.print();
console.log(`in all ${((performance.now() - begin) / 1000).toFixed(0)} s`);

/** One transaction after another, until none is waiting. */
async function work() {
  for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
    const own = made.commits.flatMap((commit, number) => (commit.task === task ? [number] : []));
    const { ways, ms, why } = await (values['git-only'] ? gitAlone : everyWay)({
      ledger,
      scratch,
      txn: txnOf(task),
      own: own.map((number) => oids[number]),
      flags: { verify: (tree) => checkout.builds(tree), complaints: (tree) => checkout.said(tree) },
    });
    const judged = [];
    for (const way of ways) judged.push({ ...way, ...(await judge.of(own, way)) });
    table.add({ task, commits: own.length, txn: txnOf(task), ms, why, ways: judged });
  }
}

/** Evenly from the whole history. */
function chosen(all, { only, task }) {
  if (task !== undefined) return all.filter((one) => task.split(',').includes(String(one)));
  const every = Math.max(1, all.length / Number(only));
  return Array.from({ length: Math.min(all.length, Number(only)) }, (_, i) => all[Math.floor(i * every)]);
}
