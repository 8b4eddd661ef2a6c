import { join } from 'node:path';
import { AgentLogError } from '../../../core/errors.ts';
import { spoolCommand } from '../scripts/spool.ts';
import type { AgentHooks, HookPlace, HookScope } from './hooks.ts';
import { isObject, parseSettingsJson } from './settings-json.ts';

/** Claude Code's hooks, in whichever of its settings files the scope names. */
export const claudeCodeHooks: AgentHooks = {
  agent: 'claude-code',
  files: (place) => [
    {
      path: settingsPath(place),
      withHooks: (text, spool) => withClaudeHooks(text, spool, place.scope),
      withoutHooks: withoutClaudeHooks,
      missing: missingClaudeEvents,
    },
  ],
};

function settingsPath({ scope, top, home, env }: HookPlace): string {
  if (scope === 'user') return join(env['CLAUDE_CONFIG_DIR'] || join(home, '.claude'), 'settings.json');
  return join(top, '.claude', scope === 'shared' ? 'settings.json' : 'settings.local.json');
}

/** One entry of a hook list in Claude Code's settings. */
interface HookEntry {
  matcher?: string;
  hooks: { type: string; command: string; timeout?: number }[];
}

type Settings = Record<string, unknown> & { hooks?: Record<string, HookEntry[]> };

type Mode = '' | ' look' | ' stop';

/** A shell tool changes files nobody announces, so the worktree is looked at before and after it. */
const SHELLS = '^(Bash|PowerShell)$';
const OTHERS = '^(?!(Bash|PowerShell)$)';

const EVENTS: readonly { readonly event: string; readonly matcher?: string; readonly mode: Mode }[] = [
  { event: 'SessionStart', mode: ' look' },
  { event: 'InstructionsLoaded', mode: '' },
  { event: 'UserPromptSubmit', mode: ' look' },
  { event: 'PreToolUse', matcher: SHELLS, mode: ' look' },
  { event: 'PostToolUse', matcher: SHELLS, mode: ' look' },
  { event: 'PostToolUse', matcher: OTHERS, mode: '' },
  { event: 'PostToolUseFailure', matcher: SHELLS, mode: ' look' },
  { event: 'PostToolUseFailure', matcher: OTHERS, mode: '' },
  { event: 'SubagentStart', mode: '' },
  { event: 'SubagentStop', mode: ' stop' },
  { event: 'Stop', mode: ' stop' },
  { event: 'SessionEnd', mode: ' stop' },
];

/** Every event that has to be wired, once each. */
export const CLAUDE_EVENTS: readonly string[] = [...new Set(EVENTS.map(({ event }) => event))];

const TIMEOUT_S = 10;
const OURS = 'agent-log/bin/spool';

/** Settings with our hooks in, everything else as it was. Text in, text out; the same text when they are in already. */
export function withClaudeHooks(
  text: string | null,
  spool: string | null,
  scope: HookScope = 'local',
): string {
  const settings = parseSettings(text);
  const command = spoolCommand('claude-code', spool, scope);
  const before = settings.hooks ?? {};
  // In the place it had: what was there already must not move when this is run again.
  const wired = Object.fromEntries(
    Object.entries(before).map(([event, entries]) => [event, entries.filter((entry) => !isOurs(entry))]),
  );
  for (const { event, matcher, mode } of EVENTS) {
    const hook = { type: 'command', command: command + mode, timeout: TIMEOUT_S };
    wired[event] = [
      ...(wired[event] ?? []),
      { ...(matcher === undefined ? {} : { matcher }), hooks: [hook] },
    ];
  }
  for (const [event, entries] of Object.entries(before))
    if (wired[event]?.length === 0 && entries.length > 0) delete wired[event];
  const after = { ...settings, hooks: wired };
  return text !== null && JSON.stringify(after) === JSON.stringify(settings)
    ? text
    : `${JSON.stringify(after, null, 2)}\n`;
}

/** Settings without our hooks; null when nothing else is left and the file may go. */
export function withoutClaudeHooks(text: string): string | null {
  const settings = parseSettings(text);
  const hooks = removeOurs(settings.hooks ?? {});
  const { hooks: _, ...rest } = settings;
  const after = Object.keys(hooks).length === 0 ? rest : { ...rest, hooks };
  return Object.keys(after).length === 0 ? null : `${JSON.stringify(after, null, 2)}\n`;
}

/** Events for which our hook is missing from these settings. */
export function missingClaudeEvents(text: string | null): string[] {
  const hooks = parseSettings(text).hooks ?? {};
  return CLAUDE_EVENTS.filter((event) => !(hooks[event] ?? []).some(isOurs));
}

function removeOurs(hooks: Record<string, HookEntry[]>): Record<string, HookEntry[]> {
  const kept = Object.entries(hooks).map(
    ([event, entries]) => [event, entries.filter((entry) => !isOurs(entry))] as const,
  );
  return Object.fromEntries(
    kept.filter(([event, entries]) => entries.length > 0 || (hooks[event] ?? []).length === 0),
  );
}

function isOurs(entry: HookEntry): boolean {
  return (
    Array.isArray(entry?.hooks) &&
    entry.hooks.some((hook) => typeof hook?.command === 'string' && hook.command.includes(OURS))
  );
}

function parseSettings(text: string | null): Settings {
  if (text === null || text.trim() === '') return {};
  const value = parseSettingsJson(text);
  if (value === null || !hasLists(value['hooks'])) throw unreadable();
  return value;
}

function hasLists(hooks: unknown): boolean {
  return hooks === undefined || (isObject(hooks) && Object.values(hooks).every(Array.isArray));
}

function unreadable(): AgentLogError {
  return new AgentLogError(
    'BAD_ARGUMENT',
    'answer',
    "Claude Code's settings file is not a JSON object of hooks",
    {
      hints: ['Mend the file (Claude Code does not read it either), then run this again.'],
    },
  );
}
