import { describe, expect, it } from 'vitest';
import { replayAll } from '../../lib/cli/commands/replay-again.ts';
import type { Outcome } from '../../lib/replay/outcome.ts';

function verified(commit: string): Outcome {
  return {
    commit,
    subject: null,
    txn: null,
    record: null,
    classes: [],
    verdict: 'identical',
    binding: 'exact',
    sealed: true,
    coverage: { callsTotal: 0, executed: 0, stubbed: 0, skipped: 0 },
    differences: [],
    missing: [],
    problems: [],
  };
}

describe('a range that is tried again', () => {
  const breaks = (outcome: Outcome): Promise<Outcome> =>
    outcome.commit === 'b' ? Promise.reject(new Error('the disk is full')) : Promise.resolve(outcome);
  const silent = { say: () => undefined };

  it('goes on after a commit that came to an error, and says that nothing was shown of it', async () => {
    const said: string[] = [];
    const io = { say: (text: string) => void said.push(text) };
    const outcomes = await replayAll(io, ['a', 'b', 'c'].map(verified), { replay: breaks }, silent);
    expect(outcomes.map(({ verdict, problems }) => [verdict, problems])).toEqual([
      ['identical', []],
      ['inconclusive', ['try-broke']],
      ['identical', []],
    ]);
    expect(said.join('')).toContain('the disk is full');
  });

  it('of one commit ends with the error itself', async () => {
    await expect(replayAll(silent, [verified('b')], { replay: breaks }, silent)).rejects.toThrow('disk');
  });
});
