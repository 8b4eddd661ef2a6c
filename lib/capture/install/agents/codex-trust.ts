import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../doctor/finding.ts';
import type { HookFile, HookPlace } from './hooks.ts';

type Json = Readonly<Record<string, unknown>>;

/** One of our hooks as Codex knows it. */
export interface TrustableHook {
  readonly event: string;
  /** `<file>:<event>:<entry>:<hook>`, without the file. */
  readonly place: string;
  /** What Codex compares what was trusted with: a digest of the hook's own settings. */
  readonly hash: string;
}

const CHECK = 'codex trust';
const HOW =
  'Start `codex` here, open /hooks and trust those of git-agent-log. Where nobody can (CI), run `codex exec --dangerously-bypass-hook-trust`.';

/**
 * Codex runs no hook its user did not trust, project by project and hook by hook, and does not say so. What it will do
 * is read from its configuration; nothing is started and nothing is written: trust is the user's to give.
 */
export async function examineCodexTrust(
  place: HookPlace,
  codexHome: string,
  files: readonly HookFile[],
): Promise<Finding[]> {
  const path = join(codexHome, 'config.toml');
  const config = await readConfig(path);
  if (config === null)
    return [
      {
        check: CHECK,
        state: 'warn',
        says: `${path} can not be read as TOML: whether Codex trusts our hooks is unknown`,
        hint: 'Mend the file; Codex does not read it either.',
      },
    ];
  if (place.scope !== 'user' && !(await isTrustedProject(config, place.top)))
    return [
      {
        check: CHECK,
        state: 'bad',
        says: 'Codex does not trust this project, so it runs none of its hooks, without a word',
        hint: `Start \`codex\` here once and trust the project. ${HOW}`,
      },
    ];
  const found = await Promise.all(files.map((file) => fileFinding(config, file)));
  return found.flat();
}

async function fileFinding(config: Json, { path }: HookFile): Promise<Finding[]> {
  const text = await readFile(path, 'utf8').catch(() => null);
  const hooks = text === null ? [] : trustableHooks(text);
  if (hooks.length === 0) return [];
  const paths = [path, await realpath(path).catch(() => path)];
  const skipped = hooks.flatMap((hook) => {
    const why = whySkipped(config, paths, hook);
    return why === null ? [] : [`${hook.event} (${why})`];
  });
  if (skipped.length === 0)
    return [{ check: CHECK, state: 'ok', says: `all ${hooks.length} hooks are trusted` }];
  const says = `Codex skips ${skipped.length} of our ${hooks.length} hooks without a word: ${skipped.join(', ')}`;
  return [{ check: CHECK, state: 'bad', says, hint: HOW }];
}

function whySkipped(config: Json, paths: readonly string[], hook: TrustableHook): string | null {
  const states = tableIn(tableIn(config, 'hooks'), 'state');
  const state = paths
    .map((path) => tableIn(states, `${path}:${hook.place}`))
    .find((found) => Object.keys(found).length > 0);
  if (state?.['enabled'] === false) return 'switched off';
  const trusted = state?.['trusted_hash'];
  if (trusted === undefined) return 'not trusted';
  return trusted === hook.hash ? null : 'changed since it was trusted';
}

/** Our hooks in a hooks file, with the place and the digest Codex gives them. */
export function trustableHooks(text: string): TrustableHook[] {
  const lists = tableIn(parseJson(text), 'hooks');
  return Object.entries(lists).flatMap(([event, entries]) =>
    asList(entries).flatMap((entry, i) =>
      asList(asTable(entry)['hooks']).flatMap((hook, j) => {
        const { command, timeout } = asTable(hook);
        if (typeof command !== 'string' || !command.includes('agent-log/bin/spool')) return [];
        return [
          {
            event,
            place: `${snakeCase(event)}:${i}:${j}`,
            hash: trustHash(snakeCase(event), command, typeof timeout === 'number' ? timeout : 600),
          },
        ];
      }),
    ),
  );
}

/** sha256 of the hook's settings as JSON with sorted keys, as Codex makes it (0.169.0). Ours have no matcher. */
export function trustHash(event: string, command: string, timeout: number): string {
  const identity = { event_name: event, hooks: [{ async: false, command, timeout, type: 'command' }] };
  return `sha256:${createHash('sha256').update(JSON.stringify(identity)).digest('hex')}`;
}

async function isTrustedProject(config: Json, top: string): Promise<boolean> {
  const projects = tableIn(config, 'projects');
  const paths = [top, await realpath(top).catch(() => top)];
  return paths.some((path) => tableIn(projects, path)['trust_level'] === 'trusted');
}

/** No file is an empty configuration; null when it can't be parsed. */
async function readConfig(path: string): Promise<Json | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text === '') return {};
  const { parse } = await import('smol-toml');
  try {
    return parse(text);
  } catch {
    return null;
  }
}

function parseJson(text: string): Json {
  try {
    return asTable(JSON.parse(text));
  } catch {
    return {};
  }
}

function tableIn(table: Json, key: string): Json {
  return Object.hasOwn(table, key) ? asTable(table[key]) : {};
}

function asTable(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function snakeCase(event: string): string {
  return event.replaceAll(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
