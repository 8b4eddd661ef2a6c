import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShowDocument } from '../../../lib/ledger/reading/describe.ts';
import { AGENT_ENV, agentCommit, install } from '../../support/recorded.ts';
import type { TestRepo } from '../../support/repo.ts';
import { schemaProblems } from '../../support/schema.ts';
import { cloneOf, expectZero, giveKeys, type Told, toldRepo } from '../../support/sealed-texts.ts';
import { ask, payload, spool, toolWrites } from '../../support/spool.ts';

async function shown(repo: TestRepo, ...args: string[]): Promise<ShowDocument> {
  const { stdout, stderr, code } = await repo.run(['show', '--json', ...args]);
  expect(code, stderr).toBe(0);
  const document = JSON.parse(stdout) as ShowDocument;
  expect(schemaProblems(document)).toEqual([]);
  return document;
}

async function prompt(repo: TestRepo, text: string, id: string): Promise<void> {
  await expectZero(spool(repo, payload(repo, 'UserPromptSubmit', { prompt: text, prompt_id: id }), 'look'));
}

describe('texts of an agent that tells of its calls', () => {
  let told: Told;

  beforeAll(async () => {
    told = await toldRepo('a first task');
    await install(told.repo);
  });

  afterAll(() => told.remove());

  /** A clone made from what this one pushes, with the team's key. */
  async function reader(name: string): Promise<TestRepo> {
    await told.repo.git('push', '-q', '--no-verify', 'origin', 'main');
    await expectZero(told.repo.run(['sync']));
    const clone = await cloneOf(told, name);
    await giveKeys(told.repo, clone);
    return clone;
  }

  it('full: a fresh clone with the key tells what went into tools and what came out; without it, that it is sealed', async () => {
    const { repo } = told;
    await repo.git('config', 'agentLog.level', 'full');
    await ask(repo, 'Write the poem');
    await toolWrites(repo, 'poem.txt', 'Shall I compare thee\nto a summer day\n');
    await agentCommit(repo, 'A poem');
    const clone = await reader('full');
    await repo.git('config', '--unset', 'agentLog.level');
    const [call] = (await shown(clone, '--full')).toolCalls;
    expect(JSON.parse(call?.args ?? 'null')).toMatchObject({
      content: 'Shall I compare thee\nto a summer day\n',
    });
    expect(call?.result).toContain('"type":"create"');
    expect(call).not.toHaveProperty('argsMissing');
    const { stdout } = await clone.run(['show', '--full']);
    expect(stdout).toMatch(/ok +Write +\S*poem.txt/);
    const unwrapped = stdout.replaceAll(/\n {6}/g, '');
    expect(unwrapped).toMatch(/\n {4}arguments\{"file_path".*thee\\nto a summer day/);
    expect(unwrapped).toMatch(/\n {4}result\{"type":"create"/);
    expect((await shown(clone)).toolCalls[0], 'results are long: only with --full').not.toHaveProperty(
      'result',
    );
    const stranger = await cloneOf(told, 'stranger');
    const [sealed] = (await shown(stranger, '--full')).toolCalls;
    expect(sealed).toMatchObject({ argsMissing: 'no-key', resultMissing: 'no-key' });
    expect((await stranger.run(['show', '--full'])).stdout).toContain(
      'result (sealed, and you have no key to it)',
    );
  });

  it('task: arguments and results stay in the clone they were made in', async () => {
    const { repo } = told;
    await toolWrites(repo, 'prose.txt', 'It was a dark and stormy night\n');
    await agentCommit(repo, 'Prose');
    const clone = await reader('task');
    expect((await clone.run(['show', '--full'])).stdout).toContain('arguments (not in this clone)');
    expect((await repo.run(['show', '--full'])).stdout).toContain('a dark and stormy night');
  });

  it('over the limit of a record: the texts that still fit are stored, the next is left out, and show says so', async () => {
    const { repo } = told;
    await repo.git('config', 'agentLog.maxRecord', '1k');
    await prompt(repo, `one ${'x'.repeat(700)}`, 'r1');
    await prompt(repo, `two ${'y'.repeat(700)}`, 'r2');
    await prompt(repo, 'three', 'r3');
    await agentCommit(repo, 'Three prompts', { 'three.txt': '3\n' });
    const clone = await reader('record-limit');
    await repo.git('config', '--unset', 'agentLog.maxRecord');
    const { prompts } = await shown(clone);
    expect(prompts.map(({ text, missing }) => text?.slice(0, 5) ?? missing?.says)).toEqual([
      'one x',
      'it was left out: over the limit of a record',
      'three',
    ]);
    expect((await clone.run(['show'])).stdout).toContain('it was left out: over the limit of a record');
  });

  it('over the limit of a session: its next record has no texts, and show says so', async () => {
    const { repo } = told;
    const session = { ...AGENT_ENV, CLAUDE_CODE_SESSION_ID: '11111111-54c8-47bb-b1fc-899fbd63f387' };
    const say = (text: string, id: string): Promise<void> =>
      expectZero(
        repo.exec(repo.path('.git/agent-log/bin/spool'), ['claude-code', 'look'], {
          env: session,
          input: JSON.stringify({
            ...payload(repo, 'UserPromptSubmit', { prompt: text, prompt_id: id }),
            session_id: session.CLAUDE_CODE_SESSION_ID,
          }),
        }),
      );
    const commit = async (file: string): Promise<void> => {
      await repo.write(file, `${file}\n`);
      await repo.git('add', '-A');
      await expectZero(repo.exec('git', ['commit', '-q', '-m', file], { env: session }));
      await expectZero(repo.run(['sync']));
    };
    await repo.git('config', 'agentLog.maxSession', '1k');
    await say(`first ${'x'.repeat(700)}`, 's1');
    await commit('s-one');
    await say(`second ${'y'.repeat(700)}`, 's2');
    await commit('s-two');
    const clone = await reader('session-limit');
    await repo.git('config', '--unset', 'agentLog.maxSession');
    expect((await shown(clone, 'HEAD~1')).task?.text).toMatch(/^first x/);
    expect((await shown(clone)).task?.missing).toMatchObject({
      why: 'left-out',
      says: 'it was left out: over the limit of a session',
    });
    expect((await clone.run(['show'])).stdout).toContain('it was left out: over the limit of a session');
  });
});
