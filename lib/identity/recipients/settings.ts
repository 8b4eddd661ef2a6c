import type { GitPlace } from '../../git/process/runner.ts';
import { runGit } from '../../git/process/runner.ts';
import { type Level, levelOf, strictest } from '../../ledger/payloads/level.ts';
import { SETTINGS_QUERY } from './settings-query.ts';

/** What decides who may read what. From git's configuration alone: nothing in a tree is asked. */
export interface PayloadSettings {
  /** What is in force: the repository's level, tightened by the user's. */
  readonly level: Level;
  /** The repository's own, before that. */
  readonly ownLevel: Level;
  /** The user's own, for all repositories; null where none is set. */
  readonly floor: Level | null;
  /** Public keys the transactions' keys are wrapped for, as they were set. */
  readonly recipients: readonly string[];
  /** `refs`, `folder:<path>` or `command:<program>`. */
  readonly keyStore: string;
  /** Files with private keys, besides those in the user's folder. */
  readonly identities: readonly string[];
  /** Remotes payloads are pushed to, by name; null where none is named, `none` for none. */
  readonly remotes: readonly string[] | null;
  readonly limits: PayloadLimits;
}

/** Bytes of texts, as they were before they were compressed. */
export interface PayloadLimits {
  readonly text: number;
  readonly record: number;
  readonly session: number;
}

const KIB = 1024;
/** What is kept at most; configuration may make it less. */
export const LIMITS: PayloadLimits = { text: 512 * KIB, record: 2048 * KIB, session: 16_384 * KIB };

/** Reads the settings in one process. */
export async function readPayloadSettings(place: GitPlace): Promise<PayloadSettings> {
  const { stdout } = await runGit(place, { args: SETTINGS_QUERY, okCodes: [1] });
  return payloadSettings(parseScoped(stdout.toString('utf8')));
}

/** One value, and which of git's configurations it is from. */
export interface ScopedValue {
  readonly scope: string;
  /** Without `agentlog.`, in lower case. */
  readonly key: string;
  readonly value: string;
}

/** What `git config -z --show-scope` prints. */
export function parseScoped(text: string): ScopedValue[] {
  const parts = text.split('\0');
  const values: ScopedValue[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [scope = '', entry = ''] = [parts[i], parts[i + 1]];
    const end = entry.indexOf('\n');
    const [key, value] = end < 0 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
    values.push({ scope, key: key.replace(/^agentlog\./, ''), value });
  }
  return values;
}

/** The settings that values come to. A level nobody knows is taken for the strictest. */
export function payloadSettings(values: readonly ScopedValue[]): PayloadSettings {
  const all = (key: string): string[] => values.flatMap((one) => (one.key === key ? [one.value] : []));
  const levels = values.filter(({ key }) => key === 'level');
  const users = levels.filter(({ scope }) => isUsers(scope)).map(({ value }) => levelOf(value));
  const own = levels.filter(({ scope }) => !isUsers(scope)).at(-1);
  const ownLevel = levelOf(own?.value);
  const floor = users.length === 0 ? null : strictest(users);
  const remotes = all('payloadremote');
  return {
    level: strictest([ownLevel, ...users]),
    ownLevel,
    floor,
    recipients: [...new Set(all('recipient').filter((text) => text.trim() !== ''))],
    keyStore: all('keystore').at(-1) ?? 'refs',
    identities: all('identity'),
    remotes: remotes.length === 0 ? null : remotes.filter((name) => name !== 'none'),
    limits: {
      text: limitOf(all('maxtext'), LIMITS.text),
      record: limitOf(all('maxrecord'), LIMITS.record),
      session: limitOf(all('maxsession'), LIMITS.session),
    },
  };
}

/** Set for all the user's repositories, or for all users: such a level only tightens. */
function isUsers(scope: string): boolean {
  return scope === 'system' || scope === 'global';
}

/** `64k`, `2m`, or bytes. What is no number, or more than the most, changes nothing. */
function limitOf(values: readonly string[], most: number): number {
  const [, digits = '', unit = ''] = /^(\d{1,12})([km]?)$/i.exec(values.at(-1)?.trim() ?? '') ?? [];
  const factor = unit === '' ? 1 : unit.toLowerCase() === 'k' ? KIB : KIB * KIB;
  return digits === '' ? most : Math.min(Number(digits) * factor, most);
}

/** Whether payloads go to a remote: those configuration names, else origin, or the only one. Never to a bare address. */
export function mayPushTo({ remotes }: PayloadSettings, remote: string, known: readonly string[]): boolean {
  if (!known.includes(remote)) return false;
  return remotes?.includes(remote) ?? (remote === 'origin' || known.length === 1);
}
