import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { encodeRecord, type SignatureRecord } from '../../../lib/core/records/record.ts';
import { NO_MAILMAP } from '../../../lib/identity/roster/mailmap.ts';
import { parseRoster } from '../../../lib/identity/roster/parse.ts';
import {
  type JudgedAt,
  type JudgedSignature,
  judgeSignatures,
  whyNot,
} from '../../../lib/identity/signatures/judge.ts';
import { ed25519Key, type SignatureParts, signatureOf, type TestKey } from '../../support/ssh-keys.ts';

const [JANE, OLD, CI] = [ed25519Key(), ed25519Key(), ed25519Key()];
const { roster } = parseRoster(
  `version: 1
people:
  - name: Jane Doe
    email: jane@example.com
    keys:
      - {key: ${JANE.text}, from: 2026-01-01, until: 2026-06-30}
      - {key: ${OLD.text}, revoked: 2026-03-01}
ci: [{name: main, keys: ["${CI.text}"]}]
`,
  { commit: 'c'.repeat(40), file: null, mailmap: NO_MAILMAP },
);

const signed: SignatureRecord = signatureOf(JANE, `sha256:${'a'.repeat(64)}`);

function judged(key: TestKey, at: JudgedAt, parts: SignatureParts = {}): JudgedSignature | undefined {
  const stored = encodeRecord(signed);
  return judgeSignatures({ stored, signatures: [signatureOf(key, stored.digest, parts)] }, roster, at)[0];
}

const day = (text: string): number => Date.parse(`${text}T12:00:00Z`);
const NOW = day('2026-06-01');

describe('whose a signature is', () => {
  it('is a person, a pipeline, or nobody', () => {
    expect(judged(JANE, { now: NOW })?.by).toMatchObject({ kind: 'person', person: { name: 'Jane Doe' } });
    expect(judged(CI, { now: NOW })?.by).toMatchObject({ kind: 'ci', ci: { name: 'main' } });
    expect(judged(ed25519Key(), { now: NOW })).toMatchObject({ holds: true, by: { kind: 'nobody' } });
    expect(judged(JANE, { now: NOW }, { namespace: 'git' })).toMatchObject({
      holds: false,
      by: { kind: 'nobody' },
    });
  });

  it('attack: a revoked key grafted on an old tip is judged by today', () => {
    expect(judged(OLD, { now: NOW })).toMatchObject({ by: { kind: 'nobody' }, why: 'its key is revoked' });
    expect(judged(OLD, { now: NOW, anchored: () => null })?.by.kind).toBe('nobody');
    expect(judged(OLD, { now: NOW, anchored: () => day('2026-02-28') })?.by.kind).toBe('person');
    expect(judged(OLD, { now: NOW, anchored: () => day('2026-03-01') })?.why).toBe(
      'its key was revoked then',
    );
  });

  it('attack: a key is back-dated by nothing the signer says', () => {
    const later = day('2026-07-01');
    expect(judged(JANE, { now: later })).toMatchObject({
      by: { kind: 'nobody' },
      why: 'its key counts no more',
    });
    expect(judged(JANE, { now: later, anchored: () => day('2026-06-30') })?.by.kind).toBe('person');
    expect(judged(JANE, { now: later, anchored: () => day('2025-12-31') })?.why).toBe(
      'its key did not count yet',
    );
  });

  it('attack: of a key that was in wrong hands nobody knows how long, nothing counts at any time', () => {
    const forever = ed25519Key();
    const { roster: other } = parseRoster(
      `{version: 1, people: [{name: A, email: a@example.com, keys: [{key: "${forever.text}", revoked: true}]}]}`,
      { commit: 'c'.repeat(40), file: null, mailmap: NO_MAILMAP },
    );
    const stored = encodeRecord(signed);
    const told = { stored, signatures: [signatureOf(forever, stored.digest)] };
    expect(judgeSignatures(told, other, { now: NOW, anchored: () => 1 })[0]).toMatchObject({
      by: { kind: 'nobody' },
      why: 'its key is revoked',
    });
  });

  it('a signature of another record, put beside this one, is none of it', () => {
    expect(
      judgeSignatures({ stored: encodeRecord(signed), signatures: [signed] }, roster, { now: NOW }),
    ).toEqual([]);
  });

  it("attack: any number of junk signatures, also under the signer's own key, hide the true one", () => {
    const stored = encodeRecord(signed);
    const falseBytes = (key: TestKey): SignatureRecord => ({
      ...signatureOf(ed25519Key(), stored.digest),
      publicKey: key.text,
    });
    const junk = [
      ...Array.from({ length: 60 }, () => signatureOf(ed25519Key(), stored.digest)),
      ...Array.from({ length: 60 }, () => falseBytes(JANE)),
      ...Array.from({ length: 60 }, () => falseBytes(CI)),
    ];
    const own = signatureOf(JANE, stored.digest);
    for (const signatures of [
      [...junk, own],
      [own, ...junk],
    ]) {
      const people = judgeSignatures({ stored, signatures }, roster, { now: NOW }).filter(
        ({ by }) => by.kind === 'person',
      );
      expect(people).toHaveLength(1);
    }
  });
});

