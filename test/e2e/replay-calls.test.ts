import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findContainment } from '../../lib/replay/containment/containment.ts';
import { haveClaude, SETUP_MS, session, stage } from '../support/clients/claude-stage.ts';
import type { Step } from '../support/models/anthropic.ts';
import { repoAt, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';
import { giveKeys } from '../support/sealed-texts.ts';
import { eventually } from '../support/wait.ts';

interface Replayed {
  readonly code: number;
  readonly verdict: string;
  readonly coverage: { readonly callsTotal: number; readonly executed: number; readonly stubbed: number };
  readonly calls: readonly { readonly name: string; readonly outcome: string; readonly why: string | null }[];
  readonly differences: readonly { readonly path: string }[];
  readonly environment: { readonly containment?: string };
  readonly text: string;
}

const isContained = (await findContainment()) !== null;
if (!isContained) process.stderr.write('SKIPPED: replay of calls: nothing contains commands here\n');

describe.skipIf(!isContained || !haveClaude('replay of calls'))('what Claude Code did, done again', () => {
  let repo: TestRepo;

  beforeAll(async () => {
    repo = await stage();
    await repo.git('config', 'agentLog.level', 'full');
    await repo.commit('Begin', {
      'src/sum.mjs': 'export const sum = (a, b) => a - b;\n',
      'test.mjs':
        "import { sum } from './src/sum.mjs';\nif (sum(1, 2) !== 3) throw new Error('wrong');\nconsole.log('1 passed');\n",
      'notes.md': '# Notes\n',
    });
    const file = (path: string): string => repo.path(path);
    await run('Mend the sum and say so.', [
      { tool: 'Read', input: { file_path: file('src/sum.mjs') } },
      { tool: 'Bash', input: { command: 'ls && cat test.mjs' } },
      {
        tool: 'Edit',
        input: { file_path: file('src/sum.mjs'), old_string: 'a - b', new_string: 'a + b' },
      },
      {
        tool: 'Write',
        input: { file_path: file('src/product.mjs'), content: 'export const product = (a, b) => a * b;\n' },
      },
      {
        tool: 'Bash',
        input: { command: 'cd src && for f in *.mjs; do sed -i "1i // $f" "$f"; done && cat *.mjs' },
      },
      { tool: 'Read', input: { file_path: file('notes.md') } },
      {
        tool: 'Edit',
        input: { file_path: file('notes.md'), old_string: '# Notes', new_string: '# Notes\n\nIt adds.' },
      },
      { tool: 'Bash', input: { command: `cd ${repo.dir} && git diff --stat` } },
      { tool: 'Bash', input: { command: 'node test.mjs' } },
      { tool: 'Bash', input: { command: 'git add -A && git commit -q -m "Mend the sum"' } },
      { text: 'Done.' },
    ]);
    await repo.git('tag', 'ten-calls');
    await run('Note the time.', [
      { tool: 'Write', input: { file_path: file('a.txt'), content: 'a\n' } },
      { tool: 'Bash', input: { command: 'date +%s%N' } },
      { tool: 'Bash', input: { command: 'git add -A && git commit -q -m "Note the time"' } },
      { text: 'Done.' },
    ]);
    await repo.git('tag', 'time');
    await run('Ask the network.', [
      { tool: 'Bash', input: { command: 'curl -s --max-time 1 http://127.0.0.1:9/ || echo nobody' } },
      { tool: 'Write', input: { file_path: file('b.txt'), content: 'b\n' } },
      { tool: 'Bash', input: { command: 'git add -A && git commit -q -m "Ask the network"' } },
      { text: 'Done.' },
    ]);
    await repo.git('tag', 'network');
  }, SETUP_MS);

  afterAll(() => repo.remove());

  async function run(task: string, steps: readonly Step[]): Promise<void> {
    const before = await repo.git('rev-parse', 'HEAD');
    await session(repo, task, steps);
    const head = await repo.git('rev-parse', 'HEAD');
    expect(head).not.toBe(before);
    await eventually(async () => (await repo.run(['show', head, '--json'])).code === 0);
  }

  async function replay(at: TestRepo, name: string, ...more: string[]): Promise<Replayed> {
    const { code, stdout } = await at.run(['replay', name, '--mode', 'calls', '--json', ...more]);
    const document = JSON.parse(stdout) as { replays: Omit<Replayed, 'environment'>[]; environment: object };
    expect(schemaProblems(document)).toEqual([]);
    const [first] = document.replays;
    if (first === undefined) throw new Error(stdout);
    return { ...first, environment: document.environment, code, text: stdout };
  }

  test('ten calls come to the same tree, twice', async () => {
    for (const _ of [1, 2]) {
      const { verdict, code, calls, coverage, environment } = await replay(repo, 'ten-calls');
      expect(calls.filter(({ outcome }) => outcome !== 'looked')).toEqual([]);
      expect([verdict, code]).toEqual(['identical', 0]);
      expect(coverage).toMatchObject({ callsTotal: 10, executed: 10, stubbed: 0 });
      expect(environment.containment).toBeDefined();
    }
  });

  test('at another path, with another umask and locale, from what the repository holds', async () => {
    const remote = `${repo.home}/remote.git`;
    await repo.exec('git', ['init', '-q', '--bare', '-b', 'main', remote]);
    await repo.git('remote', 'add', 'origin', remote);
    await repo.git('push', '-q', '--tags', 'origin', 'main');
    expect((await repo.run(['sync'])).code).toBe(0);
    const home = join(repo.home, 'colleague');
    await repo.exec('mkdir', ['-p', home]);
    const dir = join(home, 'elsewhere');
    await repo.exec('git', ['clone', '-q', remote, dir]);
    const clone = repoAt(dir, home);
    expect((await clone.run(['sync', '--fetch'])).code).toBe(0);
    const without = await replay(clone, 'ten-calls', '--dry-run');
    expect([without.verdict, without.code]).toEqual(['inconclusive', 1]);
    await giveKeys(repo, clone);
    const script = `umask 077; LC_ALL=de_DE.UTF-8 TZ=Asia/Tokyo exec "$@"`;
    const program = join(import.meta.dirname, '../../bin/git-agent-log');
    const { stdout } = await clone.exec('sh', [
      '-c',
      script,
      'sh',
      process.execPath,
      program,
      'replay',
      'ten-calls',
      '--mode',
      'calls',
      '--json',
    ]);
    expect((JSON.parse(stdout) as { replays: Replayed[] }).replays[0]?.verdict).toBe('identical');
  });

  test('a command that prints the time is named, and what it did is not the same', async () => {
    const { verdict, code, calls } = await replay(repo, 'time');
    expect([verdict, code]).toEqual(['divergent', 1]);
    expect(calls).toMatchObject([{ name: 'Bash', outcome: 'differs', why: 'it printed something else' }]);
    expect((await repo.run(['replay', 'time', '--mode', 'calls'])).stdout).toContain('did something else');
  });

  test('a call with an effect on the network is taken from the record, and that is said', async () => {
    const { verdict, calls, coverage } = await replay(repo, 'network');
    expect(verdict).toBe('identical');
    expect(calls).toMatchObject([{ name: 'Bash', outcome: 'stubbed' }]);
    expect(coverage.stubbed).toBe(1);
    expect((await repo.run(['replay', 'network', '--mode', 'calls'])).stdout).toContain(
      '1 taken from the record',
    );
  });

  test('it is in the ledger, and show tells it', async () => {
    const { stdout } = await repo.run(['show', 'time', '--json']);
    const { replays } = JSON.parse(stdout) as { replays: { mode: string; verdict: string }[] };
    expect(replays.at(-1)).toMatchObject({ mode: 'calls', verdict: 'divergent' });
  });

  test('neither the repository nor the home is touched', async () => {
    await appendFile(repo.path('notes.md'), 'mine\n');
    await writeFile(join(repo.home, 'file'), 'mine');
    const look = async (): Promise<string> =>
      (
        await repo.exec('sh', [
          '-c',
          `git -C ${repo.dir} status --porcelain; git -C ${repo.dir} for-each-ref refs/heads; ls -A ${repo.home}`,
        ])
      ).stdout;
    const before = await look();
    await replay(repo, 'ten-calls', '--dry-run');
    expect(await look()).toBe(before);
    expect(await readFile(join(repo.home, 'file'), 'utf8')).toBe('mine');
  });

  test('an edit whose text was never in the repository fails at that call', async () => {
    await repo.git('checkout', '-q', '-f', 'main');
    await repo.git('update-index', '--assume-unchanged', 'notes.md');
    await writeFile(repo.path('notes.md'), 'of nobody else\n');
    await run('Edit what only this clone has.', [
      { tool: 'Read', input: { file_path: repo.path('notes.md') } },
      {
        tool: 'Edit',
        input: { file_path: repo.path('notes.md'), old_string: 'of nobody else', new_string: 'of us' },
      },
      { tool: 'Write', input: { file_path: repo.path('c.txt'), content: 'c\n' } },
      { tool: 'Bash', input: { command: 'git add -A && git commit -q -m "Edit"' } },
      { text: 'Done.' },
    ]);
    const { verdict, code, calls, coverage } = await replay(repo, 'HEAD');
    expect([verdict, code]).toEqual(['failed', 1]);
    expect(calls.at(-1)).toMatchObject({
      name: 'Edit',
      outcome: 'failed',
      why: 'notes.md: the text it replaced is not there',
    });
    expect(coverage).toMatchObject({ callsTotal: 4, executed: 2 });
  });
});
