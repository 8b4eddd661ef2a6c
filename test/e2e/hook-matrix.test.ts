import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { editor, typing } from '../support/editor.ts';
import { agentCommit, agentGit, asAgent, recorded } from '../support/recorded.ts';
import type { TestRepo } from '../support/repo.ts';
import { expectSealed, pathsOf, showOf, thenHuman, trailersOf } from '../support/seal.ts';

type Case = [name: string, act: (repo: TestRepo) => Promise<void>];

const WAYS_TO_COMMIT: Case[] = [
  [
    'commit -a takes what is tracked',
    async (repo) => {
      await repo.write('README.md', 'changed\n');
      await repo.write('untracked.txt', 'x\n');
      await agentGit(repo, 'commit', '-q', '-a', '-m', 'All of it');
      expect(pathsOf(await expectSealed(repo))).toEqual(['README.md']);
    },
  ],
  [
    'commit <path> takes that path alone, and leaves what else is staged',
    async (repo) => {
      await repo.write('README.md', 'changed\n');
      await repo.write('other.txt', 'staged\n');
      await repo.git('add', 'other.txt');
      await agentGit(repo, 'commit', '-q', '-m', 'One path', 'README.md');
      expect(pathsOf(await expectSealed(repo))).toEqual(['README.md']);
      expect(await repo.git('diff', '--cached', '--name-only')).toBe('other.txt');
    },
  ],
  [
    'commit -p takes the hunks that were chosen',
    async (repo) => {
      const lines = Array.from({ length: 40 }, (_, i) => `line ${i}\n`);
      await repo.commit('Long file', { 'long.txt': lines.join('') });
      await repo.write('long.txt', `first\n${lines.join('')}last\n`);
      const { code } = await asAgent(repo, ['commit', '-q', '-p', '-m', 'First hunk'], { input: 'y\nn\n' });
      expect(code).toBe(0);
      const shown = await expectSealed(repo);
      expect(shown.files).toMatchObject([
        { path: 'long.txt', blob: await repo.git('rev-parse', 'HEAD:long.txt') },
      ]);
      expect(await repo.git('diff', '--stat')).toContain('1 insertion');
    },
  ],
  [
    'an index of its own',
    async (repo) => {
      const env = { GIT_INDEX_FILE: join(repo.home, 'own-index') };
      await repo.write('own.txt', 'own\n');
      await repo.tryGit(['read-tree', 'HEAD'], { env });
      await repo.tryGit(['add', 'own.txt'], { env });
      const { code } = await asAgent(repo, ['commit', '-q', '-m', 'From another index'], { env });
      expect(code).toBe(0);
      expect(pathsOf(await expectSealed(repo))).toEqual(['own.txt']);
    },
  ],
  [
    'commit -F keeps the message as it is, with the trailers after it',
    async (repo) => {
      await repo.write(
        'message.txt',
        'Subject\n\n# not a comment here\n\nCo-authored-by: A <a@example.com>\n',
      );
      await repo.git('add', '-A');
      await agentGit(repo, 'commit', '-q', '-F', 'message.txt');
      await expectSealed(repo);
      expect((await trailersOf(repo))[0]).toBe('Co-authored-by: A <a@example.com>');
      expect(await repo.git('log', '-1', '--format=%B')).toMatch(
        /^Subject\n\n# not a comment here\n\nCo-authored-by: .*\nAgent-Txn: /,
      );
    },
  ],
  [
    'commit -F - reads standard input',
    async (repo) => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const { code } = await asAgent(repo, ['commit', '-q', '-F', '-'], { input: 'From a pipe\n' });
      expect(code).toBe(0);
      await expectSealed(repo);
    },
  ],
  [
    'commit -C replaces the seal of the message it takes over',
    async (repo) => {
      const first = await agentCommit(repo, 'Said once', { 'a.txt': 'a\n' });
      const before = await showOf(repo, first);
      await repo.write('b.txt', 'b\n');
      await repo.git('add', '-A');
      await agentGit(repo, 'commit', '-q', '-C', first);
      const shown = await expectSealed(repo);
      expect(shown.record).not.toBe(before.record);
      expect(pathsOf(shown)).toEqual(['b.txt']);
      expect((await expectSealed(repo, first)).record).toBe(before.record);
    },
  ],
  [
    'commit -c replaces the seal too, and keeps what was typed',
    async (repo) => {
      const first = await agentCommit(repo, 'Said once', { 'a.txt': 'a\n' });
      await repo.write('b.txt', 'b\n');
      await repo.git('add', '-A');
      const env = await typing(repo, 'Said differently');
      expect((await asAgent(repo, ['commit', '-q', '-c', first], { env })).code).toBe(0);
      expect(pathsOf(await expectSealed(repo))).toEqual(['b.txt']);
      expect(await repo.git('log', '-1', '--format=%s')).toMatch(/^Said differently/);
    },
  ],
  [
    'commit -C HEAD is a new commit, not an amend',
    async (repo) => {
      const first = await agentCommit(repo, 'Said once', { 'a.txt': 'a\n' });
      await repo.write('b.txt', 'b\n');
      await repo.git('add', '-A');
      await agentGit(repo, 'commit', '-q', '-C', 'HEAD');
      expect(await repo.git('rev-parse', 'HEAD^')).toBe(first);
      expect(pathsOf(await expectSealed(repo))).toEqual(['b.txt']);
    },
  ],
  [
    'amend of the message alone',
    async (repo) => {
      const first = await agentCommit(repo, 'Tpyo', { 'a.txt': 'a\n' });
      await showOf(repo, first);
      await agentGit(repo, 'commit', '-q', '--amend', '-m', 'Typo');
      const shown = await expectSealed(repo);
      expect(pathsOf(shown)).toEqual(['a.txt']);
      expect((await showOf(repo, first)).binding).toBe('exact');
    },
  ],
  [
    'amend of the message right away, before the first record could be bound',
    async (repo) => {
      await agentCommit(repo, 'Tpyo', { 'a.txt': 'a\n' });
      await agentGit(repo, 'commit', '-q', '--amend', '-m', 'Typo');
      await expectSealed(repo);
      await expectSealed(repo, 'HEAD@{1}');
    },
  ],
  [
    'a message that reads --amend amends nothing',
    async (repo) => {
      await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
      await repo.write('b.txt', 'b\n');
      await repo.git('add', '-A');
      await agentGit(repo, 'commit', '-q', '-m', '--amend');
      expect(pathsOf(await expectSealed(repo))).toEqual(['b.txt']);
    },
  ],
  [
    'amend of the content',
    async (repo) => {
      const first = await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
      const before = await showOf(repo, first);
      await repo.write('a.txt', 'aa\n');
      await agentGit(repo, 'commit', '-q', '-a', '--amend', '--no-edit');
      const shown = await expectSealed(repo);
      expect(shown.record).not.toBe(before.record);
      expect(shown.files).toMatchObject([
        { path: 'a.txt', blob: await repo.git('rev-parse', 'HEAD:a.txt'), change: 'added' },
      ]);
    },
  ],
  [
    "amend of a person's commit by an agent",
    async (repo) => {
      await repo.commit('By hand', { 'a.txt': 'a\n' });
      await repo.write('a.txt', 'aa\n');
      await agentGit(repo, 'commit', '-q', '-a', '--amend', '--no-edit');
      await expectSealed(repo);
    },
  ],
  [
    'amend by a person afterwards: message reworded, trailers kept',
    async (repo) => {
      const first = await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
      const { record } = await showOf(repo, first);
      const env = await editor(repo, `sed -i 's/^Work$/Work, said better/' "$1"`);
      expect((await repo.tryGit(['commit', '-q', '--amend'], { env })).code).toBe(0);
      expect((await expectSealed(repo)).record).toBe(record);
    },
  ],
  [
    'amend by a person afterwards: content changed, trailers kept',
    async (repo) => {
      await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
      await showOf(repo);
      await repo.write('a.txt', 'by hand\n');
      await repo.git('commit', '-q', '-a', '--amend', '--no-edit');
      await expectSealed(repo, 'HEAD', { binding: 'modified' });
    },
  ],
  [
    'amend by a person afterwards: trailers typed away',
    async (repo) => {
      const first = await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
      await showOf(repo, first);
      await repo.git('commit', '-q', '--amend', '-m', 'Mine now');
      expect(await trailersOf(repo)).toEqual([]);
      expect((await showOf(repo)).sealed).toBe(false);
      await expectSealed(repo, first);
    },
  ],
  [
    '--allow-empty',
    async (repo) => {
      await agentGit(repo, 'commit', '-q', '--allow-empty', '-m', 'Nothing changed');
      expect(pathsOf(await expectSealed(repo))).toEqual([]);
    },
  ],
  [
    '--no-verify does not skip the seal',
    async (repo) => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      await agentGit(repo, 'commit', '-q', '--no-verify', '-m', 'Unverified');
      await expectSealed(repo);
    },
  ],
  [
    '--signoff stands beside the seal',
    async (repo) => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      await agentGit(repo, 'commit', '-q', '-s', '-m', 'Signed off');
      await expectSealed(repo);
      expect(await trailersOf(repo)).toContain('Signed-off-by: Jane Doe <jane@example.com>');
    },
  ],
];

