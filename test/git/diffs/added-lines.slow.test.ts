import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AddedLines, addedLines } from '../../../lib/git/diffs/added-lines.ts';
import { findRepository, type Repository } from '../../../lib/git/repository/repository.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let place: Repository;

beforeAll(async () => {
  repo = await makeRepo();
  place = await findRepository({ cwd: repo.dir });
});

afterAll(() => repo.remove());

async function linesOf(...commits: string[]): Promise<Map<string, AddedLines>[]> {
  const found: Map<string, AddedLines>[] = [];
  let at = 0;
  for await (const { commit, files } of addedLines(place, commits)) {
    expect(commit).toBe(commits[at++]);
    found.push(new Map(files.map((file) => [file.path, file])));
  }
  expect(at).toBe(commits.length);
  return found;
}

const runs = (file: AddedLines | undefined): string =>
  (file?.added ?? []).map(({ from, to }) => `${from}-${to}`).join();

describe('lines a commit adds', () => {
  test('of every kind of change and of odd names, for many commits in one process', async () => {
    const names = ['a b', 'ü', '"q"', 'line\nfeed', '-- a', '+++ b/x', ' b/ b', 'x\t'];
    const first = await repo.commit('Names', {
      ...Object.fromEntries(names.map((name) => [name, 'x\n'])),
      'text.txt': '1\n2\n3\n4\n5\n',
      'tricky.txt': '-- a/x\n++ b/x\n@@ -1 +1 @@\n',
      'bin.dat': 'a\0b',
      empty: '',
    });
    const second = await repo.commit('Change', {
      'text.txt': '1\nnew\n2\n4\n5\nlast',
      'tricky.txt': '@@ -1 +1 @@\n++ c/x\ndiff --git a/q b/q\n',
      'bin.dat': 'a\0c',
    });
    await repo.git('rm', '-q', 'ü');
    const third = await repo.commit('Delete', {});
    const fourth = await repo.commit('Nothing', {});
    const [one, two, three, four] = await linesOf(first, second, third, fourth);
    for (const name of names) expect(runs(one?.get(name)), name).toBe('1-1');
    expect(runs(one?.get('text.txt'))).toBe('1-5');
    expect(one?.get('bin.dat')).toMatchObject({ binary: true, added: [] });
    expect(one?.get('empty')).toMatchObject({ binary: false, added: [] });
    expect([...(two?.keys() ?? [])]).toEqual(['bin.dat', 'text.txt', 'tricky.txt']);
    expect(runs(two?.get('text.txt'))).toBe('2-2,6-6');
    expect(runs(two?.get('tricky.txt'))).toBe('2-3');
    expect(two?.get('text.txt')?.blob).toBe(await repo.git('rev-parse', `${second}:text.txt`));
    expect(three?.size).toBe(0);
    expect(four?.size).toBe(0);
  });

  test('of a first commit, and of a merge only what no parent had', async () => {
    await repo.git('checkout', '-q', '--orphan', 'other');
    await repo.git('rm', '-rqf', '.');
    const root = await repo.commit('Root', { 'm.txt': 'a\nb\nc\n' });
    await repo.git('checkout', '-q', '-b', 'side');
    await repo.commit('Side', { 'm.txt': 'a\nb\nc\nside\n', 'side.txt': 's\n' });
    await repo.git('checkout', '-q', 'other');
    await repo.commit('Main', { 'm.txt': 'a\nb\nc\nmain\n' });
    expect((await repo.tryGit(['merge', '-q', 'side'])).code).toBe(1);
    const merge = await repo.commit('Merge', { 'm.txt': 'a\nb\nc\nmain\nboth\nside\n', 'evil.txt': 'e\n' });
    const [one, two] = await linesOf(root, merge);
    expect(runs(one?.get('m.txt'))).toBe('1-3');
    expect(runs(two?.get('m.txt'))).toBe('5-5');
    expect(two?.has('side.txt')).toBe(false);
    expect(runs(two?.get('evil.txt'))).toBe('1-1');
  });

  test('whatever the worktree’s attributes and the user’s settings say', async () => {
    const commit = await repo.commit('Plain', { 'p.txt': 'x\ny\n' });
    await repo.write('.gitattributes', '* -diff\n');
    await repo.git('config', 'diff.noprefix', 'true');
    await repo.git('config', 'diff.external', 'false');
    const [one] = await linesOf(commit);
    await repo.write('.gitattributes', '');
    expect(runs(one?.get('p.txt'))).toBe('1-2');
  });
});

test('without its added lines, a file is what it was without those it lost', async () => {
  const file = fc.array(fc.constantFrom('a', 'b', '', '-x', '+y', '@@ z'), { maxLength: 12 });
  const pairs = fc.sample(fc.tuple(file, file), { numRuns: 25, seed: 7 });
  const commits: { commit: string; before: string[]; after: string[] }[] = [];
  for (const [before, after] of pairs) {
    await repo.commit('Before', { 'random.txt': before.map((line) => `${line}\n`).join('') });
    const commit = await repo.commit('After', { 'random.txt': after.map((line) => `${line}\n`).join('') });
    commits.push({ commit, before, after });
  }
  const found = await linesOf(...commits.map(({ commit }) => commit));
  for (const [i, { commit, before, after }] of commits.entries()) {
    const added = new Set(
      (found[i]?.get('random.txt')?.added ?? []).flatMap(({ from, to }) =>
        Array.from({ length: to - from + 1 }, (_, n) => from + n),
      ),
    );
    const kept = after.filter((_, line) => !added.has(line + 1));
    let at = 0;
    for (const line of before) if (line === kept[at]) at++;
    expect(at, commit).toBe(kept.length);
    const numstat = await repo.git('show', '--format=', '--numstat', commit);
    expect(String(added.size)).toBe(numstat === '' ? '0' : numstat.split('\t')[0]);
  }
});
