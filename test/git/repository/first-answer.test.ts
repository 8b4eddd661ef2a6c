import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FirstAnswer } from '../../../lib/git/repository/first-answer.ts';

/** Bytes that look like the marks they stand beside. No answer holds two NUL in a row. */
const text = fc
  .array(fc.constantFrom('/a/.git\n', 'sha1\n', '128\n', '\0', 'é'))
  .map((parts) => parts.join('').replaceAll(/\0+/g, '\0').replace(/\0$/, ''));
const rest = fc
  .array(fc.constantFrom('abc commit 3\n', '\0\x000\n', '\n', 'x'))
  .map((parts) => parts.join(''));

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

describe('FirstAnswer', () => {
  it('takes the answer, and nothing of what comes after it, in whatever pieces they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.constantFrom(0, 1, 128),
        rest,
        fc.array(fc.nat(), { maxLength: 5 }),
        async (said, code, after, cuts) => {
          const first = new FirstAnswer();
          const passed: Buffer[] = [];
          let done = false;
          for (const piece of pieces(Buffer.from(`${said}\0\0${code}\n${after}`), cuts)) {
            const left: Buffer | null = done ? piece : first.take(piece);
            done ||= left !== null;
            if (left !== null) passed.push(left);
          }
          const answer = await first.answer;
          expect({ code: answer.code, stdout: answer.stdout.toString() }).toEqual({ code, stdout: said });
          expect(Buffer.concat(passed).toString()).toBe(after);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('fails when what should say it ends', async () => {
    const first = new FirstAnswer();
    expect(first.take(Buffer.from('/a/.git\n\0\0'))).toBeNull();
    first.fail(new Error('it ended'));
    await expect(first.answer).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });
});
