import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentLogError } from '../../../lib/core/errors.ts';
import { parseRepositoryList } from '../../../lib/revert/saga/list.ts';

describe('a list of repositories', () => {
  it('is one path a line, each called by its last part', () => {
    expect(
      parseRepositoryList('# what others build on first\n../library\n\n  /srv/git/service.git/  \n'),
    ).toEqual([
      { path: '../library', name: 'library' },
      { path: '/srv/git/service.git/', name: 'service' },
    ]);
  });

  it('is JSON where branches and remotes are named', () => {
    const listed = { path: 'a', name: 'b', branch: 'release/1.0', remote: 'origin' };
    const text = JSON.stringify({ schema: 'agent-log/repos/v1', repositories: [listed] });
    expect(parseRepositoryList(text)).toEqual([listed]);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"schema"'],
    ['another document', '{"schema":"agent-log/plan/v1","repositories":[{"path":"a"}]}'],
    ['two of one name', 'a/library\nb/library\n'],
    ['a name that is none', '..\n'],
    ['a path with a control character', 'a\u0000b\n'],
    ['too many', Array.from({ length: 101 }, (_, i) => `r${i}`).join('\n')],
  ])('is refused with a hint: %s', (_, text) => {
    expect(() => parseRepositoryList(text)).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', kind: 'usage', hints: [expect.any(String)] }) as Error,
    );
  });

  it('is never anything but a list or refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          for (const { name, remote = 'x' } of parseRepositoryList(text))
            expect([name, remote]).not.toContainEqual(expect.stringMatching(/^-|[\u0000-\u001f:]/));
        } catch (error) {
          expect(error).toBeInstanceOf(AgentLogError);
        }
      }),
    );
  });
});
