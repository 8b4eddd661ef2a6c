import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openObjectReader } from '../../../lib/git/objects/catfile.ts';
import { parseCommit, parseTree, readCommit, readTree } from '../../../lib/git/objects/objects.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));

/** Pieces of trees and commits, so that the fuzz gets past the first byte. */
const piece = fc.oneof(
  bytes,
  fc
    .constantFrom(
      '100644 ',
      '40000 ',
      'name\0',
      '\0',
      ' ',
      '\n',
      '\n\n',
      'tree ',
      'parent ',
      'author A <a> 1 +0',
    )
    .map((s) => Buffer.from(s)),
  fc.uint8Array({ minLength: 20, maxLength: 32 }).map((array) => Buffer.from(array)),
);
const pieces = fc.array(piece, { maxLength: 12 }).map((parts) => Buffer.concat(parts));

describe('parseTree', () => {
  it('never throws or hangs, and never makes up an id of the wrong length', () => {
    fc.assert(
      fc.property(pieces, fc.constantFrom(20, 32), (content, size) => {
        for (const entry of parseTree(content, size)) expect(entry.oid).toHaveLength(size * 2);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads back what a tree is made of, and a cut one up to the cut', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !/[\0]/.test(text));
    const entry = fc.record({
      mode: fc.constantFrom('100644', '40000', '160000'),
      name,
      oid: fc.uint8Array({ minLength: 20, maxLength: 20 }),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), fc.nat(), (entries, cut) => {
        const content = Buffer.concat(
          entries.flatMap((one) => [Buffer.from(`${one.mode} ${one.name}\0`), Buffer.from(one.oid)]),
        );
        const parsed = parseTree(content, 20);
        expect(parsed.map(({ mode, oid }) => [mode, oid])).toEqual(
          entries.map(({ mode, oid }) => [mode, Buffer.from(oid).toString('hex')]),
        );
        const part = parseTree(content.subarray(0, content.length === 0 ? 0 : cut % content.length), 20);
        expect(parsed.slice(0, part.length)).toEqual(part);
      }),
    );
  });
});

describe('parseCommit', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(pieces, (content) => void parseCommit('x', content)),
      { numRuns: 1000 },
    );
  });

  it('takes headers from above the first blank line only', () => {
    const text = `tree t\nparent p\nauthor A <a> 1 +0000\ncommitter C <c> 2 +0000\ngpgsig -----BEGIN\n tree fake\n -----END\n\ntree fake\nparent fake\n`;
    expect(parseCommit('x', Buffer.from(text))).toEqual({
      oid: 'x',
      tree: 't',
      parents: ['p'],
      author: 'A <a> 1 +0000',
      committer: 'C <c> 2 +0000',
      message: 'tree fake\nparent fake\n',
    });
  });
});

describe.each(['sha1', 'sha256'] as const)('reading a %s repository', (objectFormat) => {
  let repo: TestRepo;
  beforeAll(async () => {
    repo = await makeRepo({ objectFormat });
  });
  afterAll(() => repo.remove());

  it('agrees with git on a merge and its tree', async () => {
    await repo.git('switch', '-qc', 'topic');
    await repo.commit('on topic', { 'dir/ä "quoted"\nname': '1' });
    await repo.git('switch', '-q', 'main');
    await repo.commit('on main', { 'b.txt': '2' });
    await repo.git('merge', '-q', '--no-ff', '-m', 'merge\n\nbody', 'topic');
    const reader = openObjectReader({ cwd: repo.dir });
    const commit = await readCommit(reader, 'HEAD');
    const [oid, tree, parents] = (await repo.git('log', '-1', '--format=%H%n%T%n%P')).split('\n');
    expect(commit).toMatchObject({ oid, tree, parents: parents?.split(' '), message: 'merge\n\nbody\n' });
    expect(await readCommit(reader, 'HEAD^{tree}')).toBeNull();
    const entries = await readTree(reader, 'HEAD:dir');
    expect(entries?.map(({ name }) => name)).toEqual(['ä "quoted"\nname']);
    expect(entries?.[0]?.oid).toBe(await repo.git('rev-parse', 'HEAD:dir/ä "quoted"\nname'));
    expect(await readTree(reader, 'HEAD')).toBeNull();
    await repo.git('tag', '-a', '-m', 't', 'v1');
    expect((await readCommit(reader, 'v1'))?.oid).toBe(oid);
    reader.close();
  });

  it('says how large objects are among those it reads, as git does, whatever is asked for', async () => {
    const reader = openObjectReader({ cwd: repo.dir });
    const names = [
      'HEAD',
      'HEAD^{tree}',
      'v1',
      'HEAD:b.txt',
      'none',
      'HEAD:',
      'flush',
      '',
      'a\ninfo HEAD',
      ' HEAD',
    ];
    const answers = await Promise.all(
      names.map((name) => Promise.all([reader.look?.(name), reader.read(name)])),
    );
    for (const [info, object] of answers)
      expect(info).toEqual(object && { type: object.type, size: object.content.length });
    const types = answers.map(([info]) => info?.type ?? '-').join(' ');
    expect(types).toBe('commit tree tag blob - tree - - - -');
    reader.close();
  });
});
