import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openScratch } from '../../lib/git/objects/scratch.ts';
import { readConfig } from '../../lib/git/repository/config.ts';
import { repositoryAt } from '../../lib/git/repository/linked-worktree.ts';
import { readNote } from '../../lib/ledger/ledger.ts';
import { revertsOf } from '../../lib/ledger/told/reverts.ts';
import { abort } from '../../lib/revert/by-hand/abort.ts';
import { ownerOf } from '../../lib/revert/by-hand/owner.ts';
import { type ResumeOptions, resume } from '../../lib/revert/by-hand/resume.ts';
import { startByHand } from '../../lib/revert/by-hand/start.ts';
import { NOW } from '../support/records.ts';
import { scene, ten } from '../support/revert.ts';

/** Two runs of the agent's, each in conflict with what a person made of it. */
async function entangled(options: Parameters<typeof scene>[0] = {}) {
  const made = await scene(options);
  const { repo, ledger } = made;
  await made.person({ f: ten(), g: ten() });
  const one = await made.agent({ f: ten({ 5: 'agent' }) });
  await made.person({ h: 'person\n' });
  const two = await made.agent({ g: ten({ 5: 'agent' }), new: 'agent\n' });
  const head = await made.person({ f: ten({ 5: 'person' }), g: ten({ 5: 'person' }) });
  const scratch = await openScratch(ledger.repo);
  const who = { env: {}, config: await readConfig(ledger.repo, ['user', 'commit']), now: NOW };
  return {
    ...made,
    one,
    two,
    head,
    start: async (branch: string | null = null) => {
      const { plan } = await made.plan({ byHand: true });
      return startByHand(ledger, scratch, plan, { reason: 'It broke', branch });
    },
    go: (more: Partial<ResumeOptions> = {}) =>
      resume(ledger, scratch, { ...who, reason: null, branch: null, txn: null, ...more }),
    giveUp: () => abort(ledger, who),
    git: (dir: string, ...args: string[]) => repo.exec('git', ['-C', dir, ...args]),
  };
}

