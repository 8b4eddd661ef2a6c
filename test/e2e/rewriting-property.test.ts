import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { cleanUp, holds, prepare, sequence } from '../support/rewriting/sequence.ts';

beforeAll(prepare);
afterAll(cleanUp);

/** Half of the sequences CI runs: the halves run side by side. */
const RUNS = Number(process.env['AGENT_LOG_RUNS'] ?? 250);

describe('whatever is done to history, every commit resolves to the records whose work it holds, and to no others', () => {
  it.concurrent.each([612_008, 612_009])('seed %i', { timeout: 1_800_000 }, (seed) =>
    fc.assert(fc.asyncProperty(sequence, holds), { seed, numRuns: RUNS }),
  );
});
