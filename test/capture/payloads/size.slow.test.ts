import { appendFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AGENT_ENV, agentCommit, recorded } from '../../support/recorded.ts';
import type { TestRepo } from '../../support/repo.ts';
import { expectZero, KEYS, PAYLOADS } from '../../support/sealed-texts.ts';
import { ask, payload, spool } from '../../support/spool.ts';

const MB = 1_000_000;
const COMMITS = 4;
const CALLS = 25;
const RESULT_BYTES = 500_000;
const WORDS = 'the build reads every module and warns of names that nobody uses any more'.split(' ');

/** Output as a linter's: words in another order on each line, the same in every run. */
function output(seed: number): string {
  let state = seed + 1;
  const next = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const lines: string[] = [];
  for (let size = 0; size < RESULT_BYTES; size += lines.at(-1)?.length ?? 0)
    lines.push(
      `lib/file-${next(9999)}.ts:${next(900)} ${WORDS.map(() => WORDS[next(WORDS.length)]).join(' ')}\n`,
    );
  return lines.join('');
}

/** One call as the agent tells of it twice: to the hook, and in its transcript. */
async function call(repo: TestRepo, n: number): Promise<void> {
  const id = `toolu_${String(n).padStart(24, '0')}`;
  const [input, stdout] = [{ command: `npx lint --part ${n}` }, output(n)];
  const use = { tool_name: 'Bash', tool_input: input, tool_use_id: id };
  const response = { stdout, stderr: '', interrupted: false, isImage: false };
  const said = (role: string, content: object): string =>
    `${JSON.stringify({
      type: role,
      sessionId: AGENT_ENV['CLAUDE_CODE_SESSION_ID'],
      message: {
        id: `msg_${n}`,
        role,
        model: 'claude-sonnet-4-5',
        content: [content],
        usage: { input_tokens: 1 },
      },
    })}\n`;
  await appendFile(
    join(repo.home, 'transcript.jsonl'),
    said('assistant', { type: 'text', text: `Part ${n} comes next.` }) +
      said('assistant', { type: 'tool_use', id, name: 'Bash', input }) +
      said('user', { type: 'tool_result', tool_use_id: id, content: stdout }),
  );
  await expectZero(spool(repo, payload(repo, 'PostToolUse', { ...use, tool_response: response })));
}

it('a session of 50 MB, everything of it to be stored, makes a ledger of less than a tenth of that', async () => {
  const repo = await recorded();
  await repo.git('config', 'agentLog.level', 'full');
  await ask(repo, 'Mend what the linter says');
  for (let commit = 0; commit < COMMITS; commit++) {
    for (let n = 0; n < CALLS; n++) await call(repo, commit * CALLS + n);
    // Taken in by any command before it: a commit does not wait for 12 MB to be looked through.
    await expectZero(repo.run(['list']));
    await agentCommit(repo, `Mend part ${commit}`, { [`part-${commit}.txt`]: `${commit}\n` });
    await expectZero(repo.run(['list']));
  }
  expect((await stat(join(repo.home, 'transcript.jsonl'))).size).toBeGreaterThan(50 * MB);
  const refs = ['refs/notes/agent-log', PAYLOADS, KEYS];
  const bytes = Number(await repo.git('rev-list', '--objects', '--disk-usage', ...refs));
  expect(bytes).toBeLessThan(5 * MB);
  expect(bytes, 'as much as there is room for is stored').toBeGreaterThan(MB / 2);
  const { stdout } = await repo.run(['list', '--json']);
  const listed = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { readonly toolCalls: number });
  expect(listed.map(({ toolCalls }) => toolCalls)).toEqual(Array<number>(COMMITS).fill(CALLS));
  expect((await repo.run(['show'])).stdout).toContain('Mend what the linter says');
}, 300_000);
