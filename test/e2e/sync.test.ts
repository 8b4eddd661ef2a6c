import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fanOut } from '../../lib/ledger/notes/fanout.ts';
import { serveGit } from '../support/git-http.ts';
import { filesOf, ids, jsonLine, writeLedger } from '../support/ledgers.ts';
import { AGENT_ENV } from '../support/recorded.ts';
import { storedExecution } from '../support/records.ts';
import { repoAt, type TestRepo, writeScript } from '../support/repo.ts';
import {
  arrived,
  expectShared,
  LEDGER,
  listed,
  makeTeam,
  shareBranches,
  sync,
  type Team,
  work,
} from '../support/team.ts';
import { eventually } from '../support/wait.ts';

const [X = '', Y = ''] = ids(2, 'synced');

/** Adds files to the server's ledger as somebody else would, on top of it or with a history of its own. */
async function onServer(
  team: Team,
  files: Readonly<Record<string, string>>,
  how: { onTop: boolean; modes?: Readonly<Record<string, string>> },
): Promise<void> {
  const tip = (await team.server.tryGit(['rev-parse', '--verify', '-q', LEDGER])).stdout.trim();
  const parents = how.onTop && tip !== '' ? [tip] : [];
  await writeLedger(team.server, LEDGER, files, {
    parents,
    onParent: parents.length > 0,
    ...(how.modes === undefined ? {} : { modes: how.modes }),
  });
}

/** Two clones that have each recorded something, and exchanged it. */
async function startedTeam(format: 'sha1' | 'sha256' = 'sha1'): Promise<{ team: Team; commits: string[] }> {
  const team = await makeTeam(format);
  const commits = [await work(team.a), await work(team.b)];
  for (const clone of [team.a, team.b, team.a]) await sync(clone);
  return { team, commits };
}

