import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Place, placeOf, sessionKey } from '../../../lib/capture/place.ts';
import { sessionOfRunningSubagent } from '../../../lib/capture/session/running.ts';
import { newSession, type OpenCall } from '../../../lib/capture/session/session.ts';
import { saveSession } from '../../../lib/capture/session/session-store.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { repoForTest } from '../../support/recorded.ts';

const call = (fields: Partial<OpenCall>): OpenCall => ({
  name: 'bash',
  args: { digest: '', size: 0 },
  startedAt: new Date().toISOString(),
  before: new Map(),
  ...fields,
});

async function session(place: Place, id: string, open: OpenCall, agent = 'copilot-cli'): Promise<void> {
  const state = newSession(sessionKey(agent, id), agent, id);
  state.open.set('c', open);
  await mkdir(join(place.sessions, state.key), { recursive: true });
  await saveSession(place, state);
}

it("finds the one session in which a sub-agent's command is running, and guesses at none", async () => {
  const repo = await repoForTest();
  const place = placeOf(await findRepository({ cwd: repo.dir }));
  const found = async (agent = 'copilot-cli', now = Date.now()): Promise<string | undefined> =>
    (await sessionOfRunningSubagent(place, agent, now))?.sessionId;
  expect(await found()).toBeUndefined();
  await session(place, 'main loop', call({}));
  const { before: _, ...noShell } = call({ agentId: 'child' });
  await session(place, 'no command', noShell);
  await session(place, 'another agent', call({ agentId: 'child' }), 'codex');
  expect(await found()).toBeUndefined();
  await session(place, 'this one', call({ agentId: 'child' }));
  expect(await found()).toBe('this one');
  expect(await found('codex')).toBeUndefined();
  expect(await found('copilot-cli', Date.now() + 2 * 60 * 60 * 1000)).toBeUndefined();
  await session(place, 'that one', call({ agentId: 'child' }));
  expect(await found()).toBeUndefined();
});
