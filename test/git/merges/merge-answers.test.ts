import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MergeSaid, nextAnswer } from '../../../lib/git/merges/merge-answers.ts';

const MARK = 'f00dfeed'.repeat(4);
const TREE = '0d57d8dec0f00a27054ab3e2ede0a2f46b407c26';

const name = fc.string({ unit: fc.constantFrom('a', '0', '1', '\n', ' ', '/', '\u00e9'), minLength: 1 });
const message = fc
  .tuple(fc.array(name, { maxLength: 3 }), fc.constantFrom('Auto-merging', 'CONFLICT (contents)'), name)
  .map(([paths, type, text]) => [String(paths.length), ...paths, type, `${text}\n`]);

/** What `git merge-tree -z --messages --name-only` prints. */
const single = fc
  .tuple(fc.array(name, { maxLength: 3 }), fc.array(message, { maxLength: 3 }))
  .map(([paths, messages]): MergeSaid => {
    const fields = [TREE, ...paths, '', ...messages.flat()];
    const stdout = Buffer.from(fields.map((field) => `${field}\0`).join(''));
    return { code: paths.length > 0 ? 1 : 0, stdout };
  });

const asMarked = ({ code, stdout }: MergeSaid): Buffer =>
  Buffer.concat([stdout, Buffer.from(`\0${MARK} ${code}\n`)]);
const asMany = ({ code, stdout }: MergeSaid): Buffer =>
  Buffer.concat([Buffer.from(`${1 - code}\0`), stdout, Buffer.from('\0')]);

function answersIn(bytes: Buffer): MergeSaid[] {
  const answers: MergeSaid[] = [];
  let rest = bytes;
  for (let next = nextAnswer(rest, MARK); next !== null; next = nextAnswer(rest, MARK)) {
    answers.push({ code: next.said.code, stdout: Buffer.from(next.said.stdout) });
    rest = rest.subarray(next.end);
  }
  expect(rest).toHaveLength(0);
  return answers;
}

describe('answers to many merges', () => {
  it('are those to each by itself, however git gives them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(single, fc.boolean())), (asked) => {
        const bytes = Buffer.concat(asked.map(([said, isMany]) => (isMany ? asMany(said) : asMarked(said))));
        expect(answersIn(bytes)).toEqual(asked.map(([said]) => said));
      }),
    );
  });

  it('are waited for until all is there', () => {
    fc.assert(
      fc.property(single, fc.boolean(), (said, isMany) => {
        const bytes = isMany ? asMany(said) : asMarked(said);
        for (let end = 0; end < bytes.length; end++)
          expect(nextAnswer(bytes.subarray(0, end), MARK)).toBeNull();
      }),
    );
  });

  it('tell with which code a merge by itself that failed has ended', () => {
    expect(nextAnswer(Buffer.from(`\0${MARK} 134\n`), MARK)?.said).toEqual({
      code: 134,
      stdout: Buffer.alloc(0),
    });
  });
});
