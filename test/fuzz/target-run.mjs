import { Worker } from 'node:worker_threads';

/** No input may compute longer; one that computes nothing may not keep us waiting longer than the second. */
const LIMIT_MS = 1000;
const LIMIT_IDLE_MS = 15_000;
const SHARED_BYTES = 16 + 512 * 1024;
const MAX_HEAP_GROWTH = 96 * 1024 * 1024;

/**
 * Runs one target in threads of its own until its time is over. A thread that hangs or runs out of memory is ended, the
 * input it was at is a problem, and the next thread goes on with another seed.
 */
export async function runTarget({ name, seed, seconds, heapMb, inputs = null }) {
  const problems = [];
  const end = performance.now() + seconds * 1000;
  let sum = { count: 0 };
  for (let round = 0; ; round++) {
    const left = Math.max(0, (end - performance.now()) / 1000);
    const outcome = await runThread({ name, seed: seed + round, seconds: left, inputs, heapMb });
    problems.push(...outcome.problems);
    sum = { ...sum, ...outcome.done, count: sum.count + (outcome.done?.count ?? outcome.ran) };
    if (outcome.done !== null) break;
    const suspect = outcome.suspect;
    if (suspect !== null && (inputs !== null || (await isConfirmed(name, suspect, heapMb))))
      problems.push(suspect);
    if (inputs !== null || problems.length >= 5 || performance.now() > end) break;
  }
  if ((sum.heapGrowth ?? 0) > MAX_HEAP_GROWTH)
    problems.push({
      kind: 'growth',
      input: Buffer.alloc(0),
      stack: `the heap grew by ${sum.heapGrowth} bytes`,
    });
  return { ...sum, problems };
}

/** A busy machine makes anything late: an input is slow when it is slow each time, alone. */
async function isConfirmed(name, { kind, input }, heapMb) {
  if (kind !== 'hang') return true;
  for (let i = 0; i < 2; i++) {
    const { suspect } = await runThread({ name, seed: 0, seconds: 0, inputs: [input], heapMb });
    if (suspect === null) return false;
  }
  return true;
}

function runThread({ name, seed, seconds, inputs, heapMb }) {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const state = new Int32Array(shared, 0, 4);
  const problems = [];
  const worker = new Worker(new URL('worker.mjs', import.meta.url), {
    workerData: {
      name,
      seed,
      seconds,
      shared,
      inputs: inputs?.map((input) => input.toString('base64')) ?? null,
    },
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  const inWork = () => Buffer.from(new Uint8Array(shared, 16, Atomics.load(state, 1)));
  return new Promise((resolve) => {
    let done = null;
    let suspect = null;
    let last = { count: -1, since: 0, spent: 0 };
    const timer = setInterval(() => {
      const count = Atomics.load(state, 0);
      const now = performance.now();
      // The processor's time, not the clock's: on a busy machine anything is late.
      const spent = process.cpuUsage().user / 1000;
      if (count !== last.count || Atomics.load(state, 2) === 0) last = { count, since: now, spent };
      else if ((spent - last.spent > LIMIT_MS || now - last.since > LIMIT_IDLE_MS) && suspect === null) {
        suspect = { kind: 'hang', input: inWork(), stack: `over ${LIMIT_MS} ms` };
        void worker.terminate();
      }
    }, 100);
    worker.on('message', (message) => {
      if (message.kind === 'done') done = message;
      else problems.push({ ...message, input: Buffer.from(message.input, 'base64') });
    });
    worker.once('error', (error) => {
      suspect ??= {
        kind: error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crash',
        input: inWork(),
        stack: error.stack,
      };
    });
    worker.once('exit', () => {
      clearInterval(timer);
      resolve({ done, problems, suspect, ran: Atomics.load(state, 0) });
    });
  });
}
