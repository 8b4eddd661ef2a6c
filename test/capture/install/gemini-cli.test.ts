import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { geminiCliHooks } from '../../../lib/capture/install/agents/gemini-cli.ts';
import type { HookPlace } from '../../../lib/capture/install/agents/hooks.ts';
import { listing } from '../../support/listing.ts';
import { repoForTest } from '../../support/recorded.ts';

const SETTINGS = '.gemini/settings.json';
const place = (more: Partial<HookPlace> = {}): HookPlace => ({
  scope: 'local',
  top: '/repo',
  home: '/home/user',
  env: {},
  ...more,
});
const file = (more: Partial<HookPlace> = {}) => {
  const [only] = geminiCliHooks.files(place(more));
  if (only === undefined) throw new Error('no file');
  return only;
};

describe("Gemini CLI's settings", () => {
  it('lie in the repository or in the home, and name no path of this machine', () => {
    expect(file().path).toBe('/repo/.gemini/settings.json');
    expect(file({ scope: 'user' }).path).toBe('/home/user/.gemini/settings.json');
    const text = file().withHooks(null, '/abs/.git/agent-log/bin/spool');
    expect(text).not.toContain('/abs');
    expect(text).toContain('git rev-parse --git-common-dir');
  });

  it('get a look at the worktree around shell calls alone, and milliseconds', () => {
    const { hooks } = JSON.parse(file().withHooks(null, null)) as {
      hooks: Record<string, { matcher?: string; hooks: { command: string; timeout: number }[] }[]>;
    };
    const looks = (hooks['AfterTool'] ?? []).map(({ matcher, hooks: [hook] }) => [
      ['run_shell_command', 'write_file'].filter((tool) => new RegExp(matcher ?? '').test(tool)),
      hook?.command.endsWith(' look'),
      hook?.timeout,
    ]);
    expect(looks).toEqual([
      [['run_shell_command'], true, 10_000],
      [['write_file'], false, 10_000],
    ]);
    expect(Object.keys(hooks)).not.toContain('AfterModel');
  });

  it('come back as they were', () => {
    const hook = fc.record({ type: fc.constant('command'), command: fc.string() });
    const settings = fc.record(
      {
        hooks: fc.dictionary(
          fc.constantFrom('BeforeTool', 'AfterAgent', 'Notification'),
          fc.array(fc.record({ hooks: fc.array(hook, { minLength: 1, maxLength: 2 }) }), {
            minLength: 1,
            maxLength: 2,
          }),
          { minKeys: 1 },
        ),
        ui: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      },
      { requiredKeys: ['ui'] },
    );
    fc.assert(
      fc.property(settings, (before) => {
        const wired = file().withHooks(JSON.stringify(before), null);
        expect(file().missing(wired)).toEqual([]);
        expect(file().withHooks(wired, null)).toBe(wired);
        expect(JSON.parse(file().withoutHooks(wired) ?? '{}')).toEqual(before);
      }),
      { numRuns: 200 },
    );
  });

  it('are kept out of commits where we made them, and given back byte for byte', async () => {
    const repo = await repoForTest();
    const before = await listing(repo.path('.'));
    await repo.run(['init', '--agents', 'gemini-cli']);
    expect(await repo.git('status', '--porcelain')).toBe('');
    expect((await repo.run(['uninit'])).code).toBe(0);
    expect(await listing(repo.path('.'))).toEqual(before);
  });

  it('of somebody else stay in sight of git; tracked ones are changed when asked', async () => {
    const repo = await repoForTest();
    await repo.write(SETTINGS, '{ "ui": {} }');
    await repo.run(['init', '--agents', 'gemini-cli']);
    expect(await repo.git('status', '--porcelain')).toBe('?? .gemini/');
    await repo.run(['uninit']);
    expect(await repo.read(SETTINGS)).toBe('{ "ui": {} }');
    await repo.commit('Settings');
    const refused = await repo.run(['init', '--agents', 'gemini-cli']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--shared') as string });
    expect(await repo.git('status', '--porcelain')).toBe('');
    expect((await repo.run(['init', '--agents', 'gemini-cli', '--shared'])).code).toBe(0);
    expect(await repo.git('status', '--porcelain')).toContain(SETTINGS);
  });
});

describe('doctor, about Gemini CLI', () => {
  async function found(
    files: Readonly<Record<string, unknown>>,
    more: { env?: Record<string, string>; scope?: HookPlace['scope'] } = {},
  ): Promise<string[]> {
    const root = await mkdtemp(join(tmpdir(), 'agent-log-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const [top, home] = [join(root, 'repo'), join(root, 'home')];
    for (const dir of [top, home]) await mkdir(join(dir, '.gemini'), { recursive: true });
    for (const [path, content] of Object.entries(files))
      await writeFile(join(root, path), JSON.stringify(content).replaceAll('<root>', root));
    const at = { scope: more.scope ?? ('local' as const), top, home, env: more.env ?? {} };
    const findings = (await geminiCliHooks.examine?.(at, geminiCliHooks.files(at))) ?? [];
    return findings.map(({ says }) => says.replaceAll(root, ''));
  }
  const RULES = 'home/.gemini/trustedFolders.json';
  const untrusted = expect.stringContaining('/repo is no folder it trusts') as string;

  it.each([
    ['nobody was asked', {}, {}, [untrusted]],
    ['the folder is trusted', { [RULES]: { '<root>/repo': 'TRUST_FOLDER' } }, {}, []],
    ['a folder around it is', { [RULES]: { '<root>': 'TRUST_FOLDER' } }, {}, []],
    ['beside one that is', { [RULES]: { '<root>/re': 'TRUST_FOLDER' } }, {}, [untrusted]],
    ['its neighbour opened it up', { [RULES]: { '<root>/home': 'TRUST_PARENT' } }, {}, []],
    [
      'the nearest rule says no',
      { [RULES]: { '<root>': 'TRUST_FOLDER', '<root>/repo': 'DO_NOT_TRUST' } },
      {},
      [untrusted],
    ],
    ['the environment says yes', {}, { env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' } }, []],
    [
      'the environment says no',
      { [RULES]: { '<root>/repo': 'TRUST_FOLDER' } },
      { env: { GEMINI_RESTRICTED_MODE: 'true' } },
      [untrusted],
    ],
    [
      'trust is switched off',
      { 'home/.gemini/settings.json': { security: { folderTrust: { enabled: false } } } },
      {},
      [],
    ],
    ["the home's hooks need no trust", {}, { scope: 'user' as const }, []],
    [
      'hooks are switched off',
      { 'repo/.gemini/settings.json': { hooksConfig: { enabled: false } } },
      { env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' } },
      ['/repo/.gemini/settings.json switches hooks off'],
    ],
    ['the rules are odd', { [RULES]: ['TRUST_FOLDER'], 'home/.gemini/settings.json': 7 }, {}, [untrusted]],
  ])('%s', async (_, files, more, says) => expect(await found(files, more)).toEqual(says));
});
