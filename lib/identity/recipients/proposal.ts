import { createHash } from 'node:crypto';
import { AgentLogError } from '../../core/errors.ts';
import { NotPlain, type Plain, parsePlainYaml } from '../../core/yaml/plain.ts';
import { readTree } from '../../git/objects/objects.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { LEVELS, type Level } from '../../ledger/payloads/level.ts';
import { parseRecipient } from './recipient.ts';
import type { PayloadSettings } from './settings.ts';

export const PROPOSAL_PATH = '.agent-log/config.yaml';
const MAX_BYTES = 16 * 1024;
/** A list in a mapping, and room for a mistake that is better told by the library. */
const MOST_DEPTH = 8;
const MAX_ITEMS = 100;

/** What the tree proposes. Nothing of it is in force until a person pins it. */
export interface Proposal {
  /** `sha256:` of the file's bytes: what a person pins is what they saw. */
  readonly digest: string;
  readonly level: Level | null;
  readonly recipients: readonly string[] | null;
  readonly payloadRemotes: readonly string[] | null;
}

/** The proposal at HEAD, as a regular file; null when there is none. Throws BAD_ARGUMENT on one that can't be read. */
export async function readProposal({ reader }: Pick<Ledger, 'reader'>): Promise<Proposal | null> {
  const entries = await readTree(reader, 'HEAD:.agent-log');
  const entry = entries?.find(({ name }) => name === 'config.yaml');
  if (entry === undefined || !entry.mode.startsWith('100')) return null;
  const blob = await reader.read(entry.oid);
  return blob?.type === 'blob' ? parseProposal(blob.content) : null;
}

/** Reads a proposal. Throws BAD_ARGUMENT. */
export function parseProposal(bytes: Buffer): Proposal {
  if (bytes.length > MAX_BYTES) throw unreadable('it is too large');
  const value = yamlOf(bytes.toString('utf8'));
  const { level, recipients, payloadRemotes, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw unreadable(`'${unknown.slice(0, 40)}' is nothing a tree may propose`);
  return {
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    level: level === undefined ? null : levelOf(level),
    recipients: listOf(recipients, 'recipients')?.map((one) => parseRecipient(one).text) ?? null,
    payloadRemotes: listOf(payloadRemotes, 'payloadRemotes'),
  };
}

/** What pinning would change, for people; empty when what is proposed is in force. */
export function proposedChanges(proposal: Proposal, settings: PayloadSettings): string[] {
  const { level, recipients, payloadRemotes } = proposal;
  const own = settings.recipients.map((text) => text.trim().split(/\s+/).slice(0, 2).join(' '));
  return [
    ...(level === null || level === settings.ownLevel
      ? []
      : [`level ${level} instead of ${settings.ownLevel}`]),
    ...listChanges('recipient', own, recipients),
    ...listChanges('payload remote', settings.remotes ?? [], payloadRemotes),
  ];
}

function listChanges(what: string, own: readonly string[], proposed: readonly string[] | null): string[] {
  if (proposed === null) return [];
  const added = proposed.filter((one) => !own.includes(one)).map((one) => `add ${what} ${one}`);
  const removed = own.filter((one) => !proposed.includes(one)).map((one) => `remove ${what} ${one}`);
  return [...added, ...removed];
}

function yamlOf(text: string): Readonly<Record<string, unknown>> {
  const value = plainOf(text);
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw unreadable('it is no mapping');
  return value as Record<string, unknown>;
}

function plainOf(text: string): Plain {
  try {
    return parsePlainYaml(text, MOST_DEPTH);
  } catch (cause) {
    throw cause instanceof NotPlain ? unreadable(cause.message, cause.cause) : cause;
  }
}

function levelOf(value: unknown): Level {
  const known = LEVELS.find((level) => level === value);
  if (known === undefined) throw unreadable(`level is none of ${LEVELS.join(', ')}`);
  return known;
}

function listOf(value: unknown, name: string): string[] | null {
  if (value === undefined) return null;
  if (!Array.isArray(value) || value.length > MAX_ITEMS) throw unreadable(`${name} is no list`);
  const items = value.filter((item) => typeof item === 'string' && /^[^\p{C}]{1,1000}$/u.test(item));
  if (items.length !== value.length) throw unreadable(`${name} has something that is no text`);
  return items;
}

function unreadable(why: string, cause?: unknown): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `${PROPOSAL_PATH} can't be read: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    hints: ['It may hold level, recipients and payloadRemotes. Nothing of it is in force before you pin it.'],
  });
}
