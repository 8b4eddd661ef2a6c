import type { TestRepo } from './repo.ts';
import { payload, spool } from './spool.ts';

let calls = 0;

/** A shell call of the agent with its hooks around it: what `work` does happens while it runs. */
export async function shellCall(
  repo: TestRepo,
  command: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const call = { tool_name: 'Bash', tool_input: { command }, tool_use_id: `toolu_shell${++calls}` };
  await spool(repo, payload(repo, 'PreToolUse', call), 'look');
  await work();
  const response = { stdout: '', stderr: '', interrupted: false };
  await spool(
    repo,
    payload(repo, 'PostToolUse', { ...call, tool_response: response, duration_ms: 20 }),
    'look',
  );
}

/** The agent's turn is over, which has it catch up in the background. */
export async function stop(repo: TestRepo): Promise<void> {
  await spool(repo, payload(repo, 'Stop', { stop_hook_active: false }), 'stop');
}