describe('sync', () => {
  it('starts where the remote has no ledger, and where a clone has none', async () => {
    const team = await makeTeam();
    const nothing = await team.a.run(['sync']);
    expect(nothing).toMatchObject({ code: 0, stderr: '' });
    expect(nothing.stdout).toContain('Nothing to sync');
    const commit = await work(team.a);
    expect(await sync(team.a)).toMatchObject({ received: 0, pushed: true, races: 0 });
    expect(await sync(team.b)).toMatchObject({ received: 1, pushed: false });
    expect(await sync(team.b)).toMatchObject({ received: 0, pushed: false });
    await expectShared(team, [commit]);
  });

  it('does one way only when told to', async () => {
    const team = await makeTeam();
    const commits = [await work(team.a), await work(team.b)];
    await sync(team.a);
    expect(await sync(team.b, '--fetch')).toMatchObject({ received: 1, pushed: null });
    expect(await team.server.git('rev-list', '--count', LEDGER)).toBe('1');
    expect(await sync(team.b, '--push')).toMatchObject({ pushed: true });
    await expectShared(team, commits);
    expect((await team.a.run(['sync', '--push', '--fetch'])).code).toBe(2);
  });

  it('merges what both said of one commit, and of transactions (an entry keyed by a blob)', async () => {
    const { team, commits } = await startedTeam();
    await shareBranches(team);
    for (const clone of [team.a, team.b]) {
      const { code, stderr } = await clone.run([
        'adopt',
        '--agent',
        'x',
        await clone.git('rev-parse', 'main'),
      ]);
      expect(code, stderr).toBe(0);
    }
    const main = await team.a.git('rev-parse', 'main');
    const txn = async (commit: string): Promise<string> =>
      (JSON.parse((await team.a.run(['show', commit, '--json'])).stdout) as { txn: string }).txn;
    const [one, two] = [await txn(commits[0] ?? ''), await txn(commits[1] ?? '')];
    for (const clone of [team.a, team.b]) {
      const { code, stderr } = await clone.run(['regroup', '--join', one, two]);
      expect(code, stderr).toBe(0);
    }
    for (const clone of [team.a, team.b, team.a]) await sync(clone);
    const note = await team.a.git('notes', '--ref=agent-log', 'show', main);
    expect(note.split('\n').filter((line) => line.includes('execution/v1'))).toHaveLength(2);
    expect(await team.b.git('notes', '--ref=agent-log', 'show', main)).toBe(note);
    const key = (
      await team.a.exec('git', ['hash-object', '--stdin'], { input: 'agent-log/regroup/v1\n' })
    ).stdout.trim();
    const regroups = [...(await filesOf(team.b, LEDGER))].find(
      ([path]) => path.replaceAll('/', '') === key,
    )?.[1];
    expect(regroups?.trim().split('\n')).toHaveLength(2);
    expect(await txn(commits[1] ?? '')).toBe([one, two].sort()[0]);
    expect((await listed(team.a)).size).toBe(3);
    expect(await listed(team.b)).toEqual(await listed(team.a));
  });

  it('tries again until it wins, when others are first', async () => {
    const { team, commits } = await startedTeam();
    const other = await work(team.b);
    await team.b.git('push', '-q', '--no-verify', 'origin', `${LEDGER}:refs/test/other`);
    // The first push of the ledger finds, when it is about to land, that somebody was quicker.
    await team.serverHook(
      'pre-receive',
      '[ ! -e raced ] || exit 0',
      'touch raced',
      'unset GIT_QUARANTINE_PATH',
      `git update-ref ${LEDGER} refs/test/other`,
    );
    const mine = await work(team.a);
    expect((await sync(team.a)).races).toBeGreaterThan(0);
    await expectShared(team, [...commits, other, mine]);
    expect(await team.server.git('log', '-1', '--format=%P', LEDGER)).toContain(' ');
  });

  it('says who does not take the ledger, and that nothing is lost', async () => {
    const team = await makeTeam();
    await work(team.a);
    await team.serverHook(
      'pre-receive',
      'while read -r _ _ ref; do case $ref in refs/notes/*) echo "no notes here" >&2; exit 1 ;; esac; done',
    );
    const { code, stderr } = await team.a.run(['sync']);
    expect(code).toBe(128);
    expect(stderr).toMatch(/^error: origin does not take the ledger: no notes here/);
    expect(stderr).toMatch(/\nhint: /);
    expect((await listed(team.a)).size).toBe(1);
  });

  it.each([
    ['a remote that is not there', 'file:///nowhere/at/all.git', 'origin could not be asked'],
    ['an address with a password', 'http://jane:secret@127.0.0.1:1/x.git', 'origin could not be asked'],
  ])('%s: says so, without the password, and goes on from there later', async (_, url, says) => {
    const { team, commits } = await startedTeam();
    const commit = await work(team.a);
    const right = await team.a.git('remote', 'get-url', 'origin');
    await team.a.git('remote', 'set-url', 'origin', url);
    const { code, stderr } = await team.a.run(['sync']);
    expect(code).toBe(128);
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/\nhint: /);
    expect(stderr).not.toContain('secret');
    await team.a.git('remote', 'set-url', 'origin', right);
    await expectShared(team, [...commits, commit]);
  });

  it('without a remote asks which, and takes an address', async () => {
    const { team, commits } = await startedTeam();
    const c = repoAt(join(team.root, 'c'), team.a.home);
    await mkdir(c.dir);
    await c.git('init', '-q', '.');
    const asked = await c.run(['sync']);
    expect(asked.code).toBe(1);
    expect(asked.stderr).toMatch(/there is no remote\nhint: /);
    expect(await sync(c, team.server.dir)).toMatchObject({ received: 2 });
    expect((await listed(c)).size).toBe(2);
    expect(await c.git('for-each-ref')).not.toContain(team.server.dir);
    await expectShared(team, commits);
  });

  it.each([
    ['a shallow clone', ['--depth', '1']],
    ['a partial clone', ['--filter=blob:none']],
  ])('%s gets and gives everything', async (_, flags) => {
    const { team, commits } = await startedTeam();
    const c = await team.cloneAs('c', ...flags);
    // git fetch obeys the filter: what it left behind is fetched in one piece, not record by record.
    await c.git('fetch', '-q');
    expect((await c.run(['list'])).stderr).toBe('');
    await sync(c);
    expect(await c.git('rev-list', '--objects', '--no-walk', '--missing=print', LEDGER)).not.toMatch(/^\?/m);
    const mine = await work(c);
    await c.git('push', '-q', '--no-verify', 'origin', 'HEAD');
    await sync(c);
    await team.a.git('fetch', '-q');
    await expectShared(team, [...commits, mine]);
  });

  it('works in repositories with SHA-256, from a linked worktree, and with a remote called oddly', async () => {
    const { team, commits } = await startedTeam('sha256');
    await team.a.git('worktree', 'add', '-q', '-b', 'linked', join(team.root, 'linked'));
    const linked = repoAt(join(team.root, 'linked'), team.a.home);
    const mine = await work(linked);
    const name = "o'dd/re=mote.$x;ü";
    await team.a.git('remote', 'add', name, team.server.dir);
    await sync(linked, name);
    expect((await linked.run(['init', '--agents', 'none'])).code).toBe(0);
    const other = await work(linked);
    await linked.git('push', '-q', name, 'HEAD');
    await arrived(team, mine, other);
    await expectShared(team, [...commits, mine, other]);
  });
});

