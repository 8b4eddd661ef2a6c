import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { planTeamFiles } from '../../../lib/capture/install/team-files.ts';
import type { Repository } from '../../../lib/git/repository/repository.ts';

const FILES = [
  { path: '.agent-log/policy.yaml', content: 'policy\n' },
  { path: '.agent-log/sponsors.yaml', content: 'sponsors\n' },
];

async function worktree(): Promise<{ repo: Repository; top: string }> {
  const top = await mkdtemp(join(tmpdir(), 'team-files-'));
  onTestFinished(() => rm(top, { recursive: true, force: true }));
  return { repo: { top, gitDir: join(top, '.git') } as Repository, top };
}

it('files for the team are new ones only: what is there is kept', async () => {
  const { repo, top } = await worktree();
  expect((await planTeamFiles(repo, FILES, null)).files.map(({ path }) => path)).toEqual(
    FILES.map(({ path }) => join(top, path)),
  );
  await mkdir(join(top, '.agent-log'));
  await writeFile(join(top, '.agent-log/policy.yaml'), 'ours\n');
  const { files, kept } = await planTeamFiles(repo, FILES, null);
  expect(files.map(({ path }) => path)).toEqual([join(top, '.agent-log/sponsors.yaml')]);
  expect(kept).toEqual([join(top, '.agent-log/policy.yaml')]);
});

it('a symbolic link in the place of a policy, or of its folder, is not followed', async () => {
  const { repo, top } = await worktree();
  await mkdir(join(top, 'elsewhere'));
  await symlink('elsewhere', join(top, '.agent-log'));
  await expect(planTeamFiles(repo, FILES, null)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  await rm(join(top, '.agent-log'));
  await mkdir(join(top, '.agent-log'));
  await symlink('/nowhere/at/all', join(top, '.agent-log/policy.yaml'));
  expect((await planTeamFiles(repo, FILES, null)).kept).toEqual([join(top, '.agent-log/policy.yaml')]);
});

it('a bare repository has no place for them', async () => {
  const bare = { top: null, gitDir: '/nowhere' } as Repository;
  await expect(planTeamFiles(bare, FILES, null)).rejects.toMatchObject({ kind: 'usage' });
  expect((await planTeamFiles(bare, [], null)).files).toEqual([]);
});
