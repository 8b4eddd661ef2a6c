import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveGit } from '../support/git-http.ts';
import { notePath } from '../support/ledger-history.ts';
import { filesOf, ids, jsonLine, writeLedger } from '../support/ledgers.ts';
import { type Outcome, PROGRAM, type TestRepo } from '../support/repo.ts';
import { LEDGER, makeTeam, sync, type Team, work } from '../support/team.ts';

const [Z = ''] = ids(1, 'server-hook');
const line = (text: string): string => `${jsonLine(text)}\n`;

/** A server with the hook as the docs have it, and git-agent-log on its PATH. */
async function guarded(hook: 'pre-receive' | 'update', format: 'sha1' | 'sha256' = 'sha1'): Promise<Team> {
  const team = await makeTeam(format);
  const [, ...lines] = (await readFile(new URL(`../../docs/server/${hook}`, import.meta.url), 'utf8')).split(
    '\n',
  );
  await team.serverHook(hook, `PATH=${dirname(PROGRAM)}:$PATH`, ...lines);
  return team;
}

async function started(
  hook: 'pre-receive' | 'update' = 'pre-receive',
): Promise<Team & { commit: string; tip: string }> {
  const team = await guarded(hook);
  const commit = await work(team.a);
  await sync(team.a);
  await sync(team.b);
  return { ...team, commit, tip: await team.server.git('rev-parse', LEDGER) };
}

/** Pushes something in the ledger's place, by force. */
function force(clone: TestRepo, what: string): Promise<Outcome> {
  return clone.tryGit(['push', '--no-verify', 'origin', `+${what}:${LEDGER}`]);
}

async function expectRefused(
  { server, tip }: { server: TestRepo; tip: string },
  pushed: Outcome,
  why: RegExp,
): Promise<void> {
  expect(pushed.code).toBe(1);
  expect(pushed.stderr).toMatch(why);
  expect(pushed.stderr).toContain('hint: run `git agent-log sync`');
  expect(await server.git('rev-parse', LEDGER)).toBe(tip);
}

describe.each(['pre-receive', 'update'] as const)('a server with the %s hook', (hook) => {
  it('lets two clones sync, and pushes of branches through', async () => {
    const team = await guarded(hook);
    await work(team.a);
    await work(team.b);
    for (const clone of [team.a, team.b, team.a]) await sync(clone);
    await team.a.git('push', '-q', '--no-verify', 'origin', 'HEAD:refs/heads/topic');
    expect((await filesOf(team.server, LEDGER)).size).toBeGreaterThanOrEqual(2);
  });

  it('refuses a ledger that was force-pushed, and one that is deleted', async () => {
    const team = await started(hook);
    await writeLedger(team.a, 'refs/made', { [Z]: line('mine') });
    await expectRefused(team, await force(team.a, 'refs/made'), /history is not rewritten/);
    const deleted = await team.a.tryGit(['push', '--no-verify', 'origin', `:${LEDGER}`]);
    await expectRefused(team, deleted, /is not deleted/);
  });
});

