import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hooksOf } from '../../../lib/capture/install/agents/index.ts';
import { opencodePlugin } from '../../../lib/capture/install/agents/opencode-plugin.ts';
import { listing } from '../../support/listing.ts';
import { repoForTest } from '../../support/recorded.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const PLUGIN = '.opencode/plugin/git-agent-log.js';
const SPOOL = '.git/agent-log/spool';
const SCRIPT = '.git/agent-log/bin/spool';

type Hook = (input: object, output?: object) => Promise<void>;
type Hooks = Readonly<Record<string, Hook>>;

/** The plugin as opencode loads it: with nothing known of any session but what its client is asked for. */
async function load(repo: TestRepo, sessions: Readonly<Record<string, object>> = {}): Promise<Hooks> {
  const get = ({ path }: { path: { id: string } }): Promise<object> =>
    Promise.resolve({ data: { id: path.id, version: '1.18.33', ...sessions[path.id] } });
  const host = { directory: repo.dir, client: { session: { get } } };
  const url = `${pathToFileURL(repo.path(PLUGIN)).href}?${loads++}`;
  const module = (await import(/* @vite-ignore */ url)) as { GitAgentLog: (host: object) => Promise<Hooks> };
  return module.GitAgentLog(host);
}
let loads = 0;

/** What was spooled, in the order it came. */
async function spooled(repo: TestRepo): Promise<Record<string, unknown>[]> {
  const names = (await readdir(repo.path(SPOOL))).filter((name) => name.endsWith('.json'));
  const all = await Promise.all(
    names.map(async (name) => {
      const { mtimeNs } = await stat(repo.path(SPOOL, name), { bigint: true });
      return {
        mtimeNs,
        name,
        event: JSON.parse(await repo.read(`${SPOOL}/${name}`)) as Record<string, unknown>,
      };
    }),
  );
  const byName = new Intl.Collator('en', { numeric: true });
  return all
    .sort((a, b) => Number(a.mtimeNs - b.mtimeNs) || byName.compare(a.name, b.name))
    .map(({ event }) => event);
}

const call = { sessionID: 'ses_1', callID: 'call_1', tool: 'write' };

describe('the opencode plugin as a file', () => {
  it('is out of the way of git add, and goes without a trace', async () => {
    const repo = await repoForTest();
    const before = await listing(repo.path('.'));
    await repo.run(['init', '--agents', 'claude-code,opencode']);
    expect(await repo.git('status', '--porcelain')).toBe('');
    await repo.run(['init', '--agents', 'opencode']);
    expect((await repo.run(['uninit'])).code).toBe(0);
    expect(await listing(repo.path('.'))).toEqual(before);
  });

  it('leaves what is beside it, and a folder that was there', async () => {
    const repo = await repoForTest();
    await mkdir(repo.path('.opencode'));
    const before = await listing(repo.path('.'));
    await repo.run(['init', '--agents', 'opencode']);
    await repo.run(['uninit']);
    expect(await listing(repo.path('.'))).toEqual(before);
  });

  it('does not take the place of a file of the same name', async () => {
    const repo = await repoForTest();
    await repo.write(PLUGIN, 'export const Mine = () => ({});\n');
    const { code, stderr } = await repo.run(['init', '--agents', 'opencode']);
    expect(code).toBe(1);
    expect(stderr).toContain('hint: Give that file another name');
    expect(await repo.read(PLUGIN)).toContain('Mine');
  });
});

