import { join } from 'node:path';
import { spoolCommand } from '../scripts/spool.ts';
import { examineCodexTrust } from './codex-trust.ts';
import { type HookListFormat, missingInLists, withHookLists, withoutHookLists } from './hook-lists.ts';
import type { AgentHooks, HookPlace } from './hooks.ts';

/** Codex's hooks: `.codex/hooks.json` of the project, for this clone or for the team, or of the home. */
export const codexHooks: AgentHooks = {
  agent: 'codex',
  files: (place) => [
    {
      path: join(place.scope === 'user' ? codexHome(place) : join(place.top, '.codex'), 'hooks.json'),
      withHooks: (text, spool) => withHookLists(FORMAT, text, spoolCommand('codex', spool, place.scope)),
      withoutHooks: (text) => withoutHookLists(FORMAT, text),
      missing: (text) => missingInLists(FORMAT, text),
    },
  ],
  examine: (place, files) => examineCodexTrust(place, codexHome(place), files),
  afterwards: 'Codex skips hooks nobody has trusted: start `codex` here, open /hooks and trust them.',
};

function codexHome({ home, env }: HookPlace): string {
  return env['CODEX_HOME'] || join(home, '.codex');
}

/**
 * One entry an event, without a matcher: each has to be trusted by hand. So every tool call is looked at, before and
 * after: a shell's and a server's need it, the others are none the worse.
 */
const EVENTS: readonly (readonly [event: string, mode: '' | ' look' | ' stop'])[] = [
  ['SessionStart', ' look'],
  ['UserPromptSubmit', ' look'],
  ['PreToolUse', ' look'],
  ['PostToolUse', ' look'],
  ['SubagentStop', ''],
  ['Stop', ' stop'],
  ['Interrupt', ' stop'],
  ['SessionEnd', ' stop'],
];

const TIMEOUT_S = 10;
/** Codex cuts these two down to it, and prints a warning at every start when it has to. */
const SHORT_TIMEOUT_S = 3;
const SHORT: ReadonlySet<string> = new Set(['Interrupt', 'SessionEnd']);

const FORMAT: HookListFormat = {
  title: "Codex's hooks file",
  under: 'hooks',
  entries: (command) =>
    new Map(
      EVENTS.map(([event, mode]) => {
        const timeout = SHORT.has(event) ? SHORT_TIMEOUT_S : TIMEOUT_S;
        return [event, [{ hooks: [{ type: 'command', command: command + mode, timeout }] }]];
      }),
    ),
};
