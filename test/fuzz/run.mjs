// Coverage-guided fuzzing of everything that reads what others wrote.
// node test/fuzz/run.mjs [--target NAME[,NAME]] [--seconds N for all targets together] [--seed S] [--replay FILE] [--found FOLDER] [--heap MB] [--list]
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runTarget } from './target-run.mjs';
import { allTargets } from './targets/index.mjs';

const { values: flags } = parseArgs({
  options: {
    target: { type: 'string', default: '' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    replay: { type: 'string', default: '' },
    found: { type: 'string', default: fileURLToPath(new URL('found/', import.meta.url)) },
    // Reading what V8 covered takes some hundred megabytes itself; what a target keeps is held to its growth.
    heap: { type: 'string', default: '2048' },
    list: { type: 'boolean', default: false },
  },
});
const wanted = flags.target.split(',').filter(Boolean);
const names = (await allTargets()).map(({ name }) => name);
const targets = wanted.length === 0 ? names : wanted;
const seed = Number(flags.seed);

if (flags.list) console.log(names.join('\n'));
else if (flags.replay !== '') await replay(targets, await readFile(flags.replay));
else await fuzz(targets, Number(flags.seconds) / targets.length);

async function fuzz(all, seconds) {
  console.log(`seed ${seed}, ${seconds.toFixed(1)} s for each of ${all.length} targets\n`);
  let bad = 0;
  for (const name of all) {
    const { problems, count, corpus, seeds, blocks, heapGrowth } = await runTarget({
      name,
      seed,
      seconds,
      heapMb: Number(flags.heap),
    });
    const grown = `${Math.round((heapGrowth ?? 0) / 1024 / 1024)} MB`;
    console.log(
      `${name.padEnd(34)} ${String(count).padStart(8)} inputs, ${corpus ?? '?'} of them kept (${seeds ?? '?'} given), ${blocks ?? '?'} blocks, heap +${grown}${problems.length > 0 ? `, ${problems.length} BAD` : ''}`,
    );
    for (const problem of problems) console.log(await keep(name, problem));
    bad += problems.length;
  }
  if (bad > 0) process.exitCode = 1;
}

async function replay(all, input) {
  for (const name of all) {
    const { problems } = await runTarget({
      name,
      seed,
      seconds: 0,
      inputs: [input],
      heapMb: Number(flags.heap),
    });
    console.log(
      `${name}: ${problems.length === 0 ? 'fine' : problems.map(({ kind, stack }) => `${kind} ${stack}`).join('\n')}`,
    );
    if (problems.length > 0) process.exitCode = 1;
  }
}

/** Writes an input down, and says how to have it again. */
async function keep(name, { kind, input, stack }) {
  await mkdir(flags.found, { recursive: true });
  const hash = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const file = join(flags.found, `${name.replaceAll(/[^\w-]/g, '_')}-${kind}-${hash}`);
  await writeFile(file, input);
  const again = `node test/fuzz/run.mjs --target ${name} --replay ${relative(process.cwd(), file)}`;
  const lines = String(stack)
    .split('\n')
    .slice(0, 6)
    .map((line) => line.slice(0, 160));
  return `  ${kind}: ${lines.join('\n    ')}\n  again: ${again}`;
}
