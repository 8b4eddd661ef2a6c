import { AgentLogError } from '../../../core/errors.ts';
import { ampHooks } from './amp.ts';
import { claudeCodeHooks } from './claude-code.ts';
import { codexHooks } from './codex.ts';
import { copilotCliHooks } from './copilot-cli.ts';
import { cursorHooks } from './cursor.ts';
import { devinHooks } from './devin.ts';
import { geminiCliHooks } from './gemini-cli.ts';
import type { AgentHooks, HookPlace } from './hooks.ts';
import { opencodeHooks } from './opencode.ts';
import { windsurfHooks } from './windsurf.ts';

/** Every agent whose hooks `init` can install. */
const AGENT_HOOKS: readonly AgentHooks[] = [
  claudeCodeHooks,
  codexHooks,
  copilotCliHooks,
  geminiCliHooks,
  opencodeHooks,
  cursorHooks,
  windsurfHooks,
  ampHooks,
  devinHooks,
];

export const INSTALLABLE_AGENTS: readonly string[] = AGENT_HOOKS.map(({ agent }) => agent);

/** @throws AgentLogError BAD_ARGUMENT for an agent without hooks we know. */
export function hooksOf(agent: string): AgentHooks {
  const hooks = AGENT_HOOKS.find((one) => one.agent === agent);
  if (hooks !== undefined) return hooks;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `no hooks are known for the agent '${agent}'`, {
    hints: [
      `Known: ${INSTALLABLE_AGENTS.join(', ')}. Any other agent is recorded with \`git agent-log run --task … -- CMD\`.`,
    ],
  });
}

/** Takes our hooks out of a configuration file of whichever agent wrote them there. */
export function withoutHooks(agent: string, place: HookPlace, path: string, text: string): string | null {
  const files = hooksOf(agent).files(place);
  const file = files.find((one) => one.path === path) ?? files[0];
  return file === undefined ? text : file.withoutHooks(text);
}
