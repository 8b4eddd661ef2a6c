import { join } from 'node:path';
import { spoolCommand } from '../scripts/spool.ts';
import { type HookListFormat, missingInLists, withHookLists, withoutHookLists } from './hook-lists.ts';
import type { AgentHooks } from './hooks.ts';

/** Windsurf's hooks, of the workspace or of the user. */
export const windsurfHooks: AgentHooks = {
  agent: 'windsurf',
  files: ({ scope, top, home }) => [
    {
      path:
        scope === 'user'
          ? join(home, '.codeium', 'windsurf', 'hooks.json')
          : join(top, '.windsurf', 'hooks.json'),
      withHooks: (text, spool) => withHookLists(FORMAT, text, spoolCommand('windsurf', spool, scope)),
      withoutHooks: (text) => withoutHookLists(FORMAT, text),
      missing: (text) => missingInLists(FORMAT, text),
    },
  ],
};

const EVENTS: readonly (readonly [event: string, mode: '' | ' look' | ' stop'])[] = [
  ['pre_user_prompt', ' look'],
  ['post_read_code', ''],
  ['post_write_code', ''],
  ['pre_run_command', ' look'],
  ['post_run_command', ' look'],
  ['pre_mcp_tool_use', ''],
  ['post_mcp_tool_use', ''],
  ['post_cascade_response', ' stop'],
];

const FORMAT: HookListFormat = {
  title: "Windsurf's hooks file",
  under: 'hooks',
  entries: (command) =>
    new Map(EVENTS.map(([event, mode]) => [event, [{ command: command + mode, show_output: false }]])),
};
