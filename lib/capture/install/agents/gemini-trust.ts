import { readFile, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Finding } from '../../doctor/finding.ts';
import type { HookFile, HookPlace } from './hooks.ts';

const CHECK = 'gemini-cli';

/** What keeps Gemini CLI from running our hooks although they are in its settings. Reads its files, changes nothing. */
export async function examineGemini(place: HookPlace, files: readonly HookFile[]): Promise<Finding[]> {
  const own = join(place.home, '.gemini', 'settings.json');
  const paths = [...new Set([own, ...files.map(({ path }) => path)])];
  const settings = await Promise.all(paths.map(readSettings));
  const off = paths.filter((_, i) => field(settings[i], 'hooksConfig')['enabled'] === false);
  const findings = off.map((path) =>
    warning(`${path} switches hooks off`, 'Set hooksConfig.enabled to true.'),
  );
  if (place.scope === 'user' || (await isTrusted(place, settings[0]))) return findings;
  return [
    ...findings,
    warning(
      `${place.top} is no folder it trusts, so it runs no hooks of this repository (and ends with 55 when nobody can be asked)`,
      'Start `gemini` there once and trust the folder, or set GEMINI_CLI_TRUST_WORKSPACE=true where nobody can be asked.',
    ),
  ];
}

function warning(says: string, hint: string): Finding {
  return { check: CHECK, state: 'warn', says, hint };
}

/** As Gemini CLI decides: by its environment, else by the rule with the longest path. */
async function isTrusted({ top, home, env }: HookPlace, own: unknown): Promise<boolean> {
  const said = env['GEMINI_CLI_TRUST_WORKSPACE'];
  if (env['GEMINI_RESTRICTED_MODE'] === 'true' || said === 'false') return false;
  if (said === 'true') return true;
  if (field(field(own, 'security'), 'folderTrust')['enabled'] === false) return true;
  const rules = env['GEMINI_CLI_TRUSTED_FOLDERS_PATH'] || join(home, '.gemini', 'trustedFolders.json');
  const here = await real(top);
  let best = '';
  let level: unknown;
  for (const [path, trust] of Object.entries(asObject(await readSettings(rules)))) {
    const folder = await real(trust === 'TRUST_PARENT' ? dirname(path) : path);
    if (path.length <= best.length || !(here === folder || here.startsWith(folder + sep))) continue;
    best = path;
    level = trust;
  }
  return level === 'TRUST_FOLDER' || level === 'TRUST_PARENT';
}

function real(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** A file that is not there, or is no JSON, says nothing. */
async function readSettings(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): Record<string, unknown> {
  return asObject(asObject(value)[name]);
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
