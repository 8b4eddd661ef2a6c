import { describe, expect, it } from 'vitest';
import { AgentLogError } from '../lib/core/errors.ts';

interface Target {
  readonly name: string;
  readonly seeds: () => Promise<Buffer[]>;
  readonly run: (input: Buffer) => unknown;
}

const { allTargets, regressionsOf } = (await import(
  new URL('./fuzz/targets/index.mjs', import.meta.url).href
)) as {
  allTargets: () => Promise<Target[]>;
  regressionsOf: (name: string) => Promise<Buffer[]>;
};
const targets = await allTargets();

describe('what reads what others wrote', () => {
  it.each(targets.map((target) => [target.name, target] as const))(
    '%s takes what it is made for, and what once broke it',
    async (name, { seeds, run }) => {
      const inputs = [...(await seeds()), ...(await regressionsOf(name)), Buffer.from('')];
      expect(inputs.length, 'seeds').toBeGreaterThan(1);
      for (const input of inputs) await withoutOurs(async () => run(input));
    },
  );

  it('is a target each, once', () => {
    const names = targets.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of [
      'adapter:claude-code',
      'transcript:claude-code',
      'settings:cursor',
      'core:record-line',
    ])
      expect(names).toContain(name);
  });
});

/** The project's own error is an answer. It is of the program's own modules, not of those this test loads. */
async function withoutOurs(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== AgentLogError.name) throw error;
  }
}
