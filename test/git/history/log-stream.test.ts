import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseLog } from '../../../lib/git/history/log-stream.ts';
import { BatchOutput } from '../../../lib/git/objects/batch-output.ts';

async function* piecesOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const OID = 'a'.repeat(40);

it('reads the same commits wherever what git prints is cut', async () => {
  const text = fc.string({ unit: 'grapheme' }).map((one) => one.replaceAll('\0', ''));
  const commit = fc.record({
    message: text,
    paths: fc.array(text.filter((path) => path !== '' && !path.startsWith('\n'))),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(commit), sizes, async (commits, cut) => {
      const word = '\u0001word';
      const printed = commits.map(({ message, paths }) => {
        const fields = [
          word,
          OID,
          '',
          'Jane Doe <jane@example.com>',
          'Jane Doe <jane@example.com>',
          '17',
          message,
        ];
        const [first, ...more] = paths;
        return [...fields, ...(first === undefined ? [] : [`\n${first}`, ...more])]
          .map((field) => `${field}\0`)
          .join('');
      });
      const read = await all(parseLog(piecesOf(Buffer.from(printed.join('')), cut), word));
      expect(read.map(({ message, paths }) => ({ message, paths }))).toEqual(commits);
    }),
    { numRuns: 50 },
  );
});

it('tells sizes from objects wherever what cat-file prints is cut', async () => {
  const question = fc.record({ isInfo: fc.boolean(), content: fc.option(fc.string({ maxLength: 40 })) });
  await fc.assert(
    fc.asyncProperty(fc.array(question), sizes, async (questions, cut) => {
      const printed = questions.map(({ isInfo, content }) => {
        const bytes = Buffer.from(content ?? '');
        if (content === null) return Buffer.from(`${OID} missing\n`);
        const header = Buffer.from(`${OID} blob ${bytes.length}\n`);
        return isInfo ? header : Buffer.concat([header, bytes, Buffer.from('\n')]);
      });
      const output = new BatchOutput();
      const answers: unknown[] = [];
      for (const piece of await all(piecesOf(Buffer.concat(printed), cut)))
        for (const answer of output.take(piece, () => questions[answers.length]?.isInfo === true))
          answers.push(answer !== null && 'content' in answer ? answer.content.toString() : answer);
      expect(answers).toEqual(
        questions.map(({ isInfo, content }) =>
          isInfo && content !== null ? { type: 'blob', size: Buffer.byteLength(content) } : content,
        ),
      );
    }),
    { numRuns: 50 },
  );
});

it('reads the same objects wherever what cat-file prints is cut', async () => {
  const object = fc.option(fc.uint8Array({ maxLength: 60 }));
  await fc.assert(
    fc.asyncProperty(fc.array(object), sizes, async (objects, cut) => {
      const printed = objects.map((content) =>
        content === null
          ? Buffer.from(`${OID} missing\n`)
          : Buffer.concat([Buffer.from(`${OID} blob ${content.length}\n`), content, Buffer.from('\n')]),
      );
      const output = new BatchOutput();
      const answers = (await all(piecesOf(Buffer.concat(printed), cut))).flatMap((piece) => [
        ...output.take(piece),
      ]);
      expect(answers.map((answer) => answer && [...answer.content])).toEqual(
        objects.map((content) => content && [...content]),
      );
    }),
    { numRuns: 50 },
  );
});