describe('a server refuses a ledger', () => {
  /** On top of what is here, so that git alone sees nothing wrong. */
  async function onTop(
    change: (files: Map<string, string>) => void,
  ): Promise<[Awaited<ReturnType<typeof started>>, Outcome]> {
    const team = await started();
    const files = await filesOf(team.a, LEDGER);
    change(files);
    const options = { parents: [team.tip] };
    await writeLedger(team.a, 'refs/made', Object.fromEntries(files), options);
    return [team, await team.a.tryGit(['push', '--no-verify', 'origin', `refs/made:${LEDGER}`])];
  }

  const first = (files: Map<string, string>): [string, string] => [...files][0] ?? ['', ''];

  it('with an edited note', async () => {
    const [team, pushed] = await onTop((files) => {
      const [path, text] = first(files);
      files.set(path, text.replace('"agent"', '"human"').replace(/recordedAt":"20/, 'recordedAt":"19'));
    });
    await expectRefused(team, pushed, /lines of the note of [0-9a-f]{40} are gone or changed/);
  });

  it('with a dropped note', async () => {
    const [team, pushed] = await onTop((files) => files.delete(first(files)[0]));
    await expectRefused(team, pushed, /the note of [0-9a-f]{40} is gone/);
  });

  it('with a note that was moved to another object', async () => {
    const [team, pushed] = await onTop((files) => {
      const [path, text] = first(files);
      files.delete(path);
      files.set(Z, text);
    });
    await expectRefused(team, pushed, /stand on another one/);
  });

  it('with a note at a second path', async () => {
    const [team, pushed] = await onTop((files) => {
      files.set(notePath(first(files)[0].replaceAll('/', ''), 1), line('evil'));
    });
    await expectRefused(team, pushed, /is at several paths/);
  });

  it('that is a tag, or another spelling of its name', async () => {
    const team = await started();
    await team.a.git('tag', '-a', '-m', 'x', 'made', LEDGER);
    await expectRefused(team, await force(team.a, 'made'), /no commit/);
    const spelled = await team.a.tryGit(['push', '--no-verify', 'origin', `${LEDGER}:refs/notes/Agent-Log`]);
    await expectRefused(team, spelled, /is that of the ledger/);
  });

  it('pushed over HTTP, where a forger sends what would turn the hook off', async () => {
    const team = await started();
    const { url, close } = await serveGit(team.root, {
      ...team.server.env,
      GIT_HTTP_MAX_REQUEST_BUFFER: '1000000',
    });
    onTestFinished(close);
    await team.server.git('config', 'http.receivepack', 'true');
    await writeLedger(team.a, 'refs/made', { [Z]: line('mine') });
    const pushed = await team.a.tryGit([
      '-c',
      'core.hooksPath=/dev/null',
      'push',
      '--no-verify',
      `${url}/server.git`,
      `+refs/made:${LEDGER}`,
    ]);
    await expectRefused(team, pushed, /history is not rewritten/);
  });

  it('also when it comes with a replacement for what is here', async () => {
    const team = await started();
    const made = await writeLedger(team.a, 'refs/made', { [Z]: line('mine') });
    await team.a.git('replace', '-f', made, team.tip);
    await team.a.git('push', '-q', '--no-verify', 'origin', `refs/replace/${made}`);
    await expectRefused(team, await force(team.a, 'refs/made'), /history is not rewritten/);
  });
});

describe('a server', () => {
  it('refuses the ledger, and lets the rest in, without git-agent-log on its PATH', async () => {
    const team = await makeTeam();
    const [, ...lines] = (
      await readFile(new URL('../../docs/server/pre-receive', import.meta.url), 'utf8')
    ).split('\n');
    await mkdir(join(team.root, 'empty'));
    await team.serverHook('pre-receive', ...lines);
    await work(team.a);
    const pushed = await team.a.tryGit(['push', '--no-verify', 'origin', LEDGER]);
    expect(pushed.code).toBe(1);
    expect((await team.a.tryGit(['push', '--no-verify', 'origin', 'HEAD:refs/heads/topic'])).code).toBe(0);
  });

  it('with SHA-256 does the same', async () => {
    const team = await guarded('pre-receive', 'sha256');
    await work(team.a);
    await sync(team.a);
    await writeLedger(team.a, 'refs/made', {}, { parents: [await team.server.git('rev-parse', LEDGER)] });
    const pushed = await team.a.tryGit(['push', '--no-verify', 'origin', `refs/made:${LEDGER}`]);
    expect(pushed.stderr).toMatch(/the note of [0-9a-f]{64} is gone/);
  });

  it('that enforces neither lets a protected branch be deleted nor rewritten', async () => {
    const team = await guarded('pre-receive');
    await team.server.git('config', 'agentLog.enforce', 'merge');
    await team.server.git('config', 'receive.denyDeleteCurrent', 'ignore');
    const deleted = await team.a.tryGit(['push', '--no-verify', 'origin', ':refs/heads/main']);
    expect(deleted.stderr).toContain('a protected branch is not deleted');
    await team.a.git('checkout', '-q', '--orphan', 'other');
    await team.a.commit('Another first');
    const rewritten = await team.a.tryGit(['push', '--no-verify', 'origin', '+HEAD:refs/heads/main']);
    expect(rewritten.stderr).toContain('a protected branch is not rewritten');
    expect((await team.a.tryGit(['push', '--no-verify', 'origin', 'HEAD:refs/heads/topic'])).code).toBe(0);
  });

  it('whose stage is none refuses everything, and says what stages there are', async () => {
    const team = await guarded('pre-receive');
    await team.server.git('config', 'agentLog.enforce', 'always');
    const pushed = await team.a.tryGit(['push', '--no-verify', 'origin', 'HEAD:refs/heads/topic']);
    expect(pushed.stderr).toMatch(/'always', which is no stage[\s\S]*hint: the stages are/);
    expect(pushed.code).toBe(1);
  });
});