describe('a remote that is not what it was', () => {
  it('was forced back: what vanished is named, stays here, and goes back', async () => {
    const { team, commits } = await startedTeam();
    const first = (await team.server.git('rev-list', '--max-parents=0', LEDGER)).split('\n')[0] ?? '';
    const lost = [...(await filesOf(team.server, LEDGER)).keys()].filter((path) => !path.includes('/'));
    await team.server.git('update-ref', LEDGER, first);
    const left = [...(await filesOf(team.server, LEDGER)).keys()];
    const { vanished, pushed } = await sync(team.a);
    expect(vanished.map(({ object }) => object).sort()).toEqual(
      lost.filter((path) => !left.includes(path)).sort(),
    );
    expect(vanished.flatMap(({ records }) => records)).toContain(
      (await listed(team.a)).get(vanished[0]?.object ?? ''),
    );
    expect(pushed).toBe(true);
    await expectShared(team, commits);
  });

  it('was replaced by a history that has nothing to do with ours', async () => {
    const { team, commits } = await startedTeam();
    await onServer(team, { [X]: 'theirs\n' }, { onTop: false });
    const { vanished, received } = await sync(team.a);
    expect({ vanished: vanished.length, received }).toEqual({ vanished: 2, received: 1 });
    expect(await team.b.git('fetch', '-q').then(() => team.b.run(['list']))).toMatchObject({
      code: 0,
      stderr: '',
    });
    await expectShared(team, commits);
    expect((await filesOf(team.b, LEDGER)).get(X)).toBe('theirs\n');
  });

  it('has a commit on top that takes records away', async () => {
    const { team, commits } = await startedTeam();
    await team.server.git('config', 'user.name', 'X');
    await team.server.git('config', 'user.email', 'x@example.com');
    await team.server.git('notes', '--ref=agent-log', 'remove', commits[0] ?? '');
    expect((await sync(team.a)).vanished.map(({ object }) => object)).toEqual([commits[0]]);
    await expectShared(team, commits);
  });

  it('has lost the ref', async () => {
    const { team, commits } = await startedTeam();
    await team.server.git('update-ref', '-d', LEDGER);
    await team.a.git('fetch', '-q');
    const outcome = await sync(team.a);
    expect(outcome.vanished.map(({ object }) => object).sort()).toEqual([...commits].sort());
    expect(outcome.pushed).toBe(true);
    await expectShared(team, commits);
  });

  it('tells a command that comes after git fetch', async () => {
    const { team } = await startedTeam();
    const first = (await team.server.git('rev-list', '--max-parents=0', LEDGER)).split('\n')[0] ?? '';
    await team.server.git('update-ref', LEDGER, first);
    await team.a.git('fetch', '-q');
    const { stderr } = await team.a.run(['list']);
    expect(stderr).toMatch(/^warning: origin lost what it had of 1 note/);
    expect((await listed(team.a)).size).toBe(2);
    expect((await team.a.run(['list'])).stderr).toBe('');
  });

  it('has something there that is no ledger', async () => {
    const { team, commits } = await startedTeam();
    const tip = await team.server.git('rev-parse', LEDGER);
    await team.server.git('update-ref', LEDGER, await team.server.git('rev-parse', `${tip}^{tree}`));
    const { code, stderr } = await team.a.run(['sync']);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/is no commit\nhint: /) as string,
    });
    await team.server.git('update-ref', LEDGER, tip);
    await expectShared(team, commits);
  });
});

