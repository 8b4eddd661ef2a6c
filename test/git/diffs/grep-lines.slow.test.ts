import { expect, it } from 'vitest';
import { type LineTaker, pathsAt, sayLines, tellLines } from '../../../lib/git/diffs/grep-lines.ts';
import { LineBatches } from '../../../lib/git/diffs/line-batches.ts';
import { makeRepo } from '../../support/repo.ts';

const LONGEST = 200_000;

it('tells of every line of every file, however long or short, and leaves out what is too long', async () => {
  const repo = await makeRepo({ firstCommit: false });
  try {
    const many = Array.from({ length: 5000 }, (_, i) => `line ${i} ${'é'.repeat(i % 50)}`);
    const files: Record<string, string[]> = {
      'a/many': many,
      'b/long': ['before', 'x'.repeat(LONGEST), 'after'],
      'b/longer': ['before', 'y'.repeat(LONGEST + 1), 'after', 'z'.repeat(3 * LONGEST), 'last'],
      'b/longer-again': ['w'.repeat(1_000_000), '', 'end'],
      binary: ['\u0000\u0001', 'refs/heads/x:a/many\u0000no line of that file', ''],
      one: ['1'],
    };
    for (const [path, lines] of Object.entries(files)) await repo.write(path, `${lines.join('\n')}\n`);
    await repo.write('empty', '');
    await repo.write('unfinished', 'no line feed');
    await repo.git('add', '-A');
    const tree = await repo.git('write-tree');
    const told = new Map<string, string[]>();
    let lines: string[] = [];
    const taker: LineTaker = {
      file: (path) => {
        lines = told.get(path) ?? [];
        told.set(path, lines);
      },
      line: ({ bytes, text }, start, end) => {
        expect(text.length).toBe(bytes.length);
        lines.push(bytes.toString('utf8', start, end));
      },
    };
    const format = { nameAt: pathsAt(tree), longest: LONGEST };
    const batches = new LineBatches(LONGEST, (batch) => tellLines(batch, format, taker));
    await sayLines({ cwd: repo.dir }, tree, (piece) => batches.take(piece));
    batches.end();
    const expected = Object.entries(files).map(([path, all]): [string, string[]] => [
      path,
      all.filter((line) => Buffer.byteLength(line) <= LONGEST),
    ]);
    expect(new Map(told)).toEqual(new Map([...expected, ['unfinished', ['no line feed']]]));
  } finally {
    await repo.remove();
  }
});