describe('the opencode plugin at work', () => {
  let repo: TestRepo;
  beforeAll(async () => {
    repo = await makeRepo();
    expect((await repo.run(['init', '--agents', 'opencode'])).code).toBe(0);
    // A HEAD that is known: else what looks at it has the spool taken in behind our back.
    await repo.write(`.git/agent-log/seen/${await repo.git('rev-parse', 'HEAD')}`, '');
  });
  beforeEach(async () => {
    for (const name of await readdir(repo.path(SPOOL))) await rm(repo.path(SPOOL, name));
  });
  afterAll(() => repo.remove());

  it('hands events over in the order they happened', async () => {
    const hooks = await load(repo);
    const said = { message: { id: 'm', agent: 'build' }, parts: [{ type: 'text', text: 'Do it' }] };
    // Not awaited, as opencode runs tools side by side.
    void hooks['chat.message']?.({ sessionID: 'ses_1' }, said);
    void hooks['tool.execute.before']?.(call, { args: { filePath: 'a' } });
    await hooks['tool.execute.after']?.({ ...call, args: {} }, { output: 'ok', metadata: {} });
    const events = await spooled(repo);
    expect(events.map((event) => event['hook_event_name'])).toEqual([
      'opencode.prompt',
      'opencode.tool.before',
      'opencode.tool.after',
    ]);
    for (const event of events) expect(event).toMatchObject({ session_id: 'ses_1', cwd: repo.dir });
  });

  it("gives a sub-agent's commits the session that began it all, however deep", async () => {
    const hooks = await load(repo, { ses_3: { parentID: 'ses_2' }, ses_2: { parentID: 'ses_1' } });
    const output = { env: {} };
    await hooks['shell.env']?.({ sessionID: 'ses_3' }, output);
    expect(output.env).toEqual({ AGENT_LOG_OPENCODE_SESSION: 'ses_1' });
    await hooks['tool.execute.before']?.({ ...call, sessionID: 'ses_3' }, { args: {} });
    expect(await spooled(repo)).toMatchObject([{ session_id: 'ses_1', agent_id: 'ses_3' }]);
  });

  it('does not count again what a fork brings along', async () => {
    const hooks = await load(repo);
    const tell = (type: string, properties: object): Promise<void> | undefined =>
      hooks['event']?.({ event: { type, properties } });
    const answer = {
      sessionID: 'ses_2',
      role: 'assistant',
      tokens: { input: 1 },
      modelID: 'm',
      providerID: 'p',
    };
    await tell('session.updated', { info: { id: 'ses_2', version: '1', time: { created: 100 } } });
    await tell('message.updated', { info: { ...answer, id: 'old', time: { created: 1, completed: 99 } } });
    await tell('message.updated', { info: { ...answer, id: 'new', time: { created: 101, completed: 102 } } });
    await tell('message.updated', { info: { ...answer, id: 'new', time: { created: 101, completed: 102 } } });
    await hooks['shell.env']?.({ sessionID: 'ses_2' }, { env: {} });
    expect(await spooled(repo)).toMatchObject([{ id: 'new' }]);
  });

  it('speaks once where it is installed twice', async () => {
    const copies = [await load(repo), await load(repo)];
    for (const hooks of copies) await hooks['tool.execute.before']?.(call, { args: {} });
    expect(await spooled(repo)).toHaveLength(1);
  });

  it('does nothing where the spool script is gone', async () => {
    const hooks = await load(repo);
    const output = { env: {} };
    await rename(repo.path(SCRIPT), repo.path(`${SCRIPT}.away`));
    await hooks['shell.env']?.({ sessionID: 'ses_1' }, output);
    await hooks['tool.execute.before']?.(call, { args: {} });
    await rename(repo.path(`${SCRIPT}.away`), repo.path(SCRIPT));
    expect(output.env).toEqual({});
    expect(await spooled(repo)).toEqual([]);
  });

  it('never fails a tool, whatever opencode hands it', async () => {
    const hooks = await load(repo);
    for (const [name, hook] of Object.entries(hooks)) {
      if (name === 'dispose') continue;
      for (const odd of [undefined, null, {}, { event: {} }, { event: { type: 'message.part.updated' } }])
        await expect(hook(odd as object, odd as unknown as object)).resolves.toBeUndefined();
    }
  });

  it('passes what an agent says as data, never through a shell', async () => {
    const hooks = await load(repo);
    const text = '"; touch pwned; $(touch pwned) `touch pwned`';
    const said = { message: { id: 'm' }, parts: [{ type: 'text', text }] };
    await hooks['chat.message']?.({ sessionID: 'ses_1' }, said);
    expect(await spooled(repo)).toMatchObject([{ text }]);
    expect(await readdir(repo.dir)).not.toContain('pwned');
  });

  it('takes off the quotes that `opencode run` puts around an argument, and no others', async () => {
    const hooks = await load(repo);
    const [, argument = ''] = process.argv;
    const say = (text: string, id: string) =>
      hooks['chat.message']?.({ sessionID: 'ses_1' }, { message: { id }, parts: [{ type: 'text', text }] });
    await say(`"${argument}"`, 'm1');
    await say('"my own words"', 'm2');
    expect(await spooled(repo)).toMatchObject([{ text: argument }, { text: '"my own words"' }]);
  });

  it('finds the spool script through git where it travels, and keeps quiet outside a repository', async () => {
    const ours = await repo.read(PLUGIN);
    await writeFile(repo.path(PLUGIN), opencodePlugin(null));
    await (await load(repo))['tool.execute.before']?.(call, { args: {} });
    expect(await spooled(repo)).toHaveLength(1);
    expect(await load({ ...repo, dir: '/' })).toEqual({});
    await writeFile(repo.path(PLUGIN), ours);
  });
});

describe('doctor, about opencode', () => {
  it('says when the plugin is not the one this version installs', async () => {
    const repo = await repoForTest();
    await repo.run(['init', '--agents', 'opencode']);
    expect((await repo.run(['doctor'])).stdout).toMatch(/opencode\s.*hooks in .*git-agent-log\.js/);
    await writeFile(repo.path(PLUGIN), `${await repo.read(PLUGIN)}// more\n`);
    expect((await repo.run(['doctor'])).stdout).toContain('no hook for what this version records');
    await rm(repo.path(PLUGIN));
    expect((await repo.run(['doctor'])).stdout).toContain('no hook for any event');
  });

  it.each([
    ['local', { OPENCODE_PURE: '1' }, 1],
    ['local', { OPENCODE_DISABLE_PROJECT_CONFIG: 'true' }, 1],
    ['user', { OPENCODE_DISABLE_PROJECT_CONFIG: 'true' }, 0],
    ['user', { OPENCODE_PURE: '0' }, 0],
  ] as const)('says when the environment turns plugins off: %s %j', async (scope, env, warnings) => {
    const found = await hooksOf('opencode').examine?.({ scope, top: '/r', home: '/h', env }, []);
    expect(found).toHaveLength(warnings);
  });
});
