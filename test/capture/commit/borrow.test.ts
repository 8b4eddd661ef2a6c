import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { borrowSession } from '../../../lib/capture/commit/borrow.ts';
import { placeAt, placeOf, sessionKey } from '../../../lib/capture/place.ts';
import { newSession } from '../../../lib/capture/session/session.ts';
import { loadSession, saveSession } from '../../../lib/capture/session/session-store.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { repoForTest } from '../../support/recorded.ts';

const KEY = sessionKey('claude-code', 's');
const text = { digest: `hmac-sha256:${'a'.repeat(64)}`, size: 1 };
const prompt = { ...text, id: 'p', at: '2026-11-22T12:00:00.000Z', byUser: true, seq: 1 };

it('shows another repository what concerns it: no path, commit or look of the session’s own one', async () => {
  const repo = await repoForTest();
  const repository = await findRepository({ cwd: repo.dir });
  const home = placeAt(join(repo.home, 'clone/.git/agent-log'));
  await mkdir(home.dir, { recursive: true, mode: 0o700 });
  const registry = join(repo.home, '.local/state/git-agent-log/sessions');
  await mkdir(registry, { recursive: true, mode: 0o700 });
  await writeFile(join(registry, 'claude-code.s'), `${home.dir}\n`, { mode: 0o600 });

  const there = newSession(KEY, 'claude-code', 's');
  const base = { commit: 'c'.repeat(40), branch: 'main', dirtyPaths: ['secret.txt'], dirtyCount: 1 };
  there.base = base;
  there.currentPrompt = { ...prompt, base };
  there.prompts = [there.currentPrompt];
  there.folded = ['1@1'];
  there.home = { top: '/elsewhere', branch: 'topic' };
  const done = { name: 'Write', status: 'ok', args: null, result: null, endedAt: prompt.at } as const;
  there.calls = [
    { id: 'c1', ...done, files: [{ path: 'secret.txt', blob: null }] },
    { id: 'c2', ...done },
  ];
  there.writes = new Map([['secret.txt', [{ by: 'agent', blob: 'x' }]]]);
  there.elsewhere = new Map([
    [repo.path('here.txt'), [{ by: 'agent', blob: 'y' }]],
    ['/third/secret.txt', [{ by: 'agent', blob: 'z' }]],
  ]);
  there.context = [
    { kind: 'file', uri: 'secret.txt' },
    { kind: 'url', uri: 'https://example.com/' },
  ];
  there.usage = new Map([
    ['m1', { inputTokens: 1, outputTokens: 1 }],
    ['m2', { inputTokens: 2, outputTokens: 2 }],
  ]);
  await saveSession(home, there);

  const own = { ...newSession(KEY, 'claude-code', 's'), taken: ['c2'], recordedUsage: ['m1'] };
  const env = { HOME: repo.home };
  const agent = { name: 'claude-code', sessionId: 's', version: null };
  const context = { repo: repository, place: placeOf(repository), env, config: new Map() };
  const borrowed = await borrowSession(context, agent, own);
  expect(JSON.stringify([...(borrowed?.session.writes ?? [])])).toContain('here.txt');
  expect(borrowed?.session).toMatchObject({
    isBorrowed: true,
    base: null,
    prompts: [{ id: 'p', base: null }],
  });
  expect(borrowed?.session.calls.map(({ id }) => id)).toEqual(['c1']);
  expect([...(borrowed?.session.usage.keys() ?? [])]).toEqual(['m2']);
  expect(borrowed?.session.context).toEqual([{ kind: 'url', uri: 'https://example.com/' }]);
  expect(borrowed?.stands).toMatchObject({ top: '/elsewhere', branch: 'topic' });
  const { home: _home, ...seen } = borrowed?.session ?? own;
  expect(JSON.stringify({ ...seen, writes: [...(borrowed?.session.writes.keys() ?? [])] })).not.toContain(
    'secret',
  );
  expect(await loadSession(home, KEY)).toEqual(there);
});
