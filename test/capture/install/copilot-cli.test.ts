import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../lib/capture/doctor/finding.ts';
import { copilotCliHooks } from '../../../lib/capture/install/agents/copilot-cli.ts';
import type { HookPlace, HookScope } from '../../../lib/capture/install/agents/hooks.ts';

let folder: string;
let place: HookPlace;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'agent-log-')));
  place = { scope: 'local', top: join(folder, 'repo'), home: join(folder, 'home'), env: {} };
  await mkdir(join(folder, 'home', '.copilot'), { recursive: true });
  await mkdir(place.top);
});
afterEach(() => rm(folder, { recursive: true }));

const settings = (name: string, text: string): Promise<void> =>
  writeFile(join(place.home, '.copilot', name), text);
const examine = (scope: HookScope = 'local'): Promise<readonly Finding[]> =>
  copilotCliHooks.examine?.({ ...place, scope }, []) ?? Promise.resolve([]);

describe("Copilot's hooks file", () => {
  it.each<[HookScope, string]>([
    ['local', 'repo/.github/hooks/agent-log.local.json'],
    ['shared', 'repo/.github/hooks/agent-log.json'],
    ['user', 'home/.copilot/hooks/agent-log.json'],
  ])('%s is one of our own: %s', (scope, path) => {
    const [file] = copilotCliHooks.files({ ...place, scope });
    expect(file?.path).toBe(join(folder, path));
    const text = file?.withHooks(null, '/repo/.git/agent-log/bin/spool') ?? '';
    expect(JSON.parse(text)).toMatchObject({ version: 1, hooks: { preToolUse: [{ type: 'command' }] } });
    expect(text).toContain(scope === 'local' ? 'copilot-cli look' : `copilot-cli.${scope} look`);
    expect(file?.missing(text)).toEqual([]);
    expect(file?.withoutHooks(text)).toBeNull();
  });
});

describe('the trust Copilot asks for', () => {
  it('is the folder, or one above it, in either of its files', async () => {
    expect(await examine()).toMatchObject([
      { state: 'warn', says: expect.stringContaining('without a word') },
    ]);
    await settings('config.json', `// managed\n{ "trustedFolders": [${JSON.stringify(place.top)}] }\n`);
    expect(await examine()).toMatchObject([{ state: 'ok' }]);
    await settings('config.json', '{}');
    await settings('settings.json', JSON.stringify({ trustedFolders: [folder] }));
    expect(await examine()).toMatchObject([{ state: 'ok' }]);
    await settings('settings.json', JSON.stringify({ trustedFolders: [join(folder, 'rep'), 7] }));
    expect(await examine()).toMatchObject([{ state: 'warn' }]);
  });

  it('is not needed for hooks in the home', async () => {
    expect(await examine('user')).toEqual([]);
  });

  it('is no use when hooks are switched off', async () => {
    await settings('settings.json', JSON.stringify({ disableAllHooks: true, trustedFolders: [place.top] }));
    for (const scope of ['local', 'user'] as const)
      expect(await examine(scope)).toMatchObject([{ state: 'bad' }]);
  });
});
