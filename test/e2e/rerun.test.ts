import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findContainment } from '../../lib/replay/containment/containment.ts';
import { claudeCommand } from '../support/clients/claude-code.ts';
import {
  claudeProgram,
  haveClaude,
  MODEL,
  SETUP_MS,
  session,
  stage,
} from '../support/clients/claude-stage.ts';
import { type Step, startModelServer } from '../support/models/anthropic.ts';
import type { TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';
import { eventually } from '../support/wait.ts';

const isContained = (await findContainment()) !== null;
if (!isContained) process.stderr.write('SKIPPED: rerun: nothing contains commands here\n');

interface Rerun {
  readonly code: number;
  readonly verdict: string;
  readonly similarity: number;
  readonly checks: readonly {
    readonly name: string;
    readonly passed: boolean;
    readonly why: string | null;
  }[];
}

describe.skipIf(!isContained || !haveClaude('rerun'))('Claude Code, started again', () => {
  let repo: TestRepo;

  beforeAll(async () => {
    repo = await stage();
    await repo.commit('Begin', { 'sum.mjs': 'export const sum = (a, b) => a - b;\n', 'test.mjs': TEST });
    const before = await repo.git('rev-parse', 'HEAD');
    await session(repo, 'Mend the sum.', [
      { tool: 'Read', input: { file_path: repo.path('sum.mjs') } },
      { tool: 'Write', input: { file_path: repo.path('sum.mjs'), content: GOOD } },
      { tool: 'Bash', input: { command: 'git commit -qam "Mend the sum"' } },
      { text: 'Done.' },
    ]);
    const head = await repo.git('rev-parse', 'HEAD');
    expect(head).not.toBe(before);
    await eventually(async () => (await repo.run(['show', head, '--json'])).code === 0);
  }, SETUP_MS);

  afterAll(() => repo.remove());

  /** Starts the real client again, answered by a script. */
  async function rerun(steps: readonly Step[], ...flags: string[]): Promise<Rerun & { prompts: string }> {
    const server = await startModelServer(steps, {});
    const home = join(repo.home, 'again');
    await mkdir(join(home, 'tmp'), { recursive: true });
    const client = await claudeCommand({ bin: claudeProgram(), home, modelUrl: server.url, model: MODEL });
    try {
      const runner = join(repo.home, 'runner.sh');
      const words = client.argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
      await writeFile(runner, `exec ${words.join(' ')}\n`);
      const args = ['replay', 'HEAD', '--mode', 'rerun', '--json', '--runner', `sh ${runner}`, ...flags];
      const { code, stdout, stderr } = await repo.run(args);
      if (stdout === '') throw new Error(stderr);
      const document = JSON.parse(stdout) as { replays: Omit<Rerun, 'code'>[] };
      expect(schemaProblems(document)).toEqual([]);
      const [first] = document.replays;
      if (first === undefined) throw new Error(stdout);
      return { ...first, code, prompts: JSON.stringify(server.requests) };
    } finally {
      await client.close();
      await server.close();
    }
  }

  const writes = (content: string): Step[] => [
    { tool: 'Bash', input: { command: `cat > sum.mjs <<'END'\n${content}END\n` } },
    { text: 'Done.' },
  ];

  test('another way to the same end is accepted by the check that was declared', async () => {
    const found = await rerun(writes('export const sum = (a, b) => b + a;\n'), '--check', 'node test.mjs');
    expect([found.verdict, found.code]).toEqual(['accepted', 0]);
    expect(found.checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['runner', true],
      ['check', true],
      ['risk-classes', true],
    ]);
    expect(found.prompts).toContain('Mend the sum.');
  });

  test('one that does not pass is divergent, and without a check nothing is said', async () => {
    const bad = await rerun(writes('export const sum = () => 0;\n'), '--check', 'node test.mjs');
    expect([bad.verdict, bad.code]).toEqual(['divergent', 1]);
    const unsaid = await rerun(writes('export const sum = (a, b) => b + a;\n'));
    expect([unsaid.verdict, unsaid.code]).toEqual(['inconclusive', 1]);
  });

  test('the same outcome is identical', async () => {
    expect((await rerun(writes(GOOD))).verdict).toBe('identical');
  });

  test('a client that dies fails, one that is not there tells nothing', async () => {
    const died = await repo.run(['replay', 'HEAD', '--mode', 'rerun', '--runner', 'kill -9 $$', '--json']);
    expect(JSON.parse(died.stdout)).toMatchObject({ replays: [{ verdict: 'failed' }] });
    const none = await repo.run(['replay', 'HEAD', '--mode', 'rerun', '--runner', 'no-such-agent', '--json']);
    expect(JSON.parse(none.stdout)).toMatchObject({ replays: [{ verdict: 'inconclusive' }] });
  });

  test('what a tree says about runners is not heeded', async () => {
    await repo.commit('Propose', { '.agent-log/config.yaml': 'runner: touch /tmp/ran\n' });
    const { code, stderr } = await repo.run(['replay', 'HEAD~1', '--mode', 'rerun']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('nothing says how the agent is started')]);
  });
});

const GOOD = 'export const sum = (a, b) => a + b;\n';
const TEST = "import { sum } from './sum.mjs';\nif (sum(1, 2) !== 3) throw new Error('wrong');\n";