describe('a conflict set up for a person', () => {
  it("has git's own markers and the three versions in the index; the user's worktree is not touched", async () => {
    const { repo, start, git, two } = await entangled();
    await repo.write('f', 'being written\n');
    const before = await everything(repo.dir);
    const stop = await start();
    expect(stop).toEqual({
      worktree: expect.stringMatching(/repo\.revert-[0-9a-z]{10}$/),
      conflicts: ['g'],
    });
    expect(await readFile(join(stop.worktree, 'g'), 'utf8')).toBe(
      ten({ 5: `<<<<<<< HEAD\nperson\n=======\n5\n>>>>>>> parent-of-${two.slice(0, 10)}` }),
    );
    const stages = (await git(stop.worktree, 'ls-files', '-u')).stdout;
    expect(stages.match(/ [123]\tg$/gm)).toEqual([' 1\tg', ' 2\tg', ' 3\tg']);
    expect((await git(stop.worktree, 'status', '--porcelain')).stdout).toBe('UU g\nD  new\n');
    // As git's own revert leaves it, but for the label.
    await repo.git('stash', '-q');
    await repo.git('checkout', '-q', '--detach');
    await repo.tryGit(['revert', '--no-edit', two]);
    const gits = (await repo.read('g')).replace(/>{7} .*/, '');
    expect((await readFile(join(stop.worktree, 'g'), 'utf8')).replace(/>{7} .*/, '')).toBe(gits);
    expect(await repo.git('ls-files', '-s', 'g')).toBe(stages.trim());
    await repo.git('revert', '--abort');
    await repo.git('checkout', '-q', 'main');
    await repo.git('stash', 'pop', '-q');
    expect(await filesOnly(repo.dir)).toEqual(
      new Map([...before].filter(([path]) => !path.startsWith('.git/'))),
    );
  });

  it('goes on run by run, refuses what is not resolved, and commits what was', async () => {
    const { repo, ledger, start, go, git, one, two, head } = await entangled();
    await repo.write('h', 'being written\n');
    const { worktree } = await start();
    await expect(go()).rejects.toMatchObject({ code: 'UNRESOLVED', message: 'still in conflict: g' });
    await git(worktree, 'add', 'g');
    await expect(go()).rejects.toMatchObject({ message: 'with conflict markers in it: g' });
    await writeFile(join(worktree, 'g'), ten({ 5: 'mine' }));
    await expect(go()).rejects.toMatchObject({ message: 'changed and not added: g' });
    await git(worktree, 'add', 'g');
    await writeFile(join(worktree, 'notes'), 'x\n');
    await expect(go()).rejects.toMatchObject({ message: 'not known to git: notes' });
    await rm(join(worktree, 'notes'));
    expect(await go()).toMatchObject({ stop: { worktree, conflicts: ['f'] } });
    expect(await repo.git('rev-parse', 'HEAD')).toBe(head);
    await writeFile(join(worktree, 'f'), ten({ 5: 'mine' }));
    await git(worktree, 'add', 'f');
    const done = await go();
    const commit = await repo.git('rev-parse', 'main');
    expect(done).toMatchObject({ stop: null, commit, theirs: [], stays: null });
    expect(await repo.git('rev-parse', 'main^')).toBe(head);
    expect([await repo.read('f'), await repo.read('g')]).toEqual([ten({ 5: 'mine' }), ten({ 5: 'mine' })]);
    expect(await repo.git('status', '--porcelain')).toBe(' M h');
    const message = await repo.git('log', '-1', '--format=%B');
    expect(message).toContain('Reason: It broke');
    expect(message).toMatch(new RegExp(`This reverts commit ${two}\\.\\nThis reverts commit ${one}\\.`));
    expect(message).toContain('Revert-Verdict: manual');
    expect(message).not.toContain(head);
    const [record] = revertsOf(await readNote(ledger, commit));
    expect(record).toMatchObject({ verdict: 'manual', commit, units: [two, one], dependants: [] });
    expect(existsSync(worktree)).toBe(false);
    expect((await readdir(repo.path('.git'))).filter((name) => /revert|worktrees/.test(name))).toEqual([]);
    await expect(go()).rejects.toMatchObject({ code: 'NOT_IN_PROGRESS' });
  });

  it('is given up byte for byte', async () => {
    const { repo, start, giveUp } = await entangled();
    await repo.write('f', 'being written\n');
    await repo.write('h', 'staged\n');
    await repo.git('add', 'h');
    const before = await everything(repo.dir);
    const { worktree } = await start();
    await writeFile(join(worktree, 'g'), 'half resolved\n');
    await writeFile(join(worktree, 'mine'), 'x\n');
    await expect(giveUp()).rejects.toMatchObject({ code: 'UNRESOLVED' });
    await rm(join(worktree, 'mine'));
    expect(await giveUp()).toMatchObject({ result: 'undone' });
    expect(existsSync(worktree)).toBe(false);
    expect(await everything(repo.dir)).toEqual(before);
    await expect(giveUp()).rejects.toMatchObject({ code: 'NOT_IN_PROGRESS' });
  });

  it('R25 is carried to where the branch is by then, or kept as a branch where that changed the same', async () => {
    const { repo, start, go, git, person, head } = await entangled();
    const { worktree } = await start();
    for (const name of ['g', 'f']) {
      await writeFile(join(worktree, name), ten());
      await git(worktree, 'add', name);
      if (name === 'g') await go();
    }
    await person({ f: ten({ 5: 'moved' }) });
    await expect(go()).rejects.toMatchObject({ code: 'HEAD_MOVED' });
    await repo.git('switch', '-q', '-c', 'elsewhere');
    await expect(go()).rejects.toMatchObject({
      code: 'HEAD_MOVED',
      message: expect.stringContaining('main'),
    });
    await repo.git('switch', '-q', 'main');
    await repo.git('reset', '-q', '--hard', head);
    const moved = await person({ other: 'moved\n' });
    expect(await go()).toMatchObject({ stop: null });
    expect(await repo.git('rev-parse', 'main^')).toBe(moved);
    expect([await repo.read('f'), await repo.read('other')]).toEqual([ten(), 'moved\n']);
  });

  it('can end on a branch of its own', async () => {
    const { repo, start, go, git, head } = await entangled();
    const { worktree } = await start('undo');
    for (const name of ['g', 'f']) {
      await writeFile(join(worktree, name), ten());
      await git(worktree, 'add', name);
      if (name === 'g') await go();
    }
    expect(await go()).toMatchObject({ stop: null, branch: 'refs/heads/undo' });
    expect(await repo.git('rev-parse', 'main', 'undo^')).toBe(`${head}\n${head}`);
    expect(await repo.git('show', 'undo:f')).toBe(ten().trim());
    expect(await repo.git('status', '--porcelain')).toBe('');
  });

  it('is found from the worktree it lies in; nothing else is begun meanwhile', async () => {
    const { repo, ledger, start, plan } = await entangled();
    const { worktree } = await start();
    const owner = await ownerOf(await repositoryAt(worktree));
    expect(owner.gitDir).toBe(ledger.repo.gitDir);
    await expect(start()).rejects.toMatchObject({ code: 'IN_PROGRESS' });
    expect(basename(worktree)).toContain(basename(repo.dir));
    expect(dirname(worktree)).toBe(dirname(repo.dir));
    expect((await plan()).plan.options.at(-1)).toEqual({
      flag: '--worktree',
      verdict: 'needs-decision',
      adds: [],
    });
  });

  it('refuses a resolution that takes nothing back, and one the verify command fails on', async () => {
    const { start, go, git } = await entangled();
    const { worktree } = await start();
    await git(worktree, 'checkout', '-q', 'HEAD', '--', '.');
    await go();
    await git(worktree, 'checkout', '-q', 'HEAD', '--', '.');
    await expect(go()).rejects.toMatchObject({ message: expect.stringContaining('nothing is taken back') });
    await writeFile(join(worktree, 'f'), ten());
    await git(worktree, 'add', 'f');
    await expect(go({ verify: () => Promise.resolve(false) })).rejects.toMatchObject({ code: 'UNRESOLVED' });
    expect(await go({ verify: () => Promise.resolve(true) })).toMatchObject({ stop: null });
  });

  it('R82 works in a SHA-256 repository', async () => {
    const { repo, start, go, git } = await entangled({ objectFormat: 'sha256' });
    const { worktree } = await start();
    for (const name of ['g', 'f']) {
      await writeFile(join(worktree, name), ten());
      await git(worktree, 'add', name);
      if (name === 'g') await go();
    }
    expect(await go()).toMatchObject({ stop: null, commit: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await repo.read('g')).toBe(ten());
  });
});

/** Every file under a folder with its bytes; of git's own not the objects and what only says when it was looked at. */
async function everything(dir: string): Promise<Map<string, string>> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.includes('/.git/objects/'));
  const texts = await Promise.all(
    files.map(async (path) => [path.slice(dir.length + 1), await readFile(path, 'latin1')] as const),
  );
  return new Map(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function filesOnly(dir: string): Promise<Map<string, string>> {
  return new Map([...(await everything(dir))].filter(([path]) => !path.startsWith('.git/')));
}
