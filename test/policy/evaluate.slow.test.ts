import { describe, expect, it } from 'vitest';
// As people get it: the thread's program is found from where the library lies.
import { evaluatePolicy } from '../../dist/index.js';
import { parsePolicy } from '../../lib/policy/rules/policy-file.ts';
import { changedFile, factsOf } from '../support/facts.ts';

const options = { stage: 'mr', waivers: [] } as const;

/** Minutes over ten thousand files, and nothing that is seen when it is loaded. */
const FOR_EVER = 'change.files.all(a, change.files.all(b, change.files.all(c, a.path + b.path != c.path)))';
/** More memory than there is. */
const TOO_MUCH =
  'change.files.map(a, change.files.map(b, change.files.map(c, a.path + b.path + c.path))).size() > 0';

function policyOf(...exprs: readonly string[]): ReturnType<typeof parsePolicy> {
  const rules = exprs.map((expr, at) => `  - id: r${at}\n    require: [{expr: '${expr}'}]\n`);
  return parsePolicy(`version: 1\nrules:\n${rules.join('')}`);
}

const manyFiles = factsOf({ files: Array.from({ length: 3000 }, (_, at) => changedFile(`src/${at}.ts`)) });

describe('a hostile policy', () => {
  it('with a hostile expression: that rule ends at its limit and denies, the rest get their results', async () => {
    const { verdict, results } = await evaluatePolicy(
      policyOf('true', FOR_EVER, 'change.by_agent'),
      manyFiles,
      {
        ...options,
        limits: { ruleMs: 2000 },
      },
    );
    expect(verdict).toBe('deny');
    expect(results.map(({ result }) => result)).toEqual(['pass', 'error', 'pass']);
    expect(results[1]?.message).toMatch(/could not be evaluated \(it took longer than 2000 ms\)/);
  });

  it('ends as a whole when its time is up: what is left denies', async () => {
    const { results } = await evaluatePolicy(policyOf('true', FOR_EVER, 'true'), manyFiles, {
      ...options,
      limits: { policyMs: 1000 },
    });
    expect(results.map(({ result }) => result)).toContain('error');
    expect(results[2]?.message).toMatch(/time for the whole policy was up/);
  });

  it('that eats memory takes its thread along, not the program', async () => {
    const { results } = await evaluatePolicy(policyOf(TOO_MUCH, 'true'), manyFiles, {
      ...options,
      limits: { memoryMb: 32, ruleMs: 20_000 },
    });
    expect(results.map(({ result }) => result)).toEqual(['error', 'pass']);
    expect(results[0]?.message).toMatch(/memory/);
  });
});