describe('an untrusted ledger', () => {
  const forged = (commit: string): string =>
    `${storedExecution({ txn: '01JD2M0Y5V9Z8K7Q3C4N6T1RWE', head: { commit, tree: commit, parents: [] } }).line}\n`;

  it.each([
    [
      'another fan-out',
      (c: string) => ({ [fanOut(X, 2)]: jsonLine('x'), [fanOut(c, 2)]: `${jsonLine('more')}\n` }),
    ],
    [
      'a note at two paths',
      (c: string) => ({ [fanOut(c, 1)]: `${jsonLine('one')}\n`, [c]: `${jsonLine('two')}\n` }),
    ],
    [
      'other tools’ files',
      () => ({ 'tool/état': 'é', 'README.md': '# hi', [Y]: 'by hand\n\nin paragraphs\n' }),
    ],
    ['lines that are too long', (c: string) => ({ [c]: `${jsonLine('x'.repeat(5 * 1024 * 1024))}\n` })],
    [
      'lines cut short, bytes of no text, nothing at all',
      (c: string) => ({ [c]: '{"schema":"agent-log/exec', [X]: '\0\u0001', [Y]: '' }),
    ],
  ])(
    '%s: our records stay what they are, on both sides',
    async (_, files: (commit: string) => Record<string, string>) => {
      const { team, commits } = await startedTeam();
      await onServer(team, files(commits[0] ?? ''), { onTop: false });
      const more = await work(team.a);
      const { vanished } = await sync(team.a);
      expect(vanished.length).toBeGreaterThan(0);
      await sync(team.b);
      const server = [...(await filesOf(team.server, LEDGER)).values()].join('\n');
      for (const text of Object.values(files(commits[0] ?? ''))) expect(server).toContain(text.trimEnd());
      const all = new Map(
        [...(await listed(team.a))].filter(([commit]) => [...commits, more].includes(commit)),
      );
      expect(all.size).toBe(3);
      expect(await listed(team.b)).toEqual(await listed(team.a));
      for (const clone of [team.a, team.b]) {
        await team.a.git('push', '-q', '--no-verify', 'origin', 'refs/heads/work-*');
        await team.b.git('push', '-q', '--no-verify', 'origin', 'refs/heads/work-*');
        await clone.git('fetch', '-q');
        for (const [commit, record] of all)
          expect(JSON.parse((await clone.run(['show', commit, '--json'])).stdout)).toMatchObject({
            record,
            binding: 'exact',
          });
      }
    },
  );

  it('a forged line is a line: its commit does not become anybody’s by it', async () => {
    const { team, commits } = await startedTeam();
    const main = await team.a.git('rev-parse', 'main');
    await onServer(team, { [main]: forged(main) }, { onTop: true });
    expect(await sync(team.a)).toMatchObject({ received: 1, unreadable: [] });
    const shown = JSON.parse((await team.a.run(['show', main, '--json'])).stdout) as object;
    expect(shown).toMatchObject({ binding: 'claimed', authorship: 'unknown', sealed: false });
    for (const commit of commits.slice(0, 1))
      expect(JSON.parse((await team.a.run(['show', commit, '--json'])).stdout)).toMatchObject({
        binding: 'exact',
      });
  });

  it('lines that can’t be read are named, and kept', async () => {
    const { team, commits } = await startedTeam();
    const [commit = ''] = commits;
    const path =
      [...(await filesOf(team.server, LEDGER)).keys()].find((one) => one.replaceAll('/', '') === commit) ??
      '';
    const note = (await filesOf(team.server, LEDGER)).get(path) ?? '';
    await onServer(
      team,
      { [path]: `${note}not json\n{"schema":"agent-log/execution/v9"}\n` },
      { onTop: true },
    );
    expect((await sync(team.a)).unreadable.map(({ object, problem }) => [object, problem])).toEqual([
      [commit, 'not-json'],
      [commit, 'newer-version'],
    ]);
    const { stdout } = await team.a.run(['sync']);
    expect(stdout).toContain('nothing new came in');
    await expectShared(team, commits);
  });
});

