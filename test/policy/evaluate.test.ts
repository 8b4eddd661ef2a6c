import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { evaluatePolicy } from '../../lib/policy/evaluate.ts';
import { parsePolicy } from '../../lib/policy/rules/policy-file.ts';
import { STARTER_POLICY } from '../../lib/policy/rules/starter.ts';
import { factsOf } from '../support/facts.ts';

/** What the built program starts. */
const program = new URL('../../dist/bundle/policy-thread.cjs', import.meta.url);
const options = { stage: 'mr', waivers: [], program } as const;

describe('a policy', () => {
  it('is evaluated in a thread', async () => {
    const policy = parsePolicy(STARTER_POLICY);
    const { verdict, results } = await evaluatePolicy(policy, factsOf({ approvals: [] }), options);
    expect(verdict).toBe('deny');
    expect(results.filter(({ denies }) => denies).map(({ rule }) => rule)).toEqual(['agent.dependencies']);
    const asked = results.flatMap(({ clauses }) => clauses).filter(({ result }) => result !== 'pass');
    expect(asked.map(({ id, result }) => [id, result])).toEqual([['owner', 'fail']]);
  });

  it('whose thread can not start is no answer at all', async () => {
    const missing = pathToFileURL(`${fileURLToPath(program)}.gone`);
    const asked = evaluatePolicy(parsePolicy(STARTER_POLICY), factsOf(), { ...options, program: missing });
    await expect(asked).rejects.toMatchObject({ code: 'IO_FAILED', kind: 'system' });
  });
});