const POLICY = `version: 1
facts: v1
rules:
  - id: no-huge-file
    severity: high
    enforce: deny
    when: "true"
    require:
      - id: name
        expr: change.files.all(f, !f.path.startsWith("forbidden"))
        message: nothing is called forbidden here
`;

describe.each(['pre-receive', 'update'] as const)('a server that judges pushes with the %s hook', (hook) => {
  async function judging(): Promise<Team> {
    const team = await guarded(hook);
    await team.a.commit('The policy', { '.agent-log/policy.yaml': POLICY });
    await team.a.git('push', '-q', '--no-verify', 'origin', 'HEAD:main');
    await team.server.git('config', 'agentLog.enforce', 'merge');
    await team.server.git('config', '--add', 'agentLog.protected', 'refs/heads/release/*');
    return team;
  }

  const push = (clone: TestRepo, branch: string): Promise<Outcome> =>
    clone.tryGit(['push', '--no-verify', 'origin', `HEAD:refs/heads/${branch}`]);

  it('lets in what its policy passes, and says of the rest why not', async () => {
    const team = await judging();
    await team.a.commit('Fine', { 'fine.txt': 'fine\n' });
    expect(await push(team.a, 'main')).toMatchObject({ code: 0 });
    const before = await team.server.git('rev-parse', 'main');
    await team.a.commit('Not fine', { forbidden: 'x\n' });
    const denied = await push(team.a, 'main');
    expect(denied.stderr).toMatch(
      /DENIED at merge[\s\S]*no-huge-file[\s\S]*nothing is called forbidden here/,
    );
    expect(denied.code).toBe(1);
    expect(await team.server.git('rev-parse', 'main')).toBe(before);
    expect((await push(team.a, 'topic')).code).toBe(0);
    expect((await push(team.a, 'release/1')).stderr).toContain('DENIED at merge');
  });

  it('judges a push that changes the policy by the one from before', async () => {
    const team = await judging();
    await team.a.commit('No rules', {
      '.agent-log/policy.yaml': POLICY.replace('forbidden', 'nothing'),
      forbidden: 'x\n',
    });
    expect((await push(team.a, 'main')).stderr).toContain('DENIED at merge');
  });

  it('refuses what no policy can judge', async () => {
    const team = await guarded(hook);
    await team.server.git('config', 'agentLog.enforce', 'merge');
    await team.a.commit('Fine', { 'fine.txt': 'fine\n' });
    const pushed = await push(team.a, 'main');
    expect(pushed.stderr).toMatch(/could not be judged: no policy can be read[\s\S]*hint: /);
    expect(pushed.code).toBe(1);
  });

  it('needs no merge to be clean that is still in quarantine', async () => {
    const team = await judging();
    const fork = await team.a.git('rev-parse', 'HEAD');
    await team.a.commit('Fine', { 'fine.txt': 'fine\n' });
    await push(team.a, 'main');
    await team.a.git('checkout', '-q', '-B', 'release', fork);
    await team.a.commit('Beside', { 'beside.txt': 'x\n' });
    expect(await push(team.a, 'release/2')).toMatchObject({ code: 0 });
  });
});