describe('git push', () => {
  /** An agent's turn: one shell that commits and pushes. */
  async function turn(
    clone: TestRepo,
    push = 'git push -q origin HEAD',
    env: Record<string, string> = {},
  ): ReturnType<TestRepo['exec']> {
    const name = `turn-${Math.random().toString(36).slice(2)}`;
    await clone.write(name, 'x\n');
    return clone.exec(
      'sh',
      ['-c', `git checkout -q -B ${name} && git add -A && git commit -q -m Turn && ${push}`],
      {
        env: { ...AGENT_ENV, ...env },
      },
    );
  }

  it('takes the records along, also of a commit made in the same turn', async () => {
    const team = await makeTeam();
    const done = await turn(team.a);
    expect(done.code, done.stderr).toBe(0);
    const commit = await team.a.git('rev-parse', 'HEAD');
    await arrived(team, commit);
    await team.b.git('fetch', '-q');
    expect([...(await listed(team.b)).keys()]).toEqual([commit]);
    // A person's push afterwards has nothing to take along, and starts no program of ours.
    await team.a.commit('By hand', { h: 'x\n' });
    const trace = join(team.root, 'trace');
    await team.a.tryGit(['push', '-q', 'origin', 'HEAD'], { env: { GIT_TRACE: trace } });
    expect((await team.a.exec('cat', [trace])).stdout).not.toContain('fast-import');
    expect((await team.a.exec('grep', ['-c', 'ls-remote\\|notes/agent-log:', trace])).stdout.trim()).toBe(
      '0',
    );
    expect((await team.a.run(['doctor'])).stdout).toMatch(/ok {4}remote ledger +origin has all of it/);
  });

  it('over HTTP, from two clones at once: both arrive', async () => {
    const team = await makeTeam();
    await team.server.git('config', 'http.receivepack', 'true');
    const http = await serveGit(team.root, team.server.env);
    onTestFinished(http.close);
    const commits: string[] = [];
    for (const clone of [team.a, team.b])
      await clone.git('remote', 'set-url', 'origin', `${http.url}/server.git`);
    for (let i = 0; i < 2; i++) {
      const turns = await Promise.all([turn(team.a), turn(team.b)]);
      expect(
        turns.map(
          ({ code, stderr }) => `${code} ${stderr.replace(/^git-agent-log: records are still.*\n/, '')}`,
        ),
      ).toEqual(['0 ', '0 ']);
      for (const clone of [team.a, team.b]) commits.push(await clone.git('rev-parse', 'HEAD'));
    }
    await sync(team.a);
    await sync(team.b);
    await arrived(team, ...commits);
    await sync(team.a);
    expect([...(await listed(team.a)).keys()].sort()).toEqual([...commits].sort());
  });

  it('is not held up by a ledger that takes for ever, and says where the records are', async () => {
    const team = await makeTeam();
    await team.serverHook(
      'pre-receive',
      'while read -r _ _ ref; do case $ref in refs/notes/*) sleep 40 ;; esac; done',
    );
    const start = Date.now();
    const done = await turn(team.a);
    expect(done.code).toBe(0);
    // The limit is two seconds; the machine may be busy, and forty are forty.
    expect(Date.now() - start).toBeLessThan(20_000);
    expect(done.stderr).toMatch(/^git-agent-log: records are still on their way/);
    expect(await team.server.git('rev-parse', await team.a.git('branch', '--show-current'))).toBe(
      await team.a.git('rev-parse', 'HEAD'),
    );
    expect((await team.a.run(['doctor'])).stdout).toMatch(
      /look {2}remote ledger +1 note\(s\) are not known to be at origin/,
    );
  });

  it('goes through where the server refuses the ledger, which is asked once', async () => {
    const team = await makeTeam();
    await team.serverHook(
      'pre-receive',
      'while read -r _ _ ref; do case $ref in refs/notes/*) echo x >>tries; exit 1 ;; esac; done',
    );
    expect((await turn(team.a)).code).toBe(0);
    await eventually(
      async () => (await team.a.git('for-each-ref', 'refs/agent-log')).includes('/refused'),
      60_000,
    );
    const tries = await team.a.exec('cat', [join(team.server.dir, 'tries')]);
    for (let i = 0; i < 2; i++) {
      await team.a.commit('By hand', { h: `${i}\n` });
      expect(await team.a.tryGit(['push', '-q', 'origin', 'HEAD'])).toMatchObject({ code: 0, stderr: '' });
    }
    expect(await team.a.exec('cat', [join(team.server.dir, 'tries')])).toEqual(tries);
    expect((await team.a.run(['doctor'])).stdout).toMatch(/look {2}remote ledger +.*it refused them/);
    await team.serverHook('pre-receive', 'exit 0');
    expect(await sync(team.a)).toMatchObject({ pushed: true });
    expect((await team.a.run(['doctor'])).stdout).toMatch(/ok {4}remote ledger/);
  });

  it('asks nobody for a password; sync may', async () => {
    const team = await makeTeam();
    await team.server.git('config', 'http.receivepack', 'true');
    const http = await serveGit(team.root, team.server.env, 'letmein');
    onTestFinished(http.close);
    await team.a.git('remote', 'set-url', 'origin', `${http.url}/server.git`);
    const asked = join(team.root, 'asked');
    const askpass = join(team.root, 'askpass');
    await writeScript(
      askpass,
      `#!/bin/sh\necho "$1" >>${asked}\ncase $1 in User*) echo jane ;; *) echo letmein ;; esac\n`,
    );
    const env = { GIT_ASKPASS: askpass, SSH_ASKPASS: askpass, GIT_TERMINAL_PROMPT: '1' };
    const done = await turn(team.a, 'git push -q origin HEAD', env);
    expect(done.code).toBe(0);
    expect(done.stderr).toMatch(/^git-agent-log: (origin could not be asked|records are still)/);
    await eventually(
      async () => (await team.a.read('.git/agent-log/journal.jsonl').catch(() => '')) !== '',
      60_000,
    );
    expect((await team.a.exec('cat', [asked])).stdout.trim().split('\n')).toHaveLength(2);
    expect((await team.server.tryGit(['rev-parse', '-q', '--verify', LEDGER])).code).toBe(1);
    const { code, stderr } = await team.a.run(['sync'], { env });
    expect(code, stderr).toBe(0);
    await arrived(team, await team.a.git('rev-parse', 'HEAD'));
    expect(await team.a.read('.git/agent-log/journal.jsonl')).not.toContain('letmein');
  });

  it('over ssh asks nothing either, and keeps the user’s own ssh', async () => {
    const team = await makeTeam();
    const log = join(team.root, 'ssh.log');
    const ssh = [
      '#!/bin/sh',
      `echo "$0 $SSH_ASKPASS_REQUIRE $*" >>${log}`,
      // git asks a program it does not know whether it is OpenSSH.
      '[ "$1" != -G ] || exit 1',
      'for last; do :; done',
      'eval "$last"',
      '',
    ].join('\n');
    await writeScript(join(team.root, 'bin', 'ssh'), ssh);
    await writeScript(join(team.root, 'own', 'my-ssh'), ssh);
    await team.a.git('remote', 'set-url', 'origin', `ssh://host${team.server.dir}`);
    const env = { PATH: `${join(team.root, 'bin')}:${team.a.env['PATH'] ?? ''}` };
    const calls = async (): Promise<string[]> => (await team.a.exec('cat', [log])).stdout.trim().split('\n');
    expect((await turn(team.a, 'git push -q origin HEAD', env)).code).toBe(0);
    await arrived(team, await team.a.git('rev-parse', 'HEAD'));
    expect(
      (await calls())
        .filter((call) => call.includes('receive-pack'))
        .map((call) => call.includes('force -o BatchMode=yes')),
    ).toEqual([false, true]);
    await team.a.git('config', 'core.sshCommand', join(team.root, 'own', 'my-ssh'));
    expect((await turn(team.a, 'git push -q origin HEAD', env)).code).toBe(0);
    await arrived(team, await team.a.git('rev-parse', 'HEAD'));
    const own = (await calls()).filter((call) => /own\/my-ssh.*receive-pack/.test(call));
    expect(own.map((call) => [call.includes('my-ssh force '), call.includes('BatchMode')])).toEqual([
      [false, false],
      [true, false],
    ]);
  });

  it('runs the user’s hook once, with what git says, and never ours from ours', async () => {
    const team = await makeTeam();
    await team.a.run(['uninit']);
    const seen = join(team.root, 'seen');
    await writeScript(
      team.a.path('.git', 'hooks', 'pre-push'),
      `#!/bin/sh\necho "$@" >>${seen}\ncat >>${seen}\n`,
    );
    expect((await team.a.run(['init', '--agents', 'none'])).code).toBe(0);
    expect((await turn(team.a)).code).toBe(0);
    const [commit, branch] = [
      await team.a.git('rev-parse', 'HEAD'),
      await team.a.git('branch', '--show-current'),
    ];
    await arrived(team, commit);
    expect((await team.a.exec('cat', [seen])).stdout.trim().split('\n')).toEqual([
      `origin file://${team.server.dir}`,
      `HEAD ${commit} refs/heads/${branch} ${'0'.repeat(40)}`,
    ]);
    await writeScript(team.a.path('.git', 'hooks', 'pre-push'), '#!/bin/sh\nexit 7\n');
    expect((await turn(team.a)).code).not.toBe(0);
  });

  it('leaves records at home when told to, for a dry run, and where the ledger itself is pushed', async () => {
    const team = await makeTeam();
    await team.a.git('config', 'agentLog.push', 'false');
    expect((await turn(team.a)).code).toBe(0);
    await team.a.git('config', '--unset', 'agentLog.push');
    await team.a.git('config', 'remote.origin.agentLogPush', 'no');
    expect((await turn(team.a)).code).toBe(0);
    expect((await team.a.run(['doctor'])).stdout).toMatch(/2 note\(s\).*agentLog\.push/);
    await team.a.git('config', '--unset', 'remote.origin.agentLogPush');
    expect((await turn(team.a, 'git push -q --dry-run origin HEAD')).code).toBe(0);
    await eventually(async () => (await listed(team.a)).size === 3);
    expect((await team.server.tryGit(['rev-parse', '-q', '--verify', LEDGER])).code).toBe(1);
    expect(await team.a.tryGit(['push', '-q', 'origin', LEDGER])).toMatchObject({ code: 0, stderr: '' });
    expect(await team.server.git('rev-parse', LEDGER)).toBe(await team.a.git('rev-parse', LEDGER));
  });

  it('sends them where the commits go, when that is not where they come from', async () => {
    const { team, commits } = await startedTeam();
    const fork = repoAt(join(team.root, 'fork.git'), team.a.home);
    await team.server.git('clone', '-q', '--bare', team.server.dir, fork.dir);
    await team.a.git('remote', 'set-url', '--push', 'origin', fork.dir);
    expect((await turn(team.a)).code).toBe(0);
    const commit = await team.a.git('rev-parse', 'HEAD');
    await arrived({ ...team, server: fork }, commit, ...commits);
    expect((await sync(team.a)).vanished).toEqual([]);
    expect((await team.server.tryGit(['notes', '--ref=agent-log', 'show', commit])).code).not.toBe(0);
  });
});

