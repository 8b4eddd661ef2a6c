import { AgentLogError } from '../../core/errors.ts';
import type { DataKey } from '../../ledger/payloads/data-key.ts';
import { stanzaArgs } from '../../ledger/payloads/wrapped-key.ts';
import { loadAge } from './age-library.ts';
import { openPlainAge } from './age-plain.ts';
import type { KnownIdentity } from './identities.ts';
import type { Recipient } from './recipient.ts';

const TITLE = 'git-agent-log data key v1';

/** Wraps a data key for recipients: a file of age, which its own tool opens as well. */
export async function wrapWithAge(key: DataKey, recipients: readonly Recipient[]): Promise<Buffer> {
  const { Encrypter, Stanza } = await loadAge();
  const encrypter = new Encrypter();
  const named = recipients.map(({ text }) => text);
  const ours = new Stanza(stanzaArgs(key.txn, key.id, named), new Uint8Array());
  encrypter.addRecipient({ wrapFileKey: () => [ours] });
  const { sshRecipient } = await import('./age-ssh.ts');
  for (const { kind, text } of recipients)
    encrypter.addRecipient(
      kind === 'x25519' ? text : sshRecipient(text, (args, body) => new Stanza(args, body)),
    );
  const lines = [TITLE, key.txn, key.id, key.bytes.toString('base64'), ''];
  return readAll(await encrypter.encrypt(streamOf(Buffer.from(lines.join('\n')))));
}

/** The data key in a file of age; null when none of the identities is one it was wrapped for. */
export async function unwrapWithAge(
  bytes: Buffer,
  identities: readonly KnownIdentity[],
): Promise<DataKey | null> {
  for (const identity of identities) {
    const text = identity.kind === 'age' ? openPlainAge(bytes, identity.secret) : null;
    if (text !== null) return parseKey(text.toString('utf8'));
  }
  const { Decrypter } = await loadAge();
  const decrypter = new Decrypter();
  for (const identity of identities) {
    if (identity.kind === 'age') decrypter.addIdentity(identity.secret);
    else decrypter.addIdentity((await import('./age-ssh.ts')).sshIdentity(identity.key));
  }
  try {
    return parseKey((await readAll(await decrypter.decrypt(streamOf(bytes)))).toString('utf8'));
  } catch (error) {
    if (/no identity matched/.test(String(error))) return null;
    throw damagedKey(error);
  }
}

/** Handed to age as a stream: from bytes it makes a `Response`, for which Node loads an HTTP client. */
function streamOf(bytes: Buffer): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  return Buffer.concat(chunks);
}

function parseKey(text: string): DataKey {
  const [title, txn = '', id = '', key = ''] = text.split('\n');
  const bytes = Buffer.from(key, 'base64');
  if (title !== TITLE || bytes.length !== 32) throw damagedKey(null);
  return { txn, id, bytes };
}

function damagedKey(cause: unknown): AgentLogError {
  return new AgentLogError('BAD_PAYLOAD', 'integrity', 'a wrapped key is damaged', {
    ...(cause === null ? {} : { cause }),
    hints: ['`git agent-log sync` may bring a whole copy from a remote.'],
  });
}
