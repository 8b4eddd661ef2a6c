import { describe, expect, it } from 'vitest';
import { AgentLogError } from '../../../lib/core/errors.ts';
import { parseProposal, proposedChanges } from '../../../lib/identity/recipients/proposal.ts';
import { payloadSettings } from '../../../lib/identity/recipients/settings.ts';

const AGE = 'age1d35qpj6a49cqfh8lsex426d5kdh0ds38gxwlv8m74996wch4kejqavzq4z';

function of(text: string): ReturnType<typeof parseProposal> {
  return parseProposal(Buffer.from(text));
}

describe('what a tree proposes', () => {
  it('is level, recipients and remotes, named by the digest of the file', () => {
    expect(of(`level: full\nrecipients: [${AGE}]\n`)).toEqual({
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      level: 'full',
      recipients: [AGE],
      payloadRemotes: null,
    });
  });

  it('is said as what pinning would change', () => {
    const settings = payloadSettings([{ scope: 'local', key: 'recipient', value: 'age1old' }]);
    expect(proposedChanges(of(`level: full\nrecipients: [${AGE}]\n`), settings)).toEqual([
      'level full instead of task',
      `add recipient ${AGE}`,
      'remove recipient age1old',
    ]);
    expect(proposedChanges(of('level: task\n'), settings)).toEqual([]);
  });

  it('a proposal can not name what runs a program, where keys are kept, or private keys', () => {
    for (const key of ['keyStore', 'identity', 'runner', '__proto__', 'constructor'])
      expect(() => of(`${key}: "command:/bin/sh"\n`), key).toThrow(AgentLogError);
  });

  it('a bomb of aliases, a list too long, a text with control characters: is refused', () => {
    expect(() => of('a: &a [1]\nrecipients: [*a, *a]\n')).toThrow(AgentLogError);
    expect(() => of(`payloadRemotes: [${'x,'.repeat(200)}x]\n`)).toThrow(AgentLogError);
    expect(() => of('payloadRemotes: ["a\\u001b[2J"]\n')).toThrow(AgentLogError);
    expect(() => of(`# ${'x'.repeat(17_000)}\n`)).toThrow(AgentLogError);
    expect(() => of('x'.repeat(70_000))).toThrow(AgentLogError);
    expect(() => of('recipients: [age1short]\n')).toThrow(AgentLogError);
  });

  it('a text that a library would be at for minutes is refused at once', () => {
    const texts = ['{"level\n', '[\n', '- ', '? ', ' ?'].map((part) => part.repeat(16_000 / part.length));
    const before = performance.now();
    for (const text of texts) expect(() => of(text), text.slice(0, 8)).toThrow('nested too deeply');
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});