describe('a server that knows its people', () => {
  it('accepts every commit of the ledger: known committers, a ticket in every message', async () => {
    const { team, commits } = await startedTeam();
    await shareBranches(team);
    await team.serverHook(
      'pre-receive',
      'while read -r old new ref; do',
      '  for c in $(git rev-list "$new" --not --all); do',
      '    case $(git log -1 --format=%ae,%ce "$c") in [ab]@example.com,[ab]@example.com) ;; *) echo "who is that? $c" >&2; exit 1 ;; esac',
      '    git log -1 --format=%s "$c" | grep -Eq "^OPS-[0-9]+: .{10,}" || { echo "no ticket: $c" >&2; exit 1; }',
      '  done',
      'done',
    );
    const mine: string[] = [];
    for (const clone of [team.a, team.b]) {
      await clone.git('config', 'agentLog.ledgerMessage', 'OPS-1: %s');
      mine.push(await work(clone, 'OPS-2: a change with a ticket'));
    }
    await sync(team.a);
    const merged = await sync(team.b);
    expect(merged).toMatchObject({ received: 1, pushed: true });
    expect(await team.server.git('log', '-1', '--format=%s', LEDGER)).toBe(
      'OPS-1: agent-log: merge the ledger of origin',
    );
    await expectShared(team, [...commits, ...mine]);
  });
});

describe('a fresh clone', () => {
  it('says that records may be had, and asks the network for nothing by itself', async () => {
    const { team, commits } = await startedTeam();
    await shareBranches(team);
    const dir = join(team.root, 'fresh');
    await team.a.git('clone', '-q', `file://${team.server.dir}`, dir);
    const fresh = repoAt(dir, team.a.home);
    const hint = 'hint: this clone has no records yet; `git agent-log sync` fetches those of its remote\n';
    expect(await fresh.run(['list'])).toMatchObject({ code: 0, stderr: hint });
    expect(await fresh.run(['show', 'HEAD'])).toMatchObject({ code: 1, stderr: hint });
    expect((await fresh.run(['show', commits[0] ?? ''])).stdout).toContain('git agent-log sync');
    expect((await fresh.run(['doctor'])).stdout).toMatch(/no records here yet; origin may have some\n.*sync/);
    expect(await fresh.git('for-each-ref', 'refs/agent-log', 'refs/notes')).toBe('');
    await fresh.run(['init', '--agents', 'none']);
    await fresh.git('fetch', '-q');
    const shown = await fresh.run(['show', commits[0] ?? '']);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
  });
});
