import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AGENT_ENV, recorded } from '../../support/recorded.ts';
import { PROGRAM, type TestRepo, writeScript } from '../../support/repo.ts';

let repo: TestRepo;
beforeEach(async () => {
  repo = await recorded();
  await repo.write('a.txt', 'a\n');
  await repo.git('add', 'a.txt');
  await repo.write('.git/MSG', 'Subject\n');
});
afterEach(() => repo.remove());

const PREPARE = ['hook', 'prepare-commit-msg'];
const MESSAGE = ['.git/MSG', 'message'];
const TRAILERS =
  /^Agent-Txn: \w+\nAgent-Record: sha256:\w+\nAgent-Sponsor: Jane Doe <jane@example.com>\nAssisted-by: /m;
const env = { ...AGENT_ENV, GIT_EDITOR: ':' };

/** Runs the hook as its shell does, with something else to hear. */
function asked(heard: string, input = ''): ReturnType<TestRepo['exec']> {
  const command = `${heard} "$1" ${[...PREPARE, '--asked', ...MESSAGE].join(' ')}`;
  return repo.exec('sh', ['-c', command, input, PROGRAM], { env });
}

describe('prepare-commit-msg, asked for by its shell', () => {
  it.each([
    ['nothing', ''],
    ['half an answer', '/nowhere/.git\n/nowhere/.gi'],
    ['failures only', '\0\x00128\n'.repeat(4)],
  ])('asks git itself when it hears %s, and hands the trailers over', async (_what, input) => {
    const done = await asked('printf "$0" |', input.replaceAll('\0', '\\0'));
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toMatch(new RegExp(`^#\n${TRAILERS.source}.*\n\n$`, 'm'));
    expect(await repo.read('.git/MSG')).toBe('Subject\n');
  });

  it('seals the message itself when no shell waits for it, as hooks of an earlier version have it', async () => {
    expect(await repo.exec(PROGRAM, [...PREPARE, ...MESSAGE], { env })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await repo.read('.git/MSG')).toMatch(TRAILERS);
  });

  it('lets the commit go on after two seconds when git says nothing', async () => {
    expect(await asked('{ sleep 3 2>/dev/null & } |')).toEqual({
      code: 0,
      stdout: '\n',
      stderr: 'git-agent-log: prepare-commit-msg took over 2000 ms and lets the commit go on\n',
    });
  });

  it('does without what was heard when it can’t be read', async () => {
    expect(await asked('exec <&-;')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(TRAILERS) as string,
    });
  });

  it('says it and keeps a note when the trailers can’t be put in, and the message stays', async () => {
    const bin = join(repo.home, 'bin');
    await writeScript(
      join(bin, 'git'),
      '#!/bin/sh\ncase " $* " in *" interpret-trailers "*) exit 1 ;; esac\nPATH=${PATH#*:} exec git "$@"\n',
    );
    const PATH = `${bin}:${repo.env['PATH'] ?? ''}`;
    const done = await repo.exec('.git/hooks/prepare-commit-msg', MESSAGE, { env: { ...env, PATH } });
    expect(done.code).toBe(0);
    expect(done.stderr).toContain('the trailers could not be put into the message (the commit goes on');
    expect(await repo.read('.git/agent-log/journal.jsonl')).toContain('"hook":"unsealed"');
    expect(await repo.read('.git/MSG')).toBe('Subject\n');
  });

  it('lets the commit go on when all is done, and does not wait for Node to end', async () => {
    const hang = join(repo.home, 'hang.cjs');
    const [goOn, ended] = [join(repo.home, 'go-on'), join(repo.home, 'ended')];
    await repo.exec('sh', ['-c', 'cat >"$0"', hang], {
      input: `const { existsSync, writeFileSync } = require('node:fs'), until = Date.now() + 5000;
        process.on('exit', () => {
          while (!existsSync(${JSON.stringify(goOn)}) && Date.now() < until);
          writeFileSync(${JSON.stringify(ended)}, '');
        });`,
    });
    // Whoever holds a pipe open is waited for: what the hook says goes to a file.
    const command = '"$@" 2>"$0"';
    const hook = ['.git/hooks/prepare-commit-msg', ...MESSAGE];
    const said = join(repo.home, 'said');
    const done = await repo.exec('sh', ['-c', command, said, ...hook], {
      env: { ...env, NODE_OPTIONS: `--require ${hang}` },
    });
    expect(done.code).toBe(0);
    expect(existsSync(ended)).toBe(false);
    expect(await repo.read('.git/MSG')).toMatch(TRAILERS);
    expect(existsSync(repo.path('.git/hooks/post-commit'))).toBe(true);
    expect(await repo.read('../home/said')).toBe('');
    writeFileSync(goOn, '');
    await vi.waitUntil(() => existsSync(ended), 5000);
  });

  it('says that a commit could not be recorded when Node ends without a word', async () => {
    const end = join(repo.home, 'end.cjs');
    await repo.exec('sh', ['-c', 'cat >"$0"', end], { input: 'process.reallyExit(9);' });
    const said = await repo.exec('.git/hooks/prepare-commit-msg', MESSAGE, {
      env: { ...env, NODE_OPTIONS: `--require ${end}` },
    });
    expect(said).toEqual({
      code: 0,
      stdout: '',
      stderr: 'git-agent-log: this commit could not be recorded; see git agent-log doctor\n',
    });
    expect(await repo.read('.git/MSG')).toBe('Subject\n');
  });

  it('starts no git of its own for a plain commit', async () => {
    const log = join(repo.home, 'started');
    const trace = join(repo.home, 'trace.cjs');
    await repo.exec('sh', ['-c', 'cat >"$0"', trace], {
      input: `const cp = require('node:child_process'), spawn = cp.spawn;
        cp.spawn = (...args) => { require('node:fs').appendFileSync(${JSON.stringify(log)}, args[1].join(' ') + '\\n'); return spawn(...args); };`,
    });
    // The first notes the version of git.
    await repo.exec('.git/hooks/prepare-commit-msg', MESSAGE, { env });
    await repo.write('.git/MSG', 'Subject\n');
    await repo.exec('.git/hooks/prepare-commit-msg', MESSAGE, {
      env: { ...env, NODE_OPTIONS: `--require ${trace}` },
    });
    expect(await repo.read('.git/MSG')).toMatch(TRAILERS);
    await expect(repo.read('../home/started')).rejects.toThrow('ENOENT');
  });
});
