import { describe, expect, it } from 'vitest';
import { AgentLogError, exitCodeOf, messageOf } from '../../lib/core/errors.ts';

describe('exitCodeOf', () => {
  it.each([
    ['answer', 1],
    ['usage', 2],
    ['integrity', 3],
    ['system', 128],
    ['bug', 255],
  ] as const)('%s is %i', (kind, code) => {
    expect(exitCodeOf(new AgentLogError('NOT_FOUND', kind, 'x'))).toBe(code);
  });

  it('takes anything else for a bug of ours', () => {
    for (const thrown of [new Error('x'), 'text', null, undefined]) expect(exitCodeOf(thrown)).toBe(255);
  });
});

describe('AgentLogError', () => {
  it('has a cause only when it was given one', () => {
    expect('cause' in new AgentLogError('NOT_FOUND', 'answer', 'x')).toBe(false);
    expect(new AgentLogError('NOT_FOUND', 'answer', 'x', { cause: 7 }).cause).toBe(7);
    expect(messageOf('text')).toBe('text');
  });
});
