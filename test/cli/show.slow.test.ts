import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseShow } from '../../lib/cli/entry/show-words.ts';
import { makeRepo, type Outcome, PROGRAM, type TestRepo } from '../support/repo.ts';

let repo: TestRepo;
let txn: string;
beforeAll(async () => {
  repo = await makeRepo();
  await repo.run(['init', '--agents', 'none']);
  const script = 'mkdir sub && echo 1 > sub/one && git add -A && git commit -q -m "By an agent"';
  await repo.run(['run', '--task', 'Write\u001b[31m a file', '--agent', 'tester', '--', 'sh', '-c', script]);
  txn = /Agent-Txn: (\w+)/.exec(await repo.git('log', '-1', '--format=%B'))?.[1] ?? '';
  await repo.git('worktree', 'add', '-q', '../linked');
  await repo.git('clone', '-q', '--bare', '.', '../bare.git');
});
afterAll(() => repo.remove());

/** Words before the command are the program's: it then starts as it does for every other command. */
function byProgram(args: readonly string[], cwd = repo.dir): Promise<Outcome> {
  return repo.run(['--no-color', 'show', ...args], { cwd });
}

describe('show from its own bundle', () => {
  it.each([
    [[]],
    [['HEAD', '--json']],
    [['--json', 'HEAD']],
    [['--json', '--json']],
    [['HEAD~1']],
    [['HEAD~1', '--json']],
    [['--raw']],
    [['--full', 'HEAD']],
    [['--raw', '--json', '--full']],
    [['none']],
    [['none', '--debug']],
    [['']],
    [['a\nb']],
    [['HEAD', 'HEAD']],
    [['--no-such-flag']],
    [['--', 'HEAD']],
    [['-h']],
    [['--no-color']],
    [['--json=1']],
    [['TXN']],
    [['TXN', '--json']],
    [['TXN', '--raw']],
    [['01000000']],
  ])('says of %j what the program says', async (words) => {
    const args = words.map((word) => (word === 'TXN' ? txn.toLowerCase().slice(0, 12) : word));
    const ours = await repo.run(['show', ...args]);
    const program = await byProgram(args);
    // With --debug, where it happened differs.
    const plain = (text: string): string => text.replaceAll(/^ +at .*\n/gm, '');
    expect({ ...ours, stderr: plain(ours.stderr) }).toEqual({ ...program, stderr: plain(program.stderr) });
  });

  it.each([['sub'], ['.git'], ['../linked'], ['../bare.git'], ['/']])(
    'says in %s what the program says',
    async (folder) => {
      const cwd = folder === '/' ? folder : repo.path(folder);
      expect(await repo.run(['show', '--json'], { cwd })).toEqual(await byProgram(['--json'], cwd));
    },
  );

  it('takes in first what waits', async () => {
    const other = await makeRepo();
    try {
      await other.run(['init', '--agents', 'none']);
      const script =
        'echo 1 > one && git add -A && git -c core.hooksPath=/dev/null commit -q --allow-empty -m Other && git commit -q --allow-empty -m "By an agent"';
      await other.run(['run', '--task', 'x', '--agent', 'tester', '--', 'sh', '-c', script]);
      const [name = ''] =
        (await other.git('log', '-1', '--format=%B')).match(/(?<=sha256:)[0-9a-f]{64}/) ?? [];
      const { stdout: line } = await other.run(['show', '--raw']);
      await other.git('update-ref', '-d', 'refs/notes/agent-log');
      await writeFile(other.path('.git/agent-log/pending', name), `${line.split('\n')[0]}\n`);
      expect((await other.run(['show', '--json'])).stdout).toContain('"binding":"exact"');
      expect(await other.git('notes', '--ref=agent-log', 'list')).not.toBe('');
    } finally {
      await other.remove();
    }
  });

  it('shows records of a SHA-256 repository', async () => {
    const other = await makeRepo({ objectFormat: 'sha256' });
    try {
      expect(await other.run(['show', '--json'])).toEqual(await other.run(['--no-color', 'show', '--json']));
    } finally {
      await other.remove();
    }
  });

  it('loads what it needs seldom, and says of it what the program says', async () => {
    const env = { GIT_PAGER_IN_USE: 'true', NO_COLOR: '' };
    const ours = await repo.run(['show'], { env });
    expect(ours.stdout).toContain('\u001b[1m');
    expect(ours).toEqual(await repo.run(['-C', '.', 'show'], { env }));
  });

  it.each([
    ['a revert that is none', '{"schema":"agent-log/revert/v1","id":1}', 'invalid'],
    ['a decision that is none', '{"schema":"agent-log/decision/v1","id":"x"}', 'invalid'],
    ['a record that is none', '{"schema":"agent-log/execution/v1","id":"x"}', 'invalid'],
    ['a newer record', '{"schema":"agent-log/execution/v9"}', 'newer-version'],
    ['no record', '{"schema":1}', 'unknown-schema'],
  ])('attack: %s on a note is named, as the program names it', async (_, line, problem) => {
    const other = await makeRepo();
    try {
      await other.git('notes', '--ref=agent-log', 'add', '-m', line, 'HEAD');
      const ours = await other.run(['show', '--json']);
      expect(ours.stdout).toContain(`can't be read: ${problem}`);
      expect(ours).toEqual(await other.run(['-C', '.', 'show', '--json']));
    } finally {
      await other.remove();
    }
  });

  it.each([
    ['a reader that goes away', 'show --full | true', ''],
    ['a file', 'show --raw > out; cat out', 'agent-log/execution/v1'],
    ['a pipe', 'show --raw | cat', 'agent-log/execution/v1'],
  ])('writes to %s', async (_, command, expected) => {
    const script = `set -o pipefail; "$0" "$1" ${command}`;
    const { code, stdout, stderr } = await repo.exec('bash', ['-c', script, process.execPath, PROGRAM]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(expected);
  });

  it('writes all of it to a reader that is slow', async () => {
    // A pipe that does not wait holds 64 KiB.
    const other = await makeRepo();
    try {
      const line = JSON.stringify({ schema: 'x', text: 'y'.repeat(300_000) });
      await writeFile(other.path('note'), line);
      await other.git('notes', '--ref=agent-log', 'add', '-F', 'note', 'HEAD');
      const script = `const { spawn } = require('node:child_process');
        const child = spawn(process.execPath, [process.argv[1], 'show', '--raw'], { stdio: ['ignore', 'pipe', 'inherit'] });
        child.stdout.pause(); setTimeout(() => child.stdout.resume(), 700); let size = 0;
        child.stdout.on('data', (part) => { size += part.length; }).on('end', () => console.log(size));
        child.stdout.pause();`;
      const { stdout } = await other.exec(process.execPath, ['-e', script, PROGRAM]);
      expect(Number(stdout)).toBe(line.length + 1);
    } finally {
      await other.remove();
    }
  });

  it('says what is wrong where git is missing', async () => {
    const env = { PATH: '/nonexistent' };
    const ours = await repo.exec(process.execPath, [PROGRAM, 'show'], { env });
    expect(ours).toMatchObject({ code: 128, stdout: '' });
    expect(ours.stderr).toContain('Is git installed and on PATH?');
  });
});

describe('parseShow', () => {
  const word = fc.constantFrom('--json', '--raw', '--full', 'HEAD', 'a b', '-x', '--', '--json=1', '-', '');

  it('reads plain words alone', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (words) => {
        const asked = parseShow(words);
        const names = words.filter((one) => !one.startsWith('-'));
        const isPlain =
          names.length <= 1 && words.every((one) => names.includes(one) || /^--(json|raw|full)$/.test(one));
        expect(asked !== null).toBe(isPlain);
        if (asked !== null) expect(asked.name).toBe(names[0] ?? 'HEAD');
      }),
    );
  });
});
