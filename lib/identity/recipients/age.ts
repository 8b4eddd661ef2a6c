import { AgentLogError } from '../../core/errors.ts';
import type { DataKey } from '../../ledger/payloads/data-key.ts';
import { stanzaArgs } from '../../ledger/payloads/wrapped-key.ts';
import type { KnownIdentity } from './identities.ts';
import type { Recipient } from './recipient.ts';

const TITLE = 'git-agent-log data key v1';

/** Wraps a data key for recipients: a file of age, which its own tool opens as well. */
export async function wrapWithAge(key: DataKey, recipients: readonly Recipient[]): Promise<Buffer> {
  const { Encrypter, Stanza } = await import('age-encryption');
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
  return Buffer.from(await encrypter.encrypt(lines.join('\n')));
}

/** The data key in a file of age; null when none of the identities is one it was wrapped for. */
export async function unwrapWithAge(
  bytes: Buffer,
  identities: readonly KnownIdentity[],
): Promise<DataKey | null> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const identity of identities) {
    if (identity.kind === 'age') decrypter.addIdentity(identity.secret);
    else decrypter.addIdentity((await import('./age-ssh.ts')).sshIdentity(identity.key));
  }
  try {
    return parseKey(await decrypter.decrypt(bytes, 'text'));
  } catch (error) {
    if (/no identity matched/.test(String(error))) return null;
    throw damagedKey(error);
  }
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
