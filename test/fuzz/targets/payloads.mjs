import { textDigest } from '../../../dist/core/digest.js';
import { AgentLogError } from '../../../dist/core/errors.js';
import { parseProposal } from '../../../dist/identity/recipients/proposal.js';
import { parseSshPrivateKey } from '../../../dist/identity/recipients/ssh-private-key.js';
import { openEntry, parseEntry, sealEntry } from '../../../dist/ledger/payloads/entry.js';
import { txnOfPath } from '../../../dist/ledger/payloads/paths.js';
import { parseWrappedKey } from '../../../dist/ledger/payloads/wrapped-key.js';
import { expectCleanPrototype, holds } from './tools.mjs';

const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
const KEY = { txn: TXN, id: 'a'.repeat(32), bytes: Buffer.alloc(32, 7) };
const SALT = Buffer.alloc(32, 1);
const TEXTS = ['', 'a task', 'line\nline', 'ünïcode 🎉'].map((text) => ({
  digest: textDigest(SALT, text),
  salt: SALT.toString('base64'),
  kind: 'task',
  text,
}));
const HEADER = { record: `sha256:${'b'.repeat(64)}`, level: 'task' };

function entryOf(texts) {
  return sealEntry({ ...HEADER, texts: texts.map(({ digest }) => digest) }, texts, KEY);
}

/** What a decoder may throw is our own word that it can't be used, never anything else. */
function orRefused(work) {
  try {
    return work();
  } catch (error) {
    holds(error instanceof AgentLogError && error.hints.length > 0, `an error of ours, not ${error}`);
    return null;
  }
}

/** Entries and keys lie on refs anybody may push to; proposals are in everybody's tree. */
export const payloadTargets = [
  {
    name: 'payloads:entry',
    seeds: () => [entryOf(TEXTS), entryOf(TEXTS.slice(0, 1)), entryOf([])],
    run(bytes) {
      const entry = orRefused(() => parseEntry(bytes));
      if (entry === null) return;
      holds(
        txnOfPath(`${entry.header.txn.slice(-2)}/${entry.header.txn}/x`, 'x') !== null,
        'a txn is a ULID',
      );
      for (const text of orRefused(() => openEntry(entry, KEY)) ?? [])
        holds(
          TEXTS.some((known) => known.digest === text.digest && known.text === text.text),
          'nothing opens that was not sealed',
        );
      expectCleanPrototype();
    },
  },
  {
    name: 'payloads:key',
    seeds: () => [
      Buffer.from(
        `age-encryption.org/v1\n-> git-agent-log v1 ${TXN} ${KEY.id} age1x ssh-ed25519:AAAA\n\n--- mac\nbody`,
      ),
      Buffer.from(JSON.stringify({ schema: 'agent-log/wrapped-key/v1', txn: TXN, id: KEY.id, wrapped: 'x' })),
    ],
    run(bytes) {
      const key = parseWrappedKey(bytes);
      if (key !== null)
        holds(/^[0-9a-f]{32}$/.test(key.id) && key.recipients.length <= 1000, 'a key is named');
      expectCleanPrototype();
    },
  },
  {
    name: 'payloads:proposal',
    seeds: () => [
      Buffer.from('level: full\nrecipients: []\npayloadRemotes:\n  - origin\n'),
      Buffer.from('{"level": "task"}'),
    ],
    run(bytes) {
      const proposal = orRefused(() => parseProposal(bytes));
      for (const text of [...(proposal?.recipients ?? []), ...(proposal?.payloadRemotes ?? [])])
        holds(!/\p{C}/u.test(text), 'nothing proposed has control characters');
      expectCleanPrototype();
    },
  },
  {
    name: 'payloads:ssh-key',
    seeds: () => [
      Buffer.from(
        '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQ==\n-----END OPENSSH PRIVATE KEY-----\n',
      ),
    ],
    run(bytes) {
      const key = orRefused(() => parseSshPrivateKey(bytes.toString('latin1'), '/key'));
      if (key !== null) holds(key.seed.length === 32, 'a seed has 32 bytes');
    },
  },
];
