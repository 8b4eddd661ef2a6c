import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MergeDialogue } from '../../../lib/git/merges/merge-dialogue.ts';
import { mergeState } from '../../../lib/git/merges/merge-state.ts';
import { mergeCommits } from '../../../lib/git/merges/merge-trees.ts';
import { openObjectReader } from '../../../lib/git/objects/catfile.ts';
import { openScratch, type Scratch } from '../../../lib/git/objects/scratch.ts';
import { runGit } from '../../../lib/git/process/runner.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { makeRepo, type TestRepo, writeScript } from '../../support/repo.ts';

let repo: TestRepo;
let scratch: Scratch;
/** One commit, and others that begin where it did. */
let one: string;
let others: string[];
beforeAll(async () => {
  repo = await makeRepo();
  const base = await repo.commit('Base', { file: '1\n2\n3\n', 'in a\nfolder/\u00e9': 'x\n' });
  one = await repo.commit('One', { file: '1\n2\nthree\n' });
  others = [];
  for (const [name, files] of Object.entries({
    clean: { file: 'one\n2\n3\n' },
    conflict: { file: '1\n2\nIII\n', 'in a\nfolder/\u00e9': 'y\n' },
    same: { file: '1\n2\nthree\n' },
  })) {
    await repo.git('checkout', '-q', '-b', name, base);
    others.push(await repo.commit(name, files));
  }
  scratch = await openScratch(await findRepository({ cwd: repo.dir }));
});
afterAll(async () => {
  await scratch.close();
  await repo.remove();
});

function byItself(other: string): Promise<{ code: number; stdout: Buffer }> {
  const args = ['merge-tree', '--write-tree', '-z', '--messages', '--name-only', one, other];
  return runGit(scratch, { args, env: scratch.env, okCodes: [1] });
}

it('says what git says by itself, many at once', async () => {
  const asked = Array.from({ length: 20 }, (_, i) => others[i % others.length] ?? '');
  const said = await Promise.all(asked.map((other) => scratch.merges.merge(one, other)));
  for (const [at, other] of asked.entries()) {
    const { code, stdout } = await byItself(other);
    expect({ code: said[at]?.code, text: said[at]?.stdout.toString('latin1') }).toEqual({
      code,
      text: stdout.toString('latin1'),
    });
  }
  expect(new Set(said.map((answer) => answer?.code))).toEqual(new Set([0, 1]));
});

/** What git 2.49 says, and asks of the git that is here merge by merge; it keeps what it was started with. */
const NEWER = `#!/bin/sh
echo $1 $2 >>"$LOG"
PATH=$REAL
[ "$1" = version ] && echo "git version $VERSION" && exit
[ "$2" = --stdin ] || exec git "$@"
while read -r one other; do
git merge-tree --write-tree -z --messages --name-only "$one" "$other" >"$LOG.said"
code=$?
[ -s "$LOG.said" ] || exit 128
printf '%d\\0' $((1 - code))
cat "$LOG.said"
printf '\\0'
done`;

/** Merges in turn with a git of that version; gives the answers, and what git was started for. */
async function withVersion(version: string, asked: readonly string[]) {
  const folder = repo.path('..', `git-${version}`);
  await writeScript(join(folder, 'git'), NEWER);
  const [path = '', log] = [process.env['PATH'], join(folder, 'log')];
  await writeFile(log, '');
  const merges = new MergeDialogue(scratch, {
    ...scratch.env,
    PATH: `${folder}:${path}`,
    REAL: path,
    VERSION: version,
    LOG: log,
  });
  const said = [];
  for (const other of asked) said.push(await merges.merge(one, other));
  merges.close();
  return { said, started: (await readFile(log, 'utf8')).trim().split('\n') };
}

it('has one git do all merges but the first from 2.49 on', async () => {
  const asked = [...others, ...others];
  const alone = await Promise.all(asked.map(byItself));
  const expected = alone.map(({ code, stdout }) => ({ code, stdout }));
  for (const version of ['2.49.0', '2.100.1 (Somebody Git-1)', '3.0.0-rc1']) {
    const { said, started } = await withVersion(version, asked);
    expect(said).toEqual(expected);
    expect(started).toEqual(['merge-tree --write-tree', 'version', 'merge-tree --stdin']);
  }
  for (const version of ['2.48.9', '1.99.0', 'unheard of']) {
    const { said, started } = await withVersion(version, asked);
    expect(said).toEqual(expected);
    expect(started.filter((words) => words === 'merge-tree --write-tree')).toHaveLength(asked.length);
    expect(started).not.toContain('merge-tree --stdin');
  }
});

it('starts another one where that one git has ended', async () => {
  const gone = 'b'.repeat(40);
  const { said, started } = await withVersion('2.49.1', [...others, gone, ...others]);
  const codes = said.map((answer) => answer?.code ?? null);
  expect(codes).toEqual([0, 1, 0, null, 0, 1, 0]);
  expect(started.filter((words) => words === 'merge-tree --stdin')).toHaveLength(2);
});

it('a commit that is not here is an error, and those after it are merged', async () => {
  const gone = mergeCommits(scratch, one, 'b'.repeat(40));
  const there = mergeCommits(scratch, one, others[0] ?? '');
  await expect(gone).rejects.toMatchObject({ code: 'GIT_FAILED' });
  expect((await there).conflicts).toEqual([]);
});

it('where there is no shell to ask nobody waits for it', async () => {
  const nowhere = new MergeDialogue({ cwd: '/nowhere/at/all' }, {});
  expect(await nowhere.merge(one, one)).toBeNull();
  expect(await nowhere.merge(one, one)).toBeNull();
  const without = { ...scratch, merges: nowhere };
  expect((await mergeCommits(without, one, others[1] ?? '')).conflicts).toHaveLength(1);
});

it('attack: a name that is no id reaches no shell', async () => {
  await expect(mergeCommits(scratch, '$(touch evil) `touch evil`', one)).rejects.toMatchObject({
    code: 'GIT_FAILED',
  });
  await expect(mergeCommits(scratch, `${one}\n${one}`, one)).rejects.toMatchObject({ code: 'GIT_FAILED' });
});

it('nobody says of a commit that is not here that it merges without a conflict', async () => {
  const here = await findRepository({ cwd: repo.dir });
  const ledger = { repo: here, reader: openObjectReader(here) };
  const [base, head] = [await repo.git('rev-parse', `${one}^`), one];
  const targets = ['b'.repeat(40), others[0] ?? '', others[1] ?? ''];
  const states = targets.map((targetCommit) => mergeState(ledger, { base, head, targetCommit }));
  expect(await Promise.all(states)).toEqual(['unknown', 'clean', 'conflict']);
  ledger.reader.close();
});
