import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  entireCheckpoints,
  entireSession,
  sessionMark,
  trailerSession,
} from '../../../lib/identity/agents/sessions.ts';

const UUID = '5f0e8b9a-1111-4222-8333-444455556666';

describe('trailerSession', () => {
  it.each([
    ['Gitvow-Session: 2026-01-02-x', 'gitvow', '2026-01-02-x', null],
    [
      'Claude-Session: https://claude.ai/code/session_01AbC',
      'claude-session',
      'session_01AbC',
      'claude-code',
    ],
    [`Amp-Thread-ID: https://ampcode.com/threads/T-${UUID}`, 'amp-thread', `T-${UUID}`, 'amp'],
    [
      `Agent-Logs-Url: https://github.com/o/r/sessions/${UUID}`,
      'copilot-session',
      `o/r/sessions/${UUID}`,
      'copilot',
    ],
    ['Replit-Commit-Session-Id: abc-1', 'replit-session', 'abc-1', 'replit'],
    ['AI-Session: who-1', 'whogitit', 'who-1', null],
  ])('reads %s', (line, format, unit, agent) => {
    const expected = { format, unit, agent, model: null, sessionId: unit };
    expect(trailerSession(`Subject\n\nText.\n\n${line}\n`)).toEqual(expected);
    // As the body of a squash has it: behind a bullet, twice, in another case, with a return at the end.
    const [key = '', ...rest] = line.split(':');
    const squashed = `Subject (#1)\n\n* one\n\n  ${key.toUpperCase()}:${rest.join(':')}\r\n* ${line}\n\nMore text.\n`;
    expect(trailerSession(squashed)).toEqual(expected);
  });

  it.each([
    'Claude-Session: https://evil.example/code/session_1',
    'Claude-Session:',
    'Amp-Thread-ID: T-1',
    'We use Claude-Session: https://claude.ai/code/session_1 as a trailer',
    'Agent-Logs-Url: https://github.com/o/r/pull/1',
  ])('takes no notice of %s', (line) => {
    expect(trailerSession(`Subject\n\n${line}\n`)).toBeNull();
  });

  it('takes a squash of several sessions for what it is: none of them alone', () => {
    const one = 'Claude-Session: https://claude.ai/code/session_1';
    const two = 'Claude-Session: https://claude.ai/code/session_2';
    const mark = trailerSession(`Squash\n\n${two}\n${one}\n${two}`);
    expect(mark).toMatchObject({ unit: 'session_1 + session_2', sessionId: null });
    expect(trailerSession(`Squash\n\n${one}\n${two}`)).toEqual(mark);
  });
});

describe('entire', () => {
  it('is read from its session, and from checkpoints of both kinds, repeated or not', () => {
    expect(entireSession('S\n\nEntire-Session: 2026-01-02-abc\n')).toMatchObject({
      format: 'entire',
      unit: '2026-01-02-abc',
    });
    const message = `S\n\n* x\nEntire-Checkpoint: a3b2c4d5e6f7\n* y\n  Entire-Checkpoint: a3b2c4d5e6f7\nEntire-Checkpoint: 01JD2M0Y5V9Z8K7Q3C4N6T1RWE\n`;
    expect(entireCheckpoints(message)).toEqual(['a3b2c4d5e6f7', '01JD2M0Y5V9Z8K7Q3C4N6T1RWE']);
    expect(entireCheckpoints('Entire-Checkpoint: ../../secret\nEntire-Checkpoint: a3b2c4d5e6f7/..')).toEqual(
      [],
    );
  });
});

describe('sessionMark', () => {
  it('is a name a record can hold, whatever the ids are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 30 }), (ids) => {
        const mark = sessionMark('x', ids, { agent: null, model: null });
        if (mark === null) return;
        expect(mark.unit).toMatch(/^[^\u0000-\u001f]{1,500}$/u);
        expect(sessionMark('x', [...ids].reverse(), { agent: null, model: null })).toEqual(mark);
      }),
    );
  });
});
