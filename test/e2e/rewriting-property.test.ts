import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { cleanUp, holds, prepare, type Sequence, sequence } from '../support/rewriting/sequence.ts';

beforeAll(prepare);
afterAll(cleanUp);

/** Two at a time, each mostly waiting for git. */
const SEEDS = [612_008, 612_009];
/** Of each seed. */
const RUNS = Number(process.env['AGENT_LOG_RUNS'] ?? 250);

const SAME_LINE = [{ file: 0, line: 0 }];
const SIDE = [{ by: 'person', edits: SAME_LINE }] as const;
const TURNED = {
  do: 'rebase',
  onto: null,
  commands: ['pick', 'pick', 'pick', 'pick', 'pick'],
  first: 1,
  message: 'kept',
  conflict: 'resolve',
} as const;

/** What random sequences found, made small. */
const FOUND: Readonly<Record<string, Sequence>> = {
  'turned round twice, each conflict resolved by a person': {
    history: {
      base: [
        { by: 0, edits: SAME_LINE },
        { by: 0, edits: SAME_LINE },
      ],
      side: SIDE,
    },
    operations: [TURNED, TURNED],
  },
  'reset over a person’s commit and an agent’s, and committed again as one': {
    history: {
      base: [
        { by: 'person', edits: SAME_LINE },
        { by: 0, edits: SAME_LINE },
      ],
      side: SIDE,
    },
    operations: [{ do: 'recommit', depth: 2, message: 'kept', stashed: false }],
  },
  'stopped at a commit, then joined into one above it with its message': {
    history: {
      base: [
        { by: 0, edits: SAME_LINE },
        { by: 0, edits: SAME_LINE },
      ],
      side: SIDE,
    },
    operations: [
      { ...TURNED, commands: ['pick', 'edit', 'pick', 'pick', 'pick'], first: 0 },
      { ...TURNED, commands: ['fixup -C', 'pick', 'pick', 'pick', 'pick'], message: 'anew' },
    ],
  },
  'stopped at a commit whose trailers were gone, and a fixup of what was put on top': {
    history: {
      base: [
        { by: 0, edits: SAME_LINE },
        { by: 'person', edits: [{ file: 0, line: 6 }] },
        { by: 0, edits: [{ file: 1, line: 11 }] },
        { by: 'person', edits: [{ file: 0, line: 3 }] },
      ],
      side: SIDE,
    },
    operations: [
      { do: 'restack', depth: 2, message: 'anew' },
      { do: 'relink' },
      { ...TURNED, commands: ['fixup -C', 'squash', 'edit', 'pick', 'squash'], message: 'anew' },
    ],
  },
  'a fixup that met a conflict with what the rebase began on': {
    history: {
      base: [
        { by: 0, edits: [{ file: 0, line: 0 }] },
        { by: 0, edits: [{ file: 1, line: 2 }] },
        { by: 0, edits: [{ file: 1, line: 2 }] },
        { by: 1, edits: [{ file: 0, line: 0 }] },
      ],
      side: [{ by: 'person', edits: [{ file: 0, line: 0 }] }],
    },
    operations: [
      {
        ...TURNED,
        onto: 'side',
        commands: ['fixup', 'fixup -C', 'pick', 'pick', 'drop'],
        first: 3,
        message: 'anew',
        conflict: 'skip',
      },
    ],
  },
};

describe('whatever is done to history, every commit resolves to the records whose work it holds, and to no others', () => {
  it.each(Object.entries(FOUND))('%s', (_, one) => holds(one));

  it.concurrent.each(SEEDS)(`seed %i, ${RUNS} sequences`, { timeout: 1_800_000 }, (seed) =>
    fc.assert(fc.asyncProperty(sequence, holds), { seed, numRuns: RUNS }),
  );
});
