import { isUlid } from '../../core/ulid.ts';
import type { WrappedKey } from './data-key.ts';

const AGE = 'age-encryption.org/v1\n';
/** The stanza of ours in an age header. Whoever does not know it skips it, as age's format asks. */
export const STANZA = 'git-agent-log';
const COMMAND_SCHEMA = 'agent-log/wrapped-key/v1';
export const MAX_WRAPPED_BYTES: number = 256 * 1024;
const MAX_RECIPIENTS = 1000;

/** What a stanza of ours says, without its name: which key this is, and for whom. */
export function stanzaArgs(txn: string, id: string, recipients: readonly string[]): string[] {
  return [STANZA, 'v1', txn, id, ...recipients.map((recipient) => recipient.replace(' ', ':'))];
}

/** What a command wrapped, as it is stored. */
export function commandKeyBytes(txn: string, id: string, wrapped: string): Buffer {
  return Buffer.from(`${JSON.stringify({ schema: COMMAND_SCHEMA, txn, id, wrapped })}\n`, 'utf8');
}

/** What the command is given back to unwrap; null when it is not from one. */
export function wrappedByCommand({ bytes }: WrappedKey): string | null {
  const { wrapped } = jsonFields(bytes.toString('utf8'));
  return typeof wrapped === 'string' ? wrapped : null;
}

/** Reads what anybody may read of a wrapped key. Null for what is none. */
export function parseWrappedKey(bytes: Buffer): WrappedKey | null {
  if (bytes.length > MAX_WRAPPED_BYTES) return null;
  const text = bytes.toString('latin1');
  return text.startsWith(AGE) ? parseAge(text, bytes) : parseCommand(text, bytes);
}

function parseAge(text: string, bytes: Buffer): WrappedKey | null {
  const header = text.slice(0, text.indexOf('\n---'));
  const line = header.split('\n').find((one) => one.startsWith(`-> ${STANZA} v1 `)) ?? '';
  const [txn = '', id = '', ...recipients] = line.split(' ').slice(3);
  if (!isNamed(txn, id) || recipients.length > MAX_RECIPIENTS) return null;
  return { txn, id, by: 'age', recipients: recipients.map((one) => one.replace(':', ' ')), bytes };
}

function parseCommand(text: string, bytes: Buffer): WrappedKey | null {
  const { schema, txn, id } = jsonFields(text);
  if (schema !== COMMAND_SCHEMA || typeof txn !== 'string' || typeof id !== 'string') return null;
  return isNamed(txn, id) ? { txn, id, by: 'command', recipients: [], bytes } : null;
}

function isNamed(txn: string, id: string): boolean {
  return isUlid(txn) && /^[0-9a-f]{32}$/.test(id);
}

function jsonFields(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
