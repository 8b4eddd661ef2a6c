import { join } from 'node:path';
import { spoolCommand } from '../scripts/spool.ts';
import { type HookListFormat, missingInLists, withHookLists, withoutHookLists } from './hook-lists.ts';
import type { AgentHooks } from './hooks.ts';

/** Cursor's hooks: one file per project or home, for IDE, command line and background agents alike. */
export const cursorHooks: AgentHooks = {
  agent: 'cursor',
  files: ({ scope, top, home }) => [
    {
      path: join(scope === 'user' ? home : top, '.cursor', 'hooks.json'),
      withHooks: (text, spool) => withHookLists(FORMAT, text, spoolCommand('cursor', spool, scope)),
      withoutHooks: (text) => withoutHookLists(FORMAT, text),
      missing: (text) => missingInLists(FORMAT, text),
    },
  ],
};

/**
 * Both sets of hooks: a client knows the one, or both, and the adapter counts a call told twice once. Those that fire for
 * every tool look at the worktree too, since a matcher's form differs from version to version.
 */
const EVENTS: readonly (readonly [event: string, mode: '' | ' look' | ' stop'])[] = [
  ['sessionStart', ' look'],
  ['beforeSubmitPrompt', ' look'],
  ['preToolUse', ' look'],
  ['postToolUse', ' look'],
  ['postToolUseFailure', ' look'],
  ['beforeShellExecution', ' look'],
  ['afterShellExecution', ' look'],
  ['beforeMCPExecution', ''],
  ['afterMCPExecution', ''],
  ['beforeReadFile', ''],
  ['afterFileEdit', ''],
  ['afterAgentResponse', ''],
  ['subagentStart', ''],
  ['subagentStop', ' stop'],
  ['stop', ' stop'],
  ['sessionEnd', ' stop'],
];

const FORMAT: HookListFormat = {
  title: "Cursor's hooks file",
  under: 'hooks',
  header: { version: 1 },
  entries: (command) => new Map(EVENTS.map(([event, mode]) => [event, [{ command: command + mode }]])),
};
