import { join } from 'node:path';
import { spoolCommand } from '../scripts/spool.ts';
import { type HookListFormat, missingInLists, withHookLists, withoutHookLists } from './hook-lists.ts';
import type { AgentHooks, HookFile, HookScope } from './hooks.ts';

/** Devin's command line: a file that is nothing but hooks for the team, a key of its settings for this clone or user. */
export const devinHooks: AgentHooks = {
  agent: 'devin',
  files: ({ scope, top, home, env }) => {
    const paths: Readonly<Record<HookScope, string>> = {
      local: join(top, '.devin', 'config.local.json'),
      shared: join(top, '.devin', 'hooks.v1.json'),
      user: join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'devin', 'config.json'),
    };
    return [hookFile(paths[scope], scope)];
  },
};

function hookFile(path: string, scope: HookScope): HookFile {
  const under = scope === 'shared' ? null : 'hooks';
  const format: HookListFormat = { title: "Devin's settings file", under, entries };
  return {
    path,
    withHooks: (text, spool) => withHookLists(format, text, spoolCommand('devin', spool, scope)),
    withoutHooks: (text) => withoutHookLists(format, text),
    missing: (text) => missingInLists(format, text),
  };
}

/** One entry an event, without a matcher: of several for PostToolUse, Devin gives only the first its payload. */
const EVENTS: readonly (readonly [event: string, mode: '' | ' look' | ' stop'])[] = [
  ['SessionStart', ' look'],
  ['UserPromptSubmit', ' look'],
  ['PreToolUse', ' look'],
  ['PostToolUse', ' look'],
  ['Stop', ' stop'],
  ['SessionEnd', ' stop'],
];

const TIMEOUT_S = 10;

function entries(command: string): Map<string, readonly Readonly<Record<string, unknown>>[]> {
  return new Map(
    EVENTS.map(([event, mode]) => [
      event,
      [{ hooks: [{ type: 'command', command: command + mode, timeout: TIMEOUT_S }] }],
    ]),
  );
}
