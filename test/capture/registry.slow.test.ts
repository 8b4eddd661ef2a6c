import { chmod, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeAt, sessionKey } from '../../lib/capture/place.ts';
import { homeOf, pruneRegistry } from '../../lib/capture/registry.ts';
import { AGENT_ENV, agentCommit, recorded } from '../support/recorded.ts';
import { expectSealed } from '../support/seal.ts';
import { payload, spool } from '../support/spool.ts';

const AGENT = 'claude-code';
const ID = '98ba7ee1-54c8-47bb-b1fc-899fbd63f387';

let root: string;
let registry: string;
let home: string;
const own = () => placeAt(join(root, 'own', 'agent-log'));
const env = () => ({ HOME: '/nonexistent', XDG_STATE_HOME: join(root, 'state') });
const entry = (id = ID) => join(registry, `${AGENT}.${id}`);
const find = (id = ID) => homeOf(env(), AGENT, id, own());

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'registry-'));
  registry = join(root, 'state', 'git-agent-log', 'sessions');
  home = join(root, 'clone', '.git', 'agent-log');
  for (const folder of [registry, home, own().dir]) await mkdir(folder, { recursive: true, mode: 0o700 });
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('the registry of sessions', () => {
  it('tells the clone a session reports to, as the spool script wrote it', async () => {
    await writeFile(entry(), `${home}/bin/..\n`, { mode: 0o600 });
    expect((await find())?.dir).toBe(home);
  });

  it('tells nothing of a session that is at home here, or not listed', async () => {
    await writeFile(entry(), `${own().dir}\n`, { mode: 0o600 });
    expect(await find()).toBeNull();
    expect(await find('another')).toBeNull();
    expect(await homeOf({}, AGENT, ID, own())).toBeNull();
    expect(await homeOf({ XDG_STATE_HOME: 'relative' }, AGENT, ID, own())).toBeNull();
  });

  it.each(['../../../etc/passwd', '..', 'a/b', '', 'x'.repeat(300), 'a\u0000b', 'a\nb'])(
    'path traversal: a session id of %j names no entry',
    async (id) => {
      expect(await find(id)).toBeNull();
    },
  );

  it('symbolic link: neither entry, registry nor clone is followed through one', async () => {
    await writeFile(join(root, 'elsewhere'), `${home}\n`, { mode: 0o600 });
    await symlink(join(root, 'elsewhere'), entry());
    expect(await find()).toBeNull();
    await rm(entry());
    await mkdir(join(root, 'linked'));
    await symlink(home, join(root, 'linked', 'agent-log'));
    await writeFile(entry(), `${join(root, 'linked', 'agent-log')}\n`, { mode: 0o600 });
    expect(await find()).toBeNull();
    await writeFile(entry(), `${home}\n`);
    expect(await find()).not.toBeNull();
    await rm(join(root, 'state', 'git-agent-log'), { recursive: true });
    await mkdir(join(root, 'planted', 'sessions'), { recursive: true });
    await writeFile(join(root, 'planted', 'sessions', `${AGENT}.${ID}`), `${home}\n`);
    await mkdir(join(root, 'state', 'git-agent-log'));
    await symlink(join(root, 'planted', 'sessions'), registry);
    expect(await find()).toBeNull();
  });

  it('planted by others: what somebody else may write to counts for nothing', async () => {
    await writeFile(entry(), `${home}\n`);
    await chmod(entry(), 0o666);
    expect(await find()).toBeNull();
    await chmod(entry(), 0o600);
    await chmod(registry, 0o777);
    expect(await find()).toBeNull();
    await chmod(registry, 0o700);
    await chmod(home, 0o777);
    expect(await find()).toBeNull();
  });

  it('hostile content: anything but the path of such a folder counts for nothing', async () => {
    for (const content of [
      '',
      '\n',
      'relative/agent-log',
      '/etc',
      `${home}\nmore`,
      `/${'x'.repeat(5000)}/agent-log`,
    ]) {
      await writeFile(entry(), content, { mode: 0o600 });
      expect(await find(), content.slice(0, 40)).toBeNull();
    }
    const check = async (bytes: Uint8Array): Promise<void> => {
      await writeFile(entry(), bytes, { mode: 0o600 });
      expect(await find()).toBeNull();
    };
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), check), { numRuns: 50 });
  });

  it('is pruned of what is old, of clones that are gone, and of one that goes', async () => {
    const now = Date.now();
    await writeFile(entry('kept'), `${home}\n`, { mode: 0o600 });
    await writeFile(entry('old'), `${home}\n`, { mode: 0o600 });
    await utimes(entry('old'), 0, 0);
    await writeFile(entry('gone'), `${join(root, 'gone', 'agent-log')}\n`, { mode: 0o600 });
    await pruneRegistry(env(), now, null);
    expect(await readdir(registry)).toEqual([`${AGENT}.kept`]);
    await pruneRegistry(env(), now, home);
    expect(await readdir(registry)).toEqual([]);
  });
});

describe('a commit of a session that reports elsewhere', () => {
  it.each([
    ['no JSON', 'not json'],
    ['of another session', JSON.stringify({ agent: AGENT, sessionId: 'another' })],
    [
      'of wrong types',
      JSON.stringify({ agent: AGENT, sessionId: ID, elsewhere: 1, prompts: 'x', usage: [] }),
    ],
  ])('hostile state: is recorded all the same when what lies there is %s', async (_what, state) => {
    const repo = await recorded();
    const folder = join(repo.home, '.local/state/git-agent-log/sessions');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, `${AGENT}.${ID}`), `${home}\n`, { mode: 0o600 });
    await mkdir(join(home, 'sessions', sessionKey(AGENT, ID)), { recursive: true });
    await writeFile(join(home, 'sessions', sessionKey(AGENT, ID), 'state.json'), state);
    await agentCommit(repo, 'Elsewhere', { 'a.txt': 'a\n' });
    const shown = await expectSealed(repo);
    expect(shown.agent?.sessionId).toBe(ID);
    expect(shown.gaps).toEqual([
      'claude-code: no hook of this session was seen, so its prompts and tool calls are unknown',
    ]);
  });
});

describe('the spool script', () => {
  const listed = '.local/state/git-agent-log/sessions';

  it('lists its session once, and uninit takes the entry away', async () => {
    const repo = await recorded();
    await spool(repo, payload(repo, 'SessionStart', { source: 'startup' }));
    await spool(repo, payload(repo, 'Stop'));
    expect(await readdir(join(repo.home, listed))).toEqual([
      `${AGENT}.${AGENT_ENV['CLAUDE_CODE_SESSION_ID']}`,
    ]);
    await repo.run(['uninit']);
    expect(await readdir(join(repo.home, listed))).toEqual([]);
  });

  it('symbolic link: writes through none, and says nothing', async () => {
    const repo = await recorded();
    await mkdir(join(repo.home, listed), { recursive: true });
    const target = join(repo.home, 'target');
    await symlink(target, join(repo.home, listed, `${AGENT}.${AGENT_ENV['CLAUDE_CODE_SESSION_ID']}`));
    const { code, stdout, stderr } = await spool(repo, payload(repo, 'SessionStart', { source: 'startup' }));
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await readdir(repo.home)).not.toContain('target');
  });

  it('path traversal: a session id with a slash lists nothing', async () => {
    const repo = await recorded();
    const options = { env: { ...AGENT_ENV, CLAUDE_CODE_SESSION_ID: '../../../escaped' }, input: '{}' };
    await repo.exec(repo.path('.git/agent-log/bin/spool'), ['claude-code'], options);
    expect(await readdir(repo.home)).not.toContain('.local');
  });
});
