import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_MAILMAP } from '../../../lib/identity/roster/mailmap.ts';
import { type ParsedRoster, parseRoster } from '../../../lib/identity/roster/parse.ts';
import {
  openpgpPayload,
  parseOpenpgpKey,
  problemOfOpenpgpSignature,
} from '../../../lib/identity/signatures/openpgp.ts';
import { problemOfStatus, strongKeys } from '../../../lib/identity/signatures/openpgp-verdicts.ts';

const fixture = (name: string): Promise<string> =>
  readFile(new URL(`../../fixtures/signatures/${name}`, import.meta.url), 'utf8');
const KEY = await fixture('openpgp-key.asc');
const SIGNATURE = await fixture('openpgp-signature.asc');
const FINGERPRINT = '79CD313D82F2D06C8C928902129F5182F62B55DD';
const NAME = `openpgp ${FINGERPRINT}`;

/** An armor around some bytes. */
function armored(kind: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PGP ${kind}-----\n\n${lines.join('\n')}\n-----END PGP ${kind}-----\n`;
}

function bytesIn(text: string): Buffer {
  const body = text
    .split('\n\n')[1]
    ?.split('\n')
    .filter((line) => !/^[=-]/.test(line));
  return Buffer.from((body ?? []).join(''), 'base64');
}

describe('an OpenPGP key', () => {
  it('is named by the fingerprint gpg gives it, whatever its armor says', () => {
    expect(parseOpenpgpKey(KEY)).toMatchObject({ text: NAME });
    const other = KEY.replace('\n\n', '\nVersion: GnuPG v9\nComment: of somebody else\n\n').replaceAll(
      '\n',
      '\r\n',
    );
    expect(parseOpenpgpKey(other)).toMatchObject({ text: NAME });
  });

  it('attack: two keys in one, a secret one, a cut one and something else are none', () => {
    const bytes = bytesIn(KEY);
    const key = 'PUBLIC KEY BLOCK';
    expect(parseOpenpgpKey(armored(key, Buffer.concat([bytes, bytes])))).toBe(
      'is not one OpenPGP key and no more',
    );
    expect(parseOpenpgpKey(armored(key, bytes.subarray(0, -1)))).toBe('is no armored OpenPGP key');
    expect(parseOpenpgpKey(armored(key, bytesIn(SIGNATURE)))).toBe('is not one OpenPGP key and no more');
    expect(parseOpenpgpKey(armored('SIGNATURE', bytes))).toBe('is no armored OpenPGP key');
    const secret = Buffer.from(bytes);
    // The tag of the first packet: 6 is a public key, 5 a secret one.
    secret[0] = 0x80 | (5 << 2) | (0x03 & (bytes[0] ?? 0));
    expect(parseOpenpgpKey(armored(key, secret))).toMatch(/^is a secret key/);
    expect(parseOpenpgpKey(KEY.repeat(2000))).toBe('is too long for an OpenPGP key');
  });
});

describe('the form of an OpenPGP signature', () => {
  it('is that of one signature over a document', () => {
    expect(problemOfOpenpgpSignature(SIGNATURE)).toBeNull();
    expect(openpgpPayload(`sha256:${'0'.repeat(64)}`)).toBe(
      `git-agent-log record signature v1\nsha256:${'0'.repeat(64)}\n`,
    );
  });

  it('attack: several, none, and one with something beside it are refused', () => {
    const bytes = bytesIn(SIGNATURE);
    const no = 'it is not one signature and no more';
    expect(problemOfOpenpgpSignature(armored('SIGNATURE', Buffer.concat([bytes, bytes])))).toBe(no);
    expect(problemOfOpenpgpSignature(armored('SIGNATURE', bytesIn(KEY)))).toBe(no);
    expect(problemOfOpenpgpSignature(armored('SIGNATURE', Buffer.concat([bytes, Buffer.from([0])])))).toBe(
      'it is no OpenPGP signature',
    );
    expect(problemOfOpenpgpSignature(`${SIGNATURE}${SIGNATURE}`)).toBe('it is no OpenPGP signature');
    expect(problemOfOpenpgpSignature(armored('MESSAGE', bytes))).toBe('it is no OpenPGP signature');
  });

  it('is read whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(200), (noise, at) => {
        const bytes = Buffer.concat([bytesIn(SIGNATURE).subarray(0, at), Buffer.from(noise)]);
        const problem = problemOfOpenpgpSignature(armored('SIGNATURE', bytes));
        expect(problem === null || problem.length > 0).toBe(true);
        expect(parseOpenpgpKey(armored('PUBLIC KEY BLOCK', bytes))).not.toBe('');
      }),
    );
  });
});

describe('what gpg says of a signature', () => {
  const strong = new Set([FINGERPRINT]);
  const valid = `VALIDSIG ${FINGERPRINT} 2026-11-23 1 0 4 0 22 8 00 ${FINGERPRINT}`;
  const good = ['NEWSIG', `GOODSIG 9E6D4259D7BFDD59 Jane`, valid];

  it('makes it one where all of it is there, and once', () => {
    expect(problemOfStatus({ code: 0, status: good }, NAME, strong)).toBeNull();
    expect(problemOfStatus({ code: 1, status: good }, NAME, strong)).not.toBeNull();
    expect(problemOfStatus({ code: 0, status: good.slice(0, 2) }, NAME, strong)).not.toBeNull();
    expect(problemOfStatus({ code: 0, status: good }, NAME, new Set())).not.toBeNull();
    for (const line of good)
      expect(problemOfStatus({ code: 0, status: [...good, line] }, NAME, strong), line).not.toBeNull();
  });

  it.each(['REVKEYSIG', 'EXPKEYSIG', 'EXPSIG', 'BADSIG', 'ERRSIG', 'NOTATION_NAME', 'PLAINTEXT', 'FAILURE'])(
    'attack: %s beside it makes it none',
    (word) => {
      expect(problemOfStatus({ code: 0, status: [`${word} x`, ...good] }, NAME, strong)).not.toBeNull();
    },
  );

  it('attack: another key, another class and a weak hash make it none', () => {
    for (const other of [
      valid.replace(/[0-9A-F]{40}$/, 'A'.repeat(40)),
      valid.replace(' 8 00 ', ' 8 01 '),
      valid.replace(' 8 00 ', ' 2 00 '),
    ])
      expect(problemOfStatus({ code: 0, status: [...good.slice(0, 2), other] }, NAME, strong)).not.toBeNull();
  });

  it('has strong keys in its listing by kind and size', () => {
    const listing = [
      'pub:u:1024:1:A:',
      'fpr:::::::::AA:',
      'sub:u:3072:1:B:',
      'fpr:::::::::BB:',
      'sub:u:255:22:C:',
      'fpr:::::::::CC:',
      'sub:u:2048:17:D:',
      'fpr:::::::::DD:',
    ];
    expect([...strongKeys(listing.join('\n'))]).toEqual(['BB', 'CC']);
  });
});

describe('a roster with OpenPGP keys', () => {
  const parsed = (keys: string): ParsedRoster =>
    parseRoster(`version: 1\npeople:\n  - name: Jane Doe\n    email: jane@example.com\n    keys:\n${keys}`, {
      commit: 'c'.repeat(40),
      file: null,
      mailmap: NO_MAILMAP,
    });
  const block = KEY.trim()
    .split('\n')
    .map((line) => `          ${line}`)
    .join('\n');
  const problems = (keys: string): string[] =>
    parsed(keys).problems.map(({ where, what }) => `${where} ${what}`);

  it('names them by fingerprint, which may stand beside them', () => {
    const spaced = FINGERPRINT.replace(/(.{4})/g, '$1 ')
      .trim()
      .toLowerCase();
    const { roster, problems: found } = parsed(
      `      - key: |\n${block}\n        fingerprint: ${spaced}\n        until: 2027-01-01\n`,
    );
    expect(found).toEqual([]);
    expect(roster.byKey.get(NAME)).toMatchObject({ kind: 'person', key: { until: Date.UTC(2027, 0, 2) } });
  });

  it('says what is wrong: another fingerprint, a fingerprint alone, the same key twice', () => {
    expect(problems(`      - key: |\n${block}\n        fingerprint: ${'A'.repeat(40)}\n`)).toEqual([
      'people[0].keys[0].fingerprint is not that of the key',
    ]);
    expect(problems(`      - ${FINGERPRINT}\n`)).toEqual(['people[0].keys[0] is no public key that signs']);
    expect(parsed(`      - ${FINGERPRINT}\n`).problems[0]?.hint).toMatch(/gpg --armor --export/);
    expect(problems(`      - key: |\n${block}\n      - key: |\n${block}\n`)).toEqual([
      'person jane@example.com has a key that is there twice',
    ]);
  });
});
