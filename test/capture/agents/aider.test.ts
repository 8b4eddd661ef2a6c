import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aiderEvents, aiderTrailer, parseAiderHistory } from '../../../lib/capture/agents/aider.ts';
import { detectAgent } from '../../../lib/capture/agents/detect.ts';

const HISTORY = readFileSync(new URL('../../fixtures/aider/chat.history.md', import.meta.url), 'utf8');
const TRAILER = 'Co-authored-by: aider (claude-sonnet-4-5) <aider@aider.chat>';

describe("Aider's chat history", () => {
  it('tells the last launch: prompts, model, version, and what was answered last', () => {
    expect(parseAiderHistory(HISTORY)).toEqual({
      startedAt: '2026-09-02 10:30:00',
      version: '0.86.2',
      model: 'claude-sonnet-4-5',
      prompts: ['please add a greeting\nin two lines', '/ask is it there?'],
      said: 'Yes, the greeting is there.',
    });
  });

  it('is read when its beginning was cut off, and when it begins with its only launch', () => {
    expect(parseAiderHistory('# aider chat started at 2026-01-01 00:00:00\n#### hi\n')).toMatchObject({
      startedAt: '2026-01-01 00:00:00',
      prompts: ['hi'],
      said: null,
    });
    expect(parseAiderHistory('#### hi\n')).toBeNull();
    expect(parseAiderHistory('')).toBeNull();
  });

  it('gives events whose marks stay as the chat goes on', () => {
    const now = parseAiderHistory(HISTORY);
    const later = parseAiderHistory(`${HISTORY}\n#### more\n\nDone.\n`);
    if (now === null || later === null) throw new Error('no chat');
    const marks = (chat: typeof now): string[] => aiderEvents(chat, 1).map(({ mark }) => mark);
    expect(marks(later).slice(0, 3)).toEqual(marks(now).slice(0, 3));
    expect(marks(later)).toContain('aider-prompt-2');
  });

  it('never throws, whatever it holds', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '# aider chat started at ',
        '# aider chat started at x',
        '#### ',
        '#### /add',
        '> Model: ',
        '> Aider v1',
        '```',
      ),
    );
    fc.assert(fc.property(fc.array(line), (lines) => void parseAiderHistory(lines.join('\n'))));
  });
});

describe('a commit of Aider', () => {
  it('is told by its committer, not by an author a person may amend', () => {
    expect(detectAgent({ GIT_COMMITTER_NAME: 'Jane Doe (aider)' })).toMatchObject({ name: 'aider' });
    expect(detectAgent({ GIT_AUTHOR_NAME: 'Jane Doe (aider)' })).toBeNull();
    expect(detectAgent({ GIT_COMMITTER_NAME: 'Jane Doe (aider)', CLAUDECODE: '1' })).toMatchObject({
      name: 'claude-code',
    });
  });

  it.each([
    [TRAILER, { model: 'claude-sonnet-4-5' }],
    ['co-authored-by: aider <noreply@aider.dev>', { model: null }],
    ['Co-authored-by: Jane Doe <jane@example.com>', null],
    ['we use aider <aider@aider.chat>', null],
  ])('is told by its trailer: %s', (line, found) =>
    expect(aiderTrailer(`Subject\n\n${line}\n`)).toEqual(found),
  );
});
