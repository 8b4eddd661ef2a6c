import { join } from 'node:path';
import { spoolCommand } from '../scripts/spool.ts';
import { examineGemini } from './gemini-trust.ts';
import { type HookListFormat, missingInLists, withHookLists, withoutHookLists } from './hook-lists.ts';
import type { AgentHooks, HookPlace } from './hooks.ts';

/**
 * Gemini CLI's hooks. It has no settings of one clone alone: `local` and `shared` are the same file, and the difference
 * is whether git gets to see it.
 */
export const geminiCliHooks: AgentHooks = {
  agent: 'gemini-cli',
  files: (place) => [
    {
      path: settingsPath(place),
      // Found through git in every scope: this file may be committed by whoever owns it.
      withHooks: (text) => withHookLists(FORMAT, text, spoolCommand('gemini-cli', null, place.scope)),
      withoutHooks: (text) => withoutHookLists(FORMAT, text),
      missing: (text) => missingInLists(FORMAT, text),
      mayBeCommitted: true,
    },
  ],
  examine: examineGemini,
  afterwards:
    'Gemini CLI runs hooks of a repository in folders it was told to trust: start `gemini` here once.',
};

function settingsPath({ scope, top, home }: HookPlace): string {
  return join(scope === 'user' ? home : top, '.gemini', 'settings.json');
}

/** A shell tool changes files nobody announces, so the worktree is looked at before and after it. */
const SHELL = { matcher: '^run_shell_command$' };
const OTHERS = { matcher: '^(?!run_shell_command$)' };

/** The model's own events hold the whole conversation each time: model and usage are read from the chat file instead. */
const EVENTS: readonly (readonly [event: string, match: object, mode: '' | ' look' | ' stop'])[] = [
  ['SessionStart', {}, ' look'],
  ['BeforeAgent', {}, ' look'],
  ['BeforeTool', SHELL, ' look'],
  ['BeforeTool', OTHERS, ''],
  ['AfterTool', SHELL, ' look'],
  ['AfterTool', OTHERS, ''],
  ['AfterAgent', {}, ' stop'],
  ['SessionEnd', {}, ' stop'],
];

const TIMEOUT_MS = 10_000;

const FORMAT: HookListFormat = {
  title: "Gemini CLI's settings file",
  under: 'hooks',
  entries: (command) => {
    const entries = new Map<string, Record<string, unknown>[]>();
    for (const [event, match, mode] of EVENTS) {
      const hook = { type: 'command', name: 'git-agent-log', command: command + mode, timeout: TIMEOUT_MS };
      entries.set(event, [...(entries.get(event) ?? []), { ...match, hooks: [hook] }]);
    }
    return entries;
  },
};
