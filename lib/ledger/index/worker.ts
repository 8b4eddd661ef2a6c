import { parentPort, workerData } from 'node:worker_threads';
import { type GatherTask, gatherer } from './gathered.ts';
import type { Batch, GatheredBatch } from './gathering.ts';

// What a thread of its own runs: it gathers what the lines of each batch tell that it is sent.
const gather = gatherer(workerData as GatherTask);

parentPort?.on('message', ({ number, memory, length }: Batch) => {
  const { paths, firsts, rows, strings } = gather(Buffer.from(memory, 0, length));
  const told: GatheredBatch = { number, paths, firsts, rows: rows.bytes, strings: strings.all };
  parentPort?.postMessage(told, []);
});
