import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../lib/capture/doctor/finding.ts';
import { codexHooks } from '../../../lib/capture/install/agents/codex.ts';
import { trustableHooks, trustHash } from '../../../lib/capture/install/agents/codex-trust.ts';
import type { HookFile, HookPlace, HookScope } from '../../../lib/capture/install/agents/hooks.ts';

const SPOOL = '/repo/.git/agent-log/bin/spool';

let folder: string;
let place: HookPlace;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'agent-log-')));
  place = { scope: 'local', top: join(folder, 'repo'), home: join(folder, 'home'), env: {} };
  await mkdir(join(folder, 'home', '.codex'), { recursive: true });
  await mkdir(join(folder, 'repo', '.codex'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

function fileOf(where: HookPlace): HookFile {
  const [file] = codexHooks.files(where);
  if (file === undefined) throw new Error('no file');
  return file;
}

async function install(where: HookPlace): Promise<{ path: string; text: string }> {
  const file = fileOf(where);
  const text = file.withHooks(null, SPOOL);
  await writeFile(file.path, text);
  return { path: file.path, text };
}

const config = (text: string): Promise<void> => writeFile(join(place.home, '.codex', 'config.toml'), text);
const trusted = (path: string, text: string): string =>
  trustableHooks(text)
    .map((hook) => `[hooks.state."${path}:${hook.place}"]\ntrusted_hash = "${hook.hash}"\n`)
    .join('\n');
const project = (): string => `[projects."${place.top}"]\ntrust_level = "trusted"\n\n`;
const examine = (where = place): Promise<readonly Finding[]> =>
  codexHooks.examine?.(where, codexHooks.files(where)) ?? Promise.resolve([]);

describe("Codex's hooks file", () => {
  it.each<[HookScope, string]>([
    ['local', 'repo/.codex/hooks.json'],
    ['shared', 'repo/.codex/hooks.json'],
    ['user', 'home/.codex/hooks.json'],
  ])('%s is %s', (scope, path) => {
    expect(fileOf({ ...place, scope }).path).toBe(join(folder, path));
  });

  it('of the user is where CODEX_HOME says', () => {
    expect(fileOf({ ...place, scope: 'user', env: { CODEX_HOME: '/x' } }).path).toBe('/x/hooks.json');
  });

  it('keeps what others put there, at its place, and loses only ours again', () => {
    const others = `${JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: 'command', command: 'mine' }] }] }, x: 1 }, null, 2)}\n`;
    const file = fileOf(place);
    const wired = file.withHooks(others, SPOOL);
    expect(JSON.parse(wired)).toMatchObject({
      x: 1,
      hooks: { Stop: [{ hooks: [{ command: 'mine' }] }, {}] },
    });
    expect(file.withHooks(wired, SPOOL)).toBe(wired);
    expect(file.missing(wired)).toEqual([]);
    expect(file.missing(others)).toContain('Stop');
    expect(file.withoutHooks(wired)).toBe(others);
    expect(file.withoutHooks(file.withHooks(null, SPOOL))).toBeNull();
  });

  it('asks for no more time than Codex gives, which would print a warning at each start', () => {
    const { hooks } = JSON.parse(fileOf(place).withHooks(null, SPOOL)) as {
      hooks: Record<string, { matcher?: string; hooks: { timeout: number }[] }[]>;
    };
    for (const event of ['SessionEnd', 'Interrupt']) expect(hooks[event]?.[0]?.hooks[0]?.timeout).toBe(3);
    // A digest of ours is made without a matcher.
    expect(
      Object.values(hooks).flatMap((list) => list.filter(({ matcher }) => matcher !== undefined)),
    ).toEqual([]);
  });
});

describe("Codex's trust", () => {
  it('is given to the digest Codex 0.169.0 shows for a hook', () => {
    expect(trustHash('stop', 'true', 10)).toBe(
      'sha256:8ba29ded04038c52832548d01a197dd3c24aac6e21d816f388f046ab09768060',
    );
  });

  it('of the project comes first', async () => {
    await install(place);
    expect(await examine()).toMatchObject([{ state: 'bad', says: expect.stringContaining('this project') }]);
    await config(`[projects."${place.top}"]\ntrust_level = "untrusted"\n`);
    expect(await examine()).toMatchObject([{ state: 'bad', says: expect.stringContaining('this project') }]);
  });

  it('is missing until the user gives it', async () => {
    await install(place);
    await config(project());
    const [finding] = await examine();
    expect(finding).toMatchObject({ state: 'bad', hint: expect.stringContaining('/hooks') });
    expect(finding?.says).toMatch(/skips 8 of our 8 hooks .*PreToolUse \(not trusted\)/);
  });

  it('holds for the hooks as they are', async () => {
    const { path, text } = await install(place);
    await config(project() + trusted(path, text));
    expect(await examine()).toEqual([{ check: 'codex trust', state: 'ok', says: 'all 8 hooks are trusted' }]);
    await config(project() + trusted(path, text.replaceAll('"timeout": 10', '"timeout": 11')));
    expect((await examine())[0]?.says).toMatch(/skips 6 of our 8 .*Stop \(changed since it was trusted\)/);
    await config(`${project()}${trusted(path, text)}enabled = false\n`);
    expect((await examine())[0]?.says).toMatch(/skips 1 of our 8 .*\(switched off\)/);
  });

  it('may be written in any form of TOML', async () => {
    const { path, text } = await install(place);
    const states = trustableHooks(text).map(
      (hook) => `"${path}:${hook.place}" = { trusted_hash = '${hook.hash}' }`,
    );
    await config(`projects.'${place.top}'.trust_level = "trusted"\n[hooks.state]\n${states.join('\n')}\n`);
    expect(await examine()).toMatchObject([{ state: 'ok' }]);
  });

  it('is found under the name behind a symbolic link', async () => {
    const { path, text } = await install(place);
    await config(project() + trusted(path, text));
    await symlink(place.top, join(folder, 'link'));
    expect(await examine({ ...place, top: join(folder, 'link') })).toMatchObject([{ state: 'ok' }]);
  });

  it('of hooks in the home asks for no project', async () => {
    const user: HookPlace = { ...place, scope: 'user' };
    const { path, text } = await install(user);
    await config(trusted(path, text));
    expect(await examine(user)).toMatchObject([{ state: 'ok' }]);
  });

  it('is unknown where the configuration can not be read', async () => {
    await install(place);
    await config('this is = = no TOML');
    expect(await examine()).toMatchObject([{ state: 'warn', says: expect.stringContaining('unknown') }]);
  });
});
