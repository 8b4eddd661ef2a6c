import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GitServer, serveGit } from '../support/git-http.ts';
import { install } from '../support/recorded.ts';
import { makeRepo, type Outcome, PROGRAM, repoAt, type TestRepo } from '../support/repo.ts';

let repo: TestRepo;
let clone: TestRepo;
let server: GitServer;
let url = '';
let noGit: Record<string, string> = {};
let rebased = '';

/** Three recorded commits, the last on a branch and then put on another base; a person's in between. */
beforeAll(async () => {
  repo = await makeRepo();
  await install(repo);
  const edit = (script: string): Promise<Outcome> =>
    repo.run([
      'run',
      '--task',
      'Some task',
      '--agent',
      'my-agent',
      '--model',
      'm-1',
      '--',
      'sh',
      '-c',
      script,
    ]);
  await edit('printf "one\\n" > a.txt; git add -A; git commit -q -m One');
  await repo.commit('By hand', { 'b.txt': 'mine\n', 'big.bin': 'x'.repeat(200_000) });
  await edit('printf "two\\n" > c.txt; git add -A; git commit -q -m Two');
  await repo.git('checkout', '-q', '-b', 'topic', 'HEAD~1');
  await edit('printf "three\\n" > d.txt; git add -A; git commit -q -m Three');
  await repo.git('rebase', '-q', 'main');
  rebased = await repo.git('rev-parse', 'HEAD');
  await repo.git('checkout', '-q', 'main');
  await repo.git('branch', '-q', '-f', 'topic', rebased);
  await repo.run(['list']);
  await mkdir(repo.path('../served'));
  await repo.git('clone', '-q', '--mirror', '.', repo.path('../served/shop.git'));
  await repo.git('-C', repo.path('../served/shop.git'), 'config', 'uploadpack.allowFilter', 'true');
  server = await serveGit(repo.path('../served'), repo.env);
  url = `${server.url}/shop.git`;
  clone = repoAt(repo.path('../clone'), repo.home);
  await repo.git('clone', '-q', url, clone.dir);
  await clone.git('fetch', '-q', 'origin', 'refs/notes/agent-log:refs/notes/agent-log');
  await mkdir(repo.path('../bin'));
  await symlink(process.execPath, repo.path('../bin/node'));
  noGit = { PATH: repo.path('../bin') };
});

afterAll(async () => {
  await server.close();
  await repo.remove();
});

/** Outside of any repository, with git and without. */
function ask(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  return repo.exec(process.execPath, [PROGRAM, ...args], { cwd: tmpdir(), env });
}

const hasStrace = existsSync('/usr/bin/strace');
const STRACE_ENV = (of: TestRepo): string[] => [`PATH=${of.path('../bin')}`, `HOME=${of.home}`];

const FETCHED = /^fetched \d+(\.\d)? (bytes|kB|MB)\n$/;

