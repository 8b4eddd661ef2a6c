import { readFile, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Finding } from '../../doctor/finding.ts';
import { spoolCommand } from '../scripts/spool.ts';
import { type HookListFormat, missingInLists, withHookLists, withoutHookLists } from './hook-lists.ts';
import type { AgentHooks, HookPlace, HookScope } from './hooks.ts';

/** Copilot CLI's hooks: a file of our own among those of the project or the home. */
export const copilotCliHooks: AgentHooks = {
  agent: 'copilot-cli',
  files: (place) => [
    {
      path: hooksFile(place),
      withHooks: (text, spool) =>
        withHookLists(FORMAT, text, spoolCommand('copilot-cli', spool, place.scope)),
      withoutHooks: (text) => withoutHookLists(FORMAT, text),
      missing: (text) => missingInLists(FORMAT, text),
    },
  ],
  examine: examineCopilot,
};

function hooksFile(place: HookPlace): string {
  const names: Readonly<Record<HookScope, string>> = {
    local: join(place.top, '.github', 'hooks', 'agent-log.local.json'),
    shared: join(place.top, '.github', 'hooks', 'agent-log.json'),
    user: join(copilotHome(place), 'hooks', 'agent-log.json'),
  };
  return names[place.scope];
}

function copilotHome({ home, env }: HookPlace): string {
  return env['COPILOT_HOME'] || join(home, '.copilot');
}

/** Every tool call is looked at, before and after: an edit's payload does not tell what the file is then. */
const EVENTS: readonly (readonly [event: string, mode: '' | ' look' | ' stop'])[] = [
  ['sessionStart', ' look'],
  ['userPromptSubmitted', ' look'],
  ['preToolUse', ' look'],
  ['postToolUse', ' look'],
  ['postToolUseFailure', ' look'],
  ['subagentStop', ''],
  ['agentStop', ' stop'],
  ['sessionEnd', ' stop'],
];

const TIMEOUT_S = 10;

const FORMAT: HookListFormat = {
  title: "Copilot's hooks file",
  under: 'hooks',
  header: { version: 1 },
  entries: (command) =>
    new Map(
      EVENTS.map(([event, mode]) => [
        event,
        [{ type: 'command', command: command + mode, timeoutSec: TIMEOUT_S }],
      ]),
    ),
};

/** Copilot runs a repository's hooks only in a folder its user trusts, and with nobody having switched hooks off. */
async function examineCopilot(place: HookPlace): Promise<Finding[]> {
  const check = 'copilot-cli trust';
  const paths = ['settings.json', 'config.json'].map((name) => join(copilotHome(place), name));
  const settings = await Promise.all(paths.map(readSettings));
  if (settings.some((one) => one['disableAllHooks'] === true)) {
    const hint = `Take \`disableAllHooks\` out of ${paths[0] ?? ''}.`;
    return [{ check, state: 'bad', says: 'Copilot runs no hooks at all: they are switched off', hint }];
  }
  if (place.scope === 'user') return [];
  const folders = settings.flatMap(({ trustedFolders }) =>
    Array.isArray(trustedFolders) ? trustedFolders : [],
  );
  const tops = [place.top, await realpath(place.top).catch(() => place.top)];
  const trusted = folders.some(
    (folder) => typeof folder === 'string' && tops.some((top) => isWithin(folder, top)),
  );
  if (trusted) return [{ check, state: 'ok', says: 'the folder is trusted' }];
  return [
    {
      check,
      state: 'warn',
      says: 'this folder is not among those Copilot trusts: it skips the hooks of the repository without a word',
      hint: 'Start `copilot` here once and trust the folder, pass --trust-folder, or run `git agent-log init --agents copilot-cli --user`.',
    },
  ];
}

function isWithin(folder: string, path: string): boolean {
  return !relative(folder, path).startsWith('..');
}

/** Its files are JSON with comments, each on a line of its own. Nothing readable is no setting. */
async function readSettings(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const value: unknown = JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, ''));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
