import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { addWorktree } from '../../lib/git/repository/linked-worktree.ts';
import { findRepository, type Repository } from '../../lib/git/repository/repository.ts';
import { takeAway } from '../../lib/revert/apply/take-away.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

let test: TestRepo;
let repo: Repository;
let worktree: string;
let resolved: string;

beforeEach(async () => {
  test = await makeRepo();
  await test.write('f', 'one\n');
  await test.git('add', '-A');
  await test.git('commit', '-q', '-m', 'One');
  repo = await findRepository({ cwd: test.dir, foreign: true });
  worktree = `${test.dir}.by-hand`;
  await addWorktree(repo, worktree, 'HEAD');
  await test.git('-C', worktree, 'checkout', '-q', 'HEAD', '--', '.');
  resolved = await test.git('rev-parse', 'HEAD^{tree}');
  return () => rm(worktree, { recursive: true, force: true });
});

it('takes a worktree away that holds nothing but what was committed', async () => {
  expect(await takeAway(repo, { worktree, resolved })).toBe(null);
  expect(existsSync(worktree)).toBe(false);
});

it('takes away what a crash left of one: its link to the repository is gone', async () => {
  await rm(join(worktree, '.git'));
  expect(await takeAway(repo, { worktree, resolved })).toBe(null);
  expect(existsSync(worktree)).toBe(false);
});

it('leaves one that git cannot look into: nobody knows what a person has put there', async () => {
  await writeFile(join(worktree, '.git'), 'gitdir: /nowhere/at/all\n');
  await writeFile(join(worktree, 'notes'), 'mine\n');
  expect(await takeAway(repo, { worktree, resolved })).toBe(worktree);
  expect(existsSync(join(worktree, 'notes'))).toBe(true);
});

it('leaves one that belongs to another repository by now', async () => {
  await rm(join(worktree, '.git'));
  await test.git('init', '-q', worktree);
  await writeFile(join(worktree, 'notes'), 'mine\n');
  expect(await takeAway(repo, { worktree, resolved })).toBe(worktree);
  expect(existsSync(join(worktree, 'notes'))).toBe(true);
});