describe('from a distance', () => {
  for (const name of ['HEAD', 'main', 'main~1', 'topic', 'HEAD~2'])
    test(`git: show ${name} tells what a clone tells`, async () => {
      const local = await clone.run(['show', '--json', name === 'topic' ? 'origin/topic' : name]);
      const far = await ask(['show', '--json', '--remote', url, name]);
      expect(far.stderr).toMatch(FETCHED);
      expect([far.code, JSON.parse(far.stdout)]).toEqual([local.code, JSON.parse(local.stdout)]);
    });

  test('no git: the same, by branch and by id', async () => {
    for (const name of ['HEAD', 'main', await repo.git('rev-parse', 'main~2')]) {
      const local = await clone.run(['show', '--json', name]);
      const far = await ask(['show', '--json', '--remote', url, name], noGit);
      expect(far.stderr).toMatch(FETCHED);
      expect([far.code, JSON.parse(far.stdout)]).toEqual([local.code, JSON.parse(local.stdout)]);
    }
  });

  test('no git: a commit that only git’s diff can judge says so', async () => {
    const far = await ask(['show', '--remote', url, 'topic'], noGit);
    expect([far.code, far.stdout]).toEqual([128, '']);
    expect(far.stderr).toContain('only git can tell');
  });

  test('list tells what a clone tells, also of transactions and of a range', async () => {
    for (const args of [['--json'], ['--txn', '--json'], ['--json', '-n', '1'], ['--json', 'HEAD~1..HEAD']]) {
      const local = await clone.run(['list', ...args]);
      expect(local.stdout).not.toBe('');
      const far = await ask(['list', ...args, '--remote', url]);
      expect([args, far.code, far.stdout]).toEqual([args, local.code, local.stdout]);
    }
  });

  test('no git: so does list, and says of rewritten work that it can’t tell where that is', async () => {
    const local = await clone.run(['list', '--json']);
    const far = await ask(['list', '--json', '--remote', url], noGit);
    const [moved = '', ...others] = local.stdout.split('\n');
    const [told = '', ...rest] = far.stdout.split('\n');
    expect([far.code, rest]).toEqual([0, others]);
    expect((JSON.parse(moved) as { commit: string }).commit).toBe(rebased);
    expect((JSON.parse(told) as { record: string }).record).toBe(
      (JSON.parse(moved) as { record: string }).record,
    );
    expect(far.stderr).toContain('note: 1 record told with the commit it was made as');
  });

  test('a transaction is found by its id', async () => {
    const { txn } = JSON.parse((await clone.run(['show', '--json', 'main'])).stdout) as { txn: string };
    const local = await clone.run(['show', '--json', txn]);
    for (const env of [{}, noGit]) {
      const far = await ask(['show', '--json', '--remote', url, txn], env);
      expect([far.code, far.stdout]).toEqual([local.code, local.stdout]);
    }
  });

  test('the content of files stays where it is', async () => {
    const far = await ask(['show', '--remote', url, 'main']);
    const bytes = Number(/fetched (\d+(?:\.\d)?) (kB|bytes)/.exec(far.stderr)?.[1]);
    expect(bytes).toBeLessThan(50);
  });

  test('nothing is left behind', async () => {
    const left = async (): Promise<string[]> =>
      (await readdir(tmpdir())).filter((name) => name.startsWith('agent-log-far-'));
    const before = await left();
    await ask(['show', '--remote', url, 'main']);
    await ask(['show', '--remote', `${server.url}/none.git`, 'main']);
    expect(await left()).toEqual(before);
  });

  test.skipIf(!hasStrace)('no git: no process of git is started, nor any other', async () => {
    const trace = repo.path('../trace');
    const words = ['-f', '-qq', '-e', 'trace=execve', '-o', trace, process.execPath, PROGRAM];
    const asked = await repo.exec('strace', [...words, 'show', '--json', '--remote', url, 'main'], {
      cwd: tmpdir(),
      env: { ...noGit, PATH: `${noGit['PATH'] ?? ''}:/usr/bin` },
    });
    // With git on PATH it is found: the trace can tell.
    expect(asked.code).toBe(0);
    const started = async (): Promise<string[]> =>
      (await readFile(trace, 'utf8')).split('\n').filter((line) => line.endsWith(' = 0'));
    expect((await started()).some((line) => line.includes('/git"'))).toBe(true);
    await repo.exec(
      '/usr/bin/env',
      ['-i', ...STRACE_ENV(repo), '/usr/bin/strace', ...words, 'show', '--remote', url, 'main'],
      { cwd: tmpdir() },
    );
    expect(await started()).toHaveLength(1);
  });
});

