import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimedTrailers, SEAL_KEYS, sealLines, withoutSeal } from '../../../lib/core/records/trailers.ts';

const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
const DIGEST = `sha256:${'9f'.repeat(32)}`;
const SEAL = {
  txn: TXN,
  record: DIGEST,
  sponsor: { name: 'Jane Doe', email: 'jane@example.com' },
  assistedBy: 'a:b',
};

/** What a name may hold when somebody wants a trailer of their own in the message. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\n',
        '\r',
        '\r\n',
        '\n\n',
        '\u0085',
        '\u2028',
        '\u2029',
        '\u0000',
        '\u001b[31m',
        '\u202e',
      ),
      fc.constantFrom(
        'Agent-Record: ',
        `Agent-Record: sha256:${'0'.repeat(64)}`,
        'Signed-off-by: Eve <e@x>',
        '---',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('sealLines', () => {
  it('writes the seal in its order', () => {
    expect(sealLines(SEAL)).toEqual([
      `Agent-Txn: ${TXN}`,
      `Agent-Record: ${DIGEST}`,
      'Agent-Sponsor: Jane Doe <jane@example.com>',
      'Assisted-by: a:b',
    ]);
    expect(sealLines({ ...SEAL, sponsor: null })).toHaveLength(3);
  });

  it('never lets a name make a second line, another key or a second address', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (name, email, assistedBy) => {
        const lines = sealLines({ txn: TXN, record: DIGEST, sponsor: { name, email }, assistedBy });
        expect(lines.map((line) => line.slice(0, line.indexOf(':')))).toEqual([...SEAL_KEYS, 'Assisted-by']);
        // biome-ignore lint: the point is that none of these is there
        for (const line of lines)
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
        expect(lines[2]?.match(/[<>]/g)).toEqual(['<', '>']);
        expect(claimedTrailers(lines.join('\n'))).toEqual({ txns: [TXN], records: [DIGEST] });
      }),
    );
  });

  it('writes text that is well formed, also where it is cut', () => {
    const [, , line = ''] = sealLines({
      ...SEAL,
      sponsor: { name: '🐙'.repeat(150), email: `x${'🐙'.repeat(150)}@y` },
    });
    expect(Buffer.from(line, 'utf8').toString('utf8')).toBe(line);
  });
});

describe('claimedTrailers', () => {
  const before = fc.constantFrom('', ' ', '\t', '    ', '* ', '- ', '  * ', '> ', '> > ', '+ ');
  const after = fc.constantFrom('', ' ', '\r', '  \r', '\t');

  it('finds what squash bodies indent, quote, bullet or end in CRLF', () => {
    fc.assert(
      fc.property(before, after, fc.string(), fc.string(), (lead, trail, above, below) => {
        const body = [
          above,
          `${lead}Agent-Record: ${DIGEST}${trail}`,
          `${lead}agent-txn:${TXN}${trail}`,
          below,
        ];
        expect(claimedTrailers(body.join('\n'))).toEqual({ txns: [TXN], records: [DIGEST] });
      }),
    );
  });

  it('names each once, in the order of the message', () => {
    const other = `sha256:${'01'.repeat(32)}`;
    const message = `x\n\nAgent-Record: ${other}\nAgent-Record: ${DIGEST}\n* Agent-Record: ${other}\n`;
    expect(claimedTrailers(message).records).toEqual([other, DIGEST]);
  });

  it.each([
    `We saw Agent-Record: ${DIGEST}`,
    `Agent-Record: ${DIGEST}0`,
    `Agent-Record: ${DIGEST} and more`,
    'Agent-Record: sha256:short',
    `Agent-Record ${DIGEST}`,
    `X-Agent-Record: ${DIGEST}`,
  ])('takes %j for prose', (line) => expect(claimedTrailers(`s\n\n${line}\n`).records).toEqual([]));

  // Were it to take time by the square of the length, the test would not end in its time.
  it('reads a megabyte of almost-trailers', () => {
    const text = `${' >*'.repeat(100)}Agent-Record: sha256:\n`.repeat(5000) + ' \t'.repeat(200_000);
    expect(claimedTrailers(text).records).toEqual([]);
  });
});

describe('withoutSeal', () => {
  const prose = fc
    .array(
      fc.oneof(
        fc.string(),
        fc.constantFrom(
          '',
          'Assisted-by: somebody:else',
          'Signed-off-by: A <a@b>',
          `  Agent-Txn: ${TXN}`,
          'Agent-Other: x',
        ),
      ),
      { maxLength: 6 },
    )
    .map((lines) =>
      lines.flatMap((line) => line.split('\n')).filter((line) => !/^Agent-(Txn|Record|Sponsor):/i.test(line)),
    );

  it.each(['', '\r'])('takes the lines of a seal out and leaves every other (line end %j)', (end) => {
    fc.assert(
      fc.property(prose, prose, hostile, (above, below, name) => {
        const seal = sealLines({ ...SEAL, sponsor: { name, email: 'e@x' } }).map((line) => line + end);
        const sealed = [...above, ...seal, ...below].join('\n');
        expect(withoutSeal(sealed)).toBe([...above, ...below].join('\n'));
      }),
    );
  });

  it("leaves somebody else's Assisted-by, even one that reads as ours does", () => {
    const message = [
      'subject',
      '',
      'Assisted-by: a:b',
      ...sealLines({ ...SEAL, sponsor: null }),
      'Reviewed-by: R',
    ];
    expect(withoutSeal(message.join('\n'))).toBe('subject\n\nAssisted-by: a:b\nReviewed-by: R');
  });

  it('changes nothing in a message without a seal', () => {
    fc.assert(
      fc.property(prose, (lines) => {
        expect(withoutSeal(lines.join('\n'))).toBe(lines.join('\n'));
      }),
    );
  });
});

describe('spelling', () => {
  it('is made the stored one, whatever a message did to it', () => {
    const message = `x\n\nagent-txn: 01jd2m0y5v9z8k7q3c4n6t1rwe\nAGENT-RECORD: SHA256:${'AB'.repeat(32)}\n`;
    expect(claimedTrailers(message)).toEqual({
      txns: ['01JD2M0Y5V9Z8K7Q3C4N6T1RWE'],
      records: [`sha256:${'ab'.repeat(32)}`],
    });
  });
});
