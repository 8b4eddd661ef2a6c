import { describe, expect, it } from 'vitest';
import { type Scene, scene, ten } from '../support/revert.ts';
import { everyByte, REVERT } from '../support/revert-outcome.ts';

/** A repository as it is in the middle of a day: packs and loose objects, remembered conflicts, work not committed. */
async function busy(later: (made: Scene) => Promise<unknown>): Promise<Scene> {
  const made = await scene();
  const { repo } = made;
  await repo.git('config', 'rerere.enabled', 'true');
  await repo.git('config', 'merge.conflictStyle', 'diff3');
  await repo.write('.gitattributes', 'g merge=union\n*.txt text eol=crlf\n');
  await made.person({ f: ten(), g: ten(), 'a.txt': 'a\n' });
  await repo.git('repack', '-adq');
  await made.agent({ f: ten({ 3: 'agent', 8: 'agent' }), g: ten({ 5: 'agent' }), h: 'agent\n' });
  await later(made);
  await repo.git('branch', 'side', 'HEAD~1');
  await repo.git('stash', 'list');
  await repo.write('g', 'being written\n');
  await repo.write('staged', 'staged\n');
  await repo.git('add', 'staged');
  await repo.write('untracked', 'untracked\n');
  return made;
}

const conflict = (made: Scene): Promise<string> => made.person({ f: ten({ 3: 'person', 8: 'agent' }) });
const touching = (made: Scene): Promise<string> =>
  made.person({ f: ten({ 3: 'agent', 4: 'person', 8: 'agent' }) });
const apart = (made: Scene): Promise<string> => made.person({ i: 'person\n' });
const deleted = async (made: Scene): Promise<string> => {
  await made.repo.git('rm', '-q', 'f');
  return made.person({});
};

describe('planning changes nothing: objects, refs, reflogs, index, worktree, remembered conflicts, settings', () => {
  it.each<[string, (made: Scene) => Promise<unknown>, readonly string[], number]>([
    ['clean', apart, [], 0],
    ['clean, beside a deleted file', deleted, [], 0],
    ['conflict', conflict, [], 1],
    ['with dependants', conflict, ['--with-dependants'], 0],
    ['relaxed, no verify command', conflict, ['--relaxed'], 1],
    ['hunks', touching, ['--hunks'], 1],
    ['relaxed, verified', conflict, ['--relaxed', '--verify', 'cat f; echo x > f; echo y > new'], 0],
    ['relaxed, verify fails', conflict, ['--relaxed', '--verify', 'rm -rf .; exit 1'], 1],
    ['onto another branch', apart, ['--onto', 'side'], 0],
    ['for people', apart, ['--no-color'], 0],
  ])('%s', async (_, later, flags, exit) => {
    const made = await busy(later);
    const before = await everyByte(made.repo);
    const status = await made.repo.git('status', '--porcelain', '-b');
    const { code, stderr } = await made.repo.exec(REVERT, ['--plan', ...flags, made.txn()]);
    expect(await everyByte(made.repo)).toEqual(before);
    expect(await made.repo.git('status', '--porcelain', '-b')).toBe(status);
    expect(code, stderr).toBe(exit);
  });

  it('a verify command that goes for the repository by name finds itself in a worktree of its own', async () => {
    const made = await busy(conflict);
    const before = await everyByte(made.repo);
    const command =
      'git init -q . && git add -A && git -c user.name=x -c user.email=x@x commit -qm x && pwd && env';
    const { stderr } = await made.repo.exec(REVERT, ['--plan', '--relaxed', '--verify', command, made.txn()]);
    expect(stderr).not.toContain(made.repo.dir);
    expect(stderr).not.toMatch(/^GIT_(DIR|INDEX_FILE|WORK_TREE)=/m);
    expect(await everyByte(made.repo)).toEqual(before);
  });
});