describe('an agent commits', () => {
  it.each(WAYS_TO_COMMIT)('%s', async (_, act) => {
    const repo = await recorded();
    await act(repo);
    await thenHuman(repo);
  });
});

const EDITOR_CASES: Case[] = [
  [
    'an editor that fails aborts the commit, and nothing of it stays',
    async (repo) => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const head = await repo.git('rev-parse', 'HEAD');
      const { code } = await asAgent(repo, ['commit'], { env: await editor(repo, 'exit 1') });
      expect(code).toBe(1);
      expect(await repo.git('rev-parse', 'HEAD')).toBe(head);
    },
  ],
  [
    'an empty message still aborts',
    async (repo) => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const { code, stderr } = await asAgent(repo, ['commit'], { env: await editor(repo, 'exit 0') });
      expect({ code, stderr }).toEqual({ code: 1, stderr: 'Aborting commit due to empty commit message.\n' });
    },
  ],
  [
    'an empty message without an editor still aborts',
    async (repo) => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const { code, stderr } = await asAgent(repo, ['commit', '-m', '']);
      expect({ code, stderr }).toEqual({ code: 1, stderr: 'Aborting commit due to empty commit message.\n' });
    },
  ],
  [
    'a message typed into an empty editor is sealed',
    async (repo) => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const { code } = await asAgent(repo, ['commit', '-q'], { env: await typing(repo, 'Typed') });
      expect(code).toBe(0);
      await expectSealed(repo);
      expect(await repo.git('log', '-1', '--format=%B')).toMatch(/^Typed\n\nAgent-Txn/);
      expect(await readFile(join(repo.home, 'seen'), 'utf8')).not.toContain('Agent-');
    },
  ],
  [
    'a message given and edited is sealed',
    async (repo) => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const env = await editor(repo, `sed -i 's/^Given$/Given, then edited/' "$1"`);
      expect((await asAgent(repo, ['commit', '-q', '-e', '-m', 'Given'], { env })).code).toBe(0);
      await expectSealed(repo);
      expect(await repo.git('log', '-1', '--format=%s')).toBe('Given, then edited');
    },
  ],
  [
    'commit.template left untouched still aborts',
    async (repo) => {
      await repo.write('.template', 'Why:\n\nHow:\n# a hint\n');
      await repo.git('config', 'commit.template', '.template');
      await repo.git('add', '-A');
      const { code, stderr } = await asAgent(repo, ['commit'], { env: await editor(repo, 'exit 0') });
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: 'Aborting commit; you did not edit the message.\n',
      });
    },
  ],
  [
    'commit.template edited is sealed',
    async (repo) => {
      await repo.write('.template', 'Why:\n\nHow:\n# a hint\n');
      await repo.git('config', 'commit.template', '.template');
      await repo.git('add', '-A');
      const env = await editor(repo, `sed -i 's/^Why:$/Why: it must/' "$1"`);
      expect((await asAgent(repo, ['commit', '-q'], { env })).code).toBe(0);
      await expectSealed(repo);
      expect(await repo.git('log', '-1', '--format=%B')).toMatch(/^Why: it must\n\nHow:\nAgent-Txn/);
    },
  ],
  [
    'commit.cleanup=scissors: the seal stands above the line that is cut',
    async (repo) => {
      await repo.git('config', 'commit.cleanup', 'scissors');
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const env = await typing(repo, 'Typed above the scissors');
      expect((await asAgent(repo, ['commit', '-q'], { env })).code).toBe(0);
      await expectSealed(repo);
    },
  ],
  [
    'commit.cleanup=scissors with a message given',
    async (repo) => {
      await repo.git('config', 'commit.cleanup', 'scissors');
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const env = await editor(repo, `cp "$1" "$HOME/seen"`);
      expect((await asAgent(repo, ['commit', '-q', '-e', '-m', 'Given'], { env })).code).toBe(0);
      await expectSealed(repo);
      const seen = await readFile(join(repo.home, 'seen'), 'utf8');
      expect(seen.indexOf('Agent-Txn')).toBeLessThan(seen.indexOf('>8'));
    },
  ],
  [
    'commit.cleanup=verbatim',
    async (repo) => {
      await repo.git('config', 'commit.cleanup', 'verbatim');
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      await agentGit(repo, 'commit', '-q', '-m', 'Kept as it is\n\n# all of it');
      await expectSealed(repo);
    },
  ],
  [
    'commit -v: the diff in the editor is no part of the message',
    async (repo) => {
      await repo.write('a.txt', 'Agent-Record: sha256:in a diff\n\nAgent-Txn: too\n');
      await repo.git('add', '-A');
      const env = await typing(repo, 'Looked at the diff');
      expect((await asAgent(repo, ['commit', '-q', '-v'], { env })).code).toBe(0);
      await expectSealed(repo);
      expect(await readFile(join(repo.home, 'seen'), 'utf8')).toContain('+Agent-Txn: too');
    },
  ],
  [
    'commit -v with nothing typed still aborts',
    async (repo) => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const { code } = await asAgent(repo, ['commit', '-v'], { env: await editor(repo, 'exit 0') });
      expect(code).toBe(1);
    },
  ],
  [
    'core.commentChar of another kind',
    async (repo) => {
      await repo.git('config', 'core.commentChar', ';');
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const empty = await asAgent(repo, ['commit'], { env: await editor(repo, 'exit 0') });
      expect(empty.code).toBe(1);
      const env = await typing(repo, '# is no comment here');
      expect((await asAgent(repo, ['commit', '-q'], { env })).code).toBe(0);
      await expectSealed(repo);
    },
  ],
];

describe('an agent with an editor', () => {
  it.each(EDITOR_CASES)('%s', async (_, act) => {
    const repo = await recorded();
    await act(repo);
    await thenHuman(repo);
  });

  it('leaves --no-verify behind an empty editor unsealed, and binds it all the same', async () => {
    const repo = await recorded();
    await repo.write('a.txt', 'a\n');
    await repo.git('add', '-A');
    const env = await typing(repo, 'Typed');
    expect((await asAgent(repo, ['commit', '-q', '--no-verify'], { env })).code).toBe(0);
    expect(await trailersOf(repo)).toEqual([]);
    expect(await showOf(repo)).toMatchObject({ authorship: 'agent', binding: 'exact', sealed: false });
    await thenHuman(repo);
  });
});
