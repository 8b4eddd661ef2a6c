import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePlan } from '../../lib/cli/entry/plan-words.ts';
import { makeRepo, type Outcome, type TestRepo } from '../support/repo.ts';

let repo: TestRepo;
let txns: string[];
beforeAll(async () => {
  repo = await makeRepo();
  await repo.run(['init', '--agents', 'none']);
  const byAgent = async (script: string): Promise<string> => {
    const all = `${script} && git add -A && git commit -q -m "By an agent"`;
    await repo.run(['run', '--task', 'Write\u001b[31m a file', '--agent', 'tester', '--', 'sh', '-c', all]);
    return /Agent-Txn: (\w+)/.exec(await repo.git('log', '-1', '--format=%B'))?.[1] ?? '';
  };
  txns = [
    await byAgent('mkdir sub && seq 9 > sub/one'),
    await byAgent('sed -i s/5/five/ sub/one'),
    await byAgent("echo 'AKIA2E0A8F3B244C9986' > two"),
  ];
  await repo.git('worktree', 'add', '-q', '../linked');
  await repo.git('clone', '-q', '--bare', '.', '../bare.git');
});
afterAll(() => repo.remove());

const PLAN = 'agent-revert';

/** A word the parser of its bundle does not know: the program then starts as it does for every other command. */
function byProgram(args: readonly string[], cwd = repo.dir): Promise<Outcome> {
  return repo.run([PLAN, '--no-color', ...args], { cwd });
}

/** With --debug, where it happened differs. */
function plain({ stderr, ...rest }: Outcome): Outcome {
  return { ...rest, stderr: stderr.replaceAll(/^ +at .*\n/gm, '') };
}

describe('a plan from its own bundle', () => {
  it.each([
    [['ONE', '--plan']],
    [['ONE', '--plan', '--json']],
    [['--plan', 'TWO', '--json']],
    [['--json', 'TWO', 'THREE', '--plan']],
    [['ONE', '--plan', '--with-dependants', '--json']],
    [['ONE', '--plan', '--relaxed']],
    [['ONE', '--plan', '--hunks', '--json']],
    [['HEAD', '--plan', '--json']],
    [['none', '--plan']],
    [['none', '--plan', '--debug']],
    [['', '--plan']],
    [['a\nb', '--plan', '--json']],
    [['--plan']],
    [['ONE', '--plan', '--no-such-flag']],
    [['ONE', '--plan', '--json=1']],
    [['--', 'ONE', '--plan']],
    [['ONE', '--plan', '-h']],
    [['THREE', '--plan', '--mr', 'none']],
  ])('says of %j what the program says', async (words) => {
    const names: Record<string, string | undefined> = { ONE: txns[0], TWO: txns[1], THREE: txns[2] };
    const args = words.map((word) => names[word]?.toLowerCase().slice(0, 14) ?? word);
    expect(plain(await repo.run([PLAN, ...args]))).toEqual(plain(await byProgram(args)));
  });

  it.each([['sub'], ['.git'], ['../linked'], ['../bare.git'], ['/']])(
    'says in %s what the program says',
    async (folder) => {
      const cwd = join(repo.dir, folder);
      const args = [txns[1] ?? '', '--plan', '--json'];
      expect(await repo.run([PLAN, ...args], { cwd })).toEqual(await byProgram(args, cwd));
    },
  );

  it('takes in first what waits, as the program does', async () => {
    const script = 'echo 3 > three && git add -A && git commit -q -m "Waits"';
    await repo.run(['run', '--task', 'Wait', '--agent', 'tester', '--', 'sh', '-c', script]);
    await writeFile(join(repo.dir, 'three'), '4\n');
    const txn = /Agent-Txn: (\w+)/.exec(await repo.git('log', '-1', '--format=%B'))?.[1] ?? '';
    const { code, stdout } = await repo.run([PLAN, txn, '--plan', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).verdict).toBe('clean');
  });
});

it('words are taken by it only where all of them are plain and a plan is asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('--plan', '--json', '--hunks'))), (words) => {
      const asked = parsePlan(words);
      if (asked === null) return;
      expect(words).toContain('--plan');
      expect(asked.flags['plan']).toBe(true);
      expect(asked.names.every((name) => !name.startsWith('-'))).toBe(true);
      expect(words.filter((word) => !asked.names.includes(word)).every((word) => word.startsWith('--'))).toBe(
        true,
      );
    }),
  );
  expect(parsePlan(['one', '--plan', '--with-dependants'])?.flags).toEqual({
    plan: true,
    withDependants: true,
  });
  expect(parsePlan(['one', '--json'])).toBeNull();
  expect(parsePlan(['--plan'])).toBeNull();
});