describe('attack: thousands of junk signatures before the true one', () => {
  const stored = encodeRecord(signed);
  const own = signatureOf(JANE, stored.digest);
  const peopleOf = (signatures: readonly SignatureRecord[]): JudgedSignature[] =>
    judgeSignatures({ stored, signatures }, roster, { now: NOW }).filter(({ by }) => by.kind === 'person');

  it('that are none by their form, or all the same, do not hide it', () => {
    const whole = signatureOf(JANE, `sha256:${'0'.repeat(64)}`);
    const elsewhere = signatureOf(JANE, stored.digest, { namespace: 'git' });
    const anothers = { ...signatureOf(CI, stored.digest), publicKey: JANE.text };
    const junk = Array.from({ length: 6000 }, (_, i): SignatureRecord[] => [
      { ...own, id: `${i}`, signature: `${i}` },
      { ...whole, id: `${i}`, record: stored.digest },
      { ...elsewhere, id: `${i}`, signature: elsewhere.signature },
      { ...anothers, id: `${i}` },
    ]).flat();
    expect(peopleOf([...junk, own])).toHaveLength(1);
  });

  it('that are whole are told where they hide it, once and first', () => {
    const junk = Array.from({ length: 5000 }, (_, i) => ({
      ...signatureOf(JANE, `sha256:${i.toString(16).padStart(64, '0')}`),
      record: stored.digest,
    }));
    expect(peopleOf([own, ...junk])).toHaveLength(1);
    const hidden = judgeSignatures({ stored, signatures: [...junk, own] }, roster, { now: NOW });
    expect(whyNot(hidden)).toEqual([expect.stringMatching(/: 1 left out$/), 'it is not one of this record']);
  });
});

it('attack: thousands of junk signatures under a known key are checked once each, wherever their record is told', () => {
  const stored = encodeRecord(signed);
  const { signature, ...rest } = signatureOf(JANE, `sha256:${'0'.repeat(64)}`);
  let checks = 0;
  const junk = Array.from({ length: 4000 }, () => ({
    ...rest,
    record: stored.digest,
    get signature() {
      checks++;
      return signature;
    },
  }));
  for (let time = 0; time < 3; time++)
    for (const { holds } of judgeSignatures({ stored, signatures: junk }, roster, { now: NOW }))
      expect(holds).toBe(false);
  expect(checks).toBe(4000);
});

it('attack: a signature by another key than its record names is not computed with that key, whatever it takes', () => {
  const verify = vi.spyOn(crypto, 'verify');
  syncBuiltinESMExports();
  onTestFinished(() => {
    verify.mockRestore();
    syncBuiltinESMExports();
  });
  const stored = encodeRecord(signed);
  const other = { ...signatureOf(ed25519Key(), stored.digest), publicKey: JANE.text };
  const own = signatureOf(JANE, stored.digest);
  const [verdict] = judgeSignatures({ stored, signatures: [other, own] }, roster, { now: NOW });
  expect(verdict?.why).toBe('it is by another key than its record names');
  expect(verify).toHaveBeenCalledTimes(1);
});
