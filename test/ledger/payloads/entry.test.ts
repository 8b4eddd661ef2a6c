import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textDigest } from '../../../lib/core/digest.ts';
import { AgentLogError } from '../../../lib/core/errors.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { type DataKey, newDataKey } from '../../../lib/ledger/payloads/data-key.ts';
import { openEntry, type PayloadText, parseEntry, sealEntry } from '../../../lib/ledger/payloads/entry.ts';

const txn = newUlid(1_000);

function textOf(text: string): PayloadText {
  const salt = randomBytes(32);
  return { digest: textDigest(salt, text), salt: salt.toString('base64'), kind: 'task', text };
}

function sealed(texts: readonly PayloadText[], key: DataKey, record = 'a'): Buffer {
  return sealEntry(
    { record: `sha256:${record.repeat(64)}`, level: 'task', texts: texts.map(({ digest }) => digest) },
    texts,
    key,
  );
}

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(AgentLogError);
    expect((error as AgentLogError).hints.length).toBeGreaterThan(0);
    return `${(error as AgentLogError).code}: ${(error as AgentLogError).message}`;
  }
  return 'no error';
}

describe('a payload entry', () => {
  it('opens to the very texts that were sealed', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }), (strings) => {
        const texts = strings.map((one) => textOf(one));
        const key = newDataKey(txn);
        expect(openEntry(parseEntry(sealed(texts, key)), key)).toEqual(texts);
      }),
      { numRuns: 50 },
    );
  });

  it('names its record and texts in the open, and nothing of what they say', () => {
    const key = newDataKey(txn);
    const text = textOf('words nobody else shall read');
    const bytes = sealed([text], key);
    expect(parseEntry(bytes).header).toEqual({
      txn,
      record: `sha256:${'a'.repeat(64)}`,
      key: key.id,
      level: 'task',
      texts: [text.digest],
    });
    expect(bytes.toString('latin1')).not.toContain('nobody else');
    expect(bytes.toString('latin1')).not.toContain(key.bytes.toString('latin1'));
  });

  it('wrong key: says that it can not be opened', () => {
    const key = newDataKey(txn);
    const bytes = sealed([textOf('a')], key);
    const other = { ...newDataKey(txn), id: key.id };
    expect(problemOf(() => openEntry(parseEntry(bytes), other))).toContain('BAD_PAYLOAD: the stored payload');
    expect(problemOf(() => openEntry(parseEntry(bytes), newDataKey(txn)))).toContain(
      'key is that of another',
    );
    const elsewhere = { ...key, txn: newUlid(2_000) };
    expect(problemOf(() => openEntry(parseEntry(bytes), elsewhere))).toContain('key is that of another');
  });

  it('truncated ciphertext: no beginning of it opens', () => {
    const key = newDataKey(txn);
    const bytes = sealed([textOf('some text'.repeat(20))], key);
    for (let end = 0; end < bytes.length; end++)
      expect(problemOf(() => openEntry(parseEntry(bytes.subarray(0, end)), key))).toContain('BAD_PAYLOAD');
  });

  it('a flipped bit anywhere: it does not open', () => {
    const key = newDataKey(txn);
    const bytes = sealed([textOf('some text')], key);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(problemOf(() => openEntry(parseEntry(changed), key))).toContain('BAD_PAYLOAD');
    }
  });

  it('a payload of another record: the header of one does not fit what was sealed under that of another', () => {
    const key = newDataKey(txn);
    const [one, other] = [sealed([textOf('x')], key, 'a'), sealed([textOf('y')], key, 'b')];
    const swapped = Buffer.concat([parseEntry(one).headerBytes, parseEntry(other).sealed]);
    expect(problemOf(() => openEntry(parseEntry(swapped), key))).toContain('header of another record');
  });

  it('a text under the digest of another: whoever has the key can not put words into a record', () => {
    const key = newDataKey(txn);
    const forged = { ...textOf('what was asked'), text: 'what was never asked' };
    expect(problemOf(() => openEntry(parseEntry(sealed([forged], key)), key))).toContain(
      'not the one its digest names',
    );
  });

  it('a text that unpacks to more than any text: is refused before it is unpacked', () => {
    const key = newDataKey(txn);
    const bomb = textOf('0'.repeat(5 * 1024 * 1024));
    expect(problemOf(() => openEntry(parseEntry(sealed([bomb], key)), key))).toContain('can not be unpacked');
  });

  it('does not tell in its size whether two texts are alike', () => {
    const key = newDataKey(txn);
    const size = (...texts: PayloadText[]): number => parseEntry(sealed(texts, key)).sealed.length;
    const secret = randomBytes(300).toString('hex');
    const [one, same, other] = [textOf(secret), textOf(secret), textOf(randomBytes(300).toString('hex'))];
    const nothing = size();
    expect(size(one, same)).toBe(size(one) + size(same) - nothing);
    expect(size(one, other)).toBe(size(one) + size(other) - nothing);
  });
});