describe('attack: from a distance', () => {
  let hostile: Server;
  let answer: (path: string) => { status?: number; headers?: Record<string, string>; body?: Buffer | null };
  let seen: string[] = [];
  let place = '';
  beforeAll(async () => {
    hostile = createServer((request, response) => {
      seen.push(request.url ?? '');
      const { status = 200, headers = {}, body = Buffer.alloc(0) } = answer(request.url ?? '');
      response.writeHead(status, headers);
      if (body !== null) response.end(body);
    });
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
    place = `http://127.0.0.1:${(hostile.address() as AddressInfo).port}/x.git`;
  });
  afterAll(() => {
    hostile.closeAllConnections();
    hostile.close();
  });

  test('other protocols are not spoken, and credentials are not told', async () => {
    for (const address of [
      'file:///etc',
      'ext::sh -c id',
      'ssh://host/x',
      'git://host/x',
      '/tmp',
      '-uhttp://x',
      'http://h/a b',
    ]) {
      const far = await ask(['show', `--remote=${address}`]);
      expect([far.code, far.stdout]).toEqual([2, '']);
    }
    const secret = `http://jane:hunter2@127.0.0.1:1/x.git`;
    for (const env of [{}, noGit]) {
      const far = await ask(['show', '--remote', secret], env);
      expect(far.code).toBe(128);
      expect(far.stdout + far.stderr).not.toContain('hunter2');
    }
  });

  test('a password is on no command line, of git or of what git starts', async () => {
    const closed = await serveGit(repo.path('../served'), repo.env, 'hunter2');
    const [shims, asked, trace] = [repo.path('../shims'), repo.path('../asked'), repo.path('../git-trace')];
    const git = (await repo.exec('sh', ['-c', 'command -v git'])).stdout.trim();
    await mkdir(shims);
    const shim = `#!/bin/sh\necho "$@" >> ${asked}\nexec ${git} "$@"\n`;
    await writeFile(`${shims}/git`, shim, { mode: 0o755 });
    const where = closed.url.replace('http://', 'http://jane:hunter2@');
    const env = { PATH: `${shims}:${process.env['PATH'] ?? ''}`, GIT_TRACE: trace };
    const far = await ask(['show', '--remote', `${where}/shop.git`, 'main'], env);
    await closed.close();
    expect([far.code, far.stderr]).toEqual([0, expect.stringMatching(FETCHED)]);
    const seenBy = (await readFile(asked, 'utf8')) + (await readFile(trace, 'utf8'));
    expect(seenBy).toMatch(/ls-remote[^\n]* http:\/\/127/);
    expect(seenBy).toMatch(/remote-http[^\n]* http:\/\/127/);
    expect(seenBy).not.toContain('hunter2');
    expect(seenBy).not.toContain(Buffer.from('jane:hunter2').toString('base64'));
  });

  test.skipIf(!existsSync('/proc/self/status'))(
    'refs without end are an end of git',
    async () => {
      const endless = createServer((request, response) => {
        const packet = (line: string): string => (line.length + 4).toString(16).padStart(4, '0') + line;
        const isAsked = request.method === 'POST';
        const type = `application/x-git-upload-pack-${isAsked ? 'result' : 'advertisement'}`;
        response.writeHead(200, { 'content-type': type });
        const greeting = ['version 2\n', 'ls-refs\n', 'fetch=filter\n', 'object-format=sha1\n']
          .map(packet)
          .join('');
        if (!isAsked) return void response.end(`${packet('# service=git-upload-pack\n')}0000${greeting}0000`);
        let n = 0;
        const more = (): void => {
          do n += 1000;
          while (!response.destroyed && response.write(refsFrom(n).map(packet).join('')));
        };
        const refsFrom = (first: number): string[] =>
          Array.from(
            { length: 1000 },
            (_, i) => `${'a'.repeat(40)} refs/heads/${first + i}${'b'.repeat(900)}\n`,
          );
        response.on('drain', more);
        more();
      });
      await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
      const began = Date.now();
      const far = await ask([
        'list',
        '--remote',
        `http://127.0.0.1:${(endless.address() as AddressInfo).port}/x`,
      ]);
      endless.closeAllConnections();
      endless.close();
      expect([far.code, far.stdout]).toEqual([128, '']);
      expect(far.stderr).toContain('takes too much memory');
      expect(Date.now() - began).toBeLessThan(45_000);
    },
    60_000,
  );

  test('nobody is followed to another place', async () => {
    for (const location of [
      'file:///etc/passwd',
      'http://169.254.169.254/',
      `${url}/info/refs?service=git-upload-pack`,
    ]) {
      answer = () => ({ status: 302, headers: { location } });
      for (const env of [{}, noGit]) {
        seen = [];
        const asked = server.requests.length;
        const far = await ask(['show', '--remote', place], env);
        expect([far.code, far.stdout]).toEqual([128, '']);
        expect(far.stderr).toContain('could not be read');
        expect(seen.every((path) => path.startsWith('/x.git/'))).toBe(true);
        expect(server.requests).toHaveLength(asked);
      }
    }
  });

  test('what is no git server is named as that', async () => {
    answer = () => ({ headers: { 'content-type': 'text/html' }, body: Buffer.from('<h1>hello') });
    for (const env of [{}, noGit]) {
      const far = await ask(['show', '--remote', place], env);
      expect([far.code, far.stdout]).toEqual([128, '']);
      expect(far.stderr).toContain('could not be read');
    }
  });
});
