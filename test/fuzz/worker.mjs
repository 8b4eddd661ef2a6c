// Runs one target, in a thread its parent can end: the input in work is in shared memory, so that one that never comes
// back can be told all the same.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { newCoverage } from './coverage.mjs';
import { newMutator } from './mutate.mjs';
import { randomFrom } from './random.mjs';
import { findTarget, regressionsOf } from './targets/index.mjs';

const { name, seed, seconds, inputs, shared } = workerData;
const state = new Int32Array(shared, 0, 4);
const bytes = new Uint8Array(shared, 16);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const target = await findTarget(name);
if (target === undefined) throw new Error(`no target is called ${name}; --list names them`);
const heapNow = () => {
  collect();
  return process.memoryUsage().heapUsed;
};

/** Null, or what went wrong: anything thrown but the project's own error. */
async function attempt(input) {
  bytes.set(input.subarray(0, bytes.length));
  Atomics.store(state, 1, Math.min(input.length, bytes.length));
  Atomics.store(state, 2, 1);
  Atomics.add(state, 0, 1);
  try {
    await target.run(input);
    return null;
  } catch (error) {
    return error?.name === 'AgentLogError' ? null : error;
  } finally {
    Atomics.store(state, 2, 0);
  }
}

function report(kind, input, error) {
  const stack = String(error?.stack ?? error).slice(0, 4000);
  parentPort.postMessage({ kind, input: Buffer.from(input).toString('base64'), stack });
}

if (inputs !== null) {
  for (const input of inputs) {
    const error = await attempt(Buffer.from(input, 'base64'));
    if (error !== null) report('crash', Buffer.from(input, 'base64'), error);
  }
  parentPort.postMessage({ kind: 'done', count: inputs.length });
} else await fuzz();

async function fuzz() {
  const random = randomFrom(seed);
  const corpus = [Buffer.from(''), ...(await target.seeds()), ...(await regressionsOf(name))];
  const mutator = newMutator(random, seed);
  mutator.learn(corpus);
  const coverage = newCoverage();
  const start = performance.now();
  const crashes = new Set();
  let count = 0;
  const tryOut = async (input) => {
    count++;
    const error = await attempt(input);
    const where = String(error?.stack ?? error)
      .split('\n')
      .slice(0, 3)
      .join(' ')
      .replaceAll(/\d+/g, '');
    if (error === null || crashes.has(where)) return;
    crashes.add(where);
    report('crash', input, error);
  };
  for (const input of corpus) await tryOut(input);
  coverage.keep(coverage.fresh());
  const heapBefore = heapNow();
  const seeds = corpus.length;
  let batch = 8;
  while (performance.now() - start < seconds * 1000 && crashes.size < 5) {
    const tried = Array.from({ length: batch }, () => mutator.mutate(corpus));
    for (const input of tried) await tryOut(input);
    const found = coverage.fresh();
    if (found.length === 0) {
      // The longer nothing new is found, the less it is looked for: looking costs as much as dozens of inputs.
      batch = Math.min(256, batch * 2);
      continue;
    }
    batch = 8;
    for (const input of tried) {
      await tryOut(input);
      const reached = coverage.fresh();
      if (reached.length > 0 && corpus.length < 2000) corpus.push(input);
      coverage.keep(reached);
    }
    coverage.keep(found);
  }
  parentPort.postMessage({
    kind: 'done',
    count,
    seeds,
    corpus: corpus.length,
    blocks: coverage.size(),
    heapGrowth: heapNow() - heapBefore,
  });
}
