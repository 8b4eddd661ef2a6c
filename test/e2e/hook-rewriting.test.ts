import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { LandingRecord } from '../../lib/core/records/record.ts';
import { editor } from '../support/editor.ts';
import { agentCommit, agentGit, asAgent, recorded } from '../support/recorded.ts';
import { repoAt, type TestRepo, writeScript } from '../support/repo.ts';
import { expectHuman, noteOf, showOf, trailersOf } from '../support/seal.ts';
import { eventually, untilNobodyWorksIn } from '../support/wait.ts';

/** What notes say of landings, shortest: grade, proof and whether the message names the record. */
async function landings(repo: TestRepo, revision = 'HEAD'): Promise<Partial<LandingRecord>[]> {
  const commit = await repo.git('rev-parse', revision);
  const lines = (await noteOf(repo, revision)).split('\n').filter((line) => line.includes('/landing/'));
  return lines
    .map((line) => JSON.parse(line) as LandingRecord)
    .filter((landing) => landing.commit === commit)
    .map(({ from, grade, proof, sealed, via }) => ({ from, grade, proof, sealed, via }));
}

/** The hooks' background work is over, and a command has taken in what they left. */
async function settled(repo: TestRepo): Promise<void> {
  await repo.run(['show', 'HEAD']);
  expect(await readdir(repo.path('.git/agent-log/rewritten'))).toEqual([]);
}

/** A commit of an agent, bound. */
async function work(repo: TestRepo, name: string, text = `${name}\n`): Promise<string> {
  const oid = await agentCommit(repo, `Add ${name}`, { [`${name}.txt`]: text });
  await repo.run(['show', 'HEAD']);
  return oid;
}

describe('git says that a commit was rewritten', () => {
  it('amend -m by a person: the trailers are typed away, the record is found', async () => {
    const repo = await recorded();
    const from = await work(repo, 'one');
    await repo.git('commit', '-q', '--amend', '-m', 'Another message');
    await settled(repo);
    expect(await landings(repo)).toEqual([
      { from, grade: 'exact', proof: 'patch-id', sealed: false, via: 'post-rewrite' },
    ]);
  });

  it('rewritten before the record was bound: it is bound to the commit it was made for, alike as the two are', async () => {
    const repo = await recorded();
    await writeScript(repo.path('.git/hooks/post-commit'), '#!/bin/sh\nexit 0\n');
    await repo.write('one.txt', 'one\n');
    await repo.git('add', '-A');
    expect((await asAgent(repo, ['commit', '-q', '-m', 'Add one'])).code).toBe(0);
    const from = await repo.git('rev-parse', 'HEAD');
    await repo.git('rebase', '-q', '--root', '--signoff');
    await settled(repo);
    expect(await landings(repo)).toEqual([
      { from, grade: 'exact', proof: 'trailer', sealed: true, via: 'post-rewrite' },
    ]);
  });

  it('amend of the content by a person: modified, on the word of git', async () => {
    const repo = await recorded();
    const from = await work(repo, 'one');
    await repo.write('one.txt', 'by hand\n');
    await repo.git('commit', '-q', '-a', '--amend', '-m', 'Another message');
    await settled(repo);
    expect(await landings(repo)).toEqual([
      { from, grade: 'modified', proof: 'rewrite', sealed: false, via: 'post-rewrite' },
    ]);
  });

  it('ten amends in a row: each of the commits leads to the record, from the one that holds it', async () => {
    const repo = await recorded();
    const from = await work(repo, 'one');
    const oids: string[] = [];
    for (let i = 0; i < 10; i++) {
      await repo.write('more.txt', `${i}\n`);
      await repo.git('add', '-A');
      await repo.git('commit', '-q', '--amend', '-m', `Message ${i}`);
      oids.push(await repo.git('rev-parse', 'HEAD'));
    }
    await settled(repo);
    for (const oid of oids) expect(await landings(repo, oid)).toMatchObject([{ from, grade: 'modified' }]);
    expect((await noteOf(repo, from)).match(/"agent-log\/landing/g)).toHaveLength(10);
  });

  it('needs no command: the hook itself starts what writes the landing', async () => {
    const repo = await recorded();
    await work(repo, 'one');
    await repo.git('commit', '-q', '--amend', '-m', 'Another message');
    await eventually(async () => (await landings(repo)).length === 1);
  });

  it('a rebase whose patches lose their context, and one that is stopped and amended', async () => {
    const repo = await recorded();
    await repo.commit('Lines', { 'lines.txt': 'a\nb\nc\nd\n' });
    await repo.git('checkout', '-q', '-b', 'topic');
    const one = await work(repo, 'lines', 'a\nb\nc\nd by the agent\n');
    const two = await work(repo, 'two');
    await repo.git('checkout', '-q', 'main');
    await repo.commit('Drift', { 'lines.txt': 'a by hand\nb\nc\nd\n' });
    const { GIT_EDITOR } = await editor(repo, `sed -i '2s/^pick/edit/' "$1"`);
    const env = { GIT_SEQUENCE_EDITOR: GIT_EDITOR };
    expect((await repo.tryGit(['rebase', '-q', '-i', 'main', 'topic'], { env })).code).toBe(0);
    await repo.write('two.txt', 'amended\n');
    await repo.git('commit', '-q', '-a', '--amend', '-m', 'Typed anew');
    await repo.git('rebase', '--continue');
    await settled(repo);
    expect(await landings(repo, 'HEAD^')).toEqual([
      { from: one, grade: 'modified', proof: 'rewrite', sealed: true, via: 'post-rewrite' },
    ]);
    expect(await landings(repo)).toEqual([
      { from: two, grade: 'modified', proof: 'rewrite', sealed: false, via: 'post-rewrite' },
    ]);
  });

  it('an amend while the rebase goes on, of a commit nobody knows before the rebase is over', async () => {
    const repo = await recorded();
    await repo.git('checkout', '-q', '-b', 'topic');
    const one = await work(repo, 'one');
    await repo.git('checkout', '-q', 'main');
    await repo.commit('By hand', { 'main.txt': 'main\n' });
    const command = 'git commit -q --amend -m Typed';
    await repo.git('rebase', '-q', '--exec', command, 'main', 'topic');
    await settled(repo);
    expect(await landings(repo)).toEqual([
      { from: one, grade: 'same-patch', proof: 'patch-id', sealed: false, via: 'post-rewrite' },
    ]);
  });

  it.each([
    ['squash', [true, true]],
    ['fixup', [true, false]],
  ])(
    '%s in a rebase: both records are in the one commit, with the range they came from',
    async (command, sealed) => {
      const repo = await recorded();
      const base = await repo.git('rev-parse', 'HEAD');
      await repo.git('checkout', '-q', '-b', 'topic');
      const one = await work(repo, 'one');
      const two = await work(repo, 'two');
      await repo.git('checkout', '-q', 'main');
      await repo.commit('By hand', { 'main.txt': 'main\n' });
      const { GIT_EDITOR } = await editor(repo, `sed -i '2s/^pick/${command}/' "$1"`);
      const env = { GIT_SEQUENCE_EDITOR: GIT_EDITOR, GIT_EDITOR: 'true' };
      expect((await repo.tryGit(['rebase', '-q', '-i', 'main', 'topic'], { env })).code).toBe(0);
      await settled(repo);
      const found = await landings(repo);
      expect(found).toMatchObject([
        { from: one, grade: 'squashed', sealed: sealed[0] },
        { from: two, grade: 'squashed', sealed: sealed[1] },
      ]);
      expect(
        (await noteOf(repo)).match(new RegExp(`"range":{"base":"${base}","head":"${two}"}`, 'g')),
      ).toHaveLength(2);
      expect(await showOf(repo)).toMatchObject({ authorship: 'agent', binding: 'squashed' });
    },
  );

  it("an agent's amend: a record of its own, and where the first one's work is now", async () => {
    const repo = await recorded();
    const from = await work(repo, 'one');
    await repo.write('one.txt', 'again\n');
    await repo.git('add', '-A');
    await agentGit(repo, 'commit', '-q', '--amend', '-m', 'Again');
    await settled(repo);
    // What it made first and what it made of that: from the one's beginning to the other's end.
    expect(await landings(repo)).toEqual([
      { from, grade: 'squashed', proof: 'range-patch-id', sealed: false, via: 'post-rewrite' },
    ]);
    expect(await showOf(repo)).toMatchObject({ authorship: 'agent', binding: 'exact', sealed: true });
  });

  it('a rebase that is quit: what it made so far is known', async () => {
    const repo = await recorded();
    await repo.commit('Lines', { 'lines.txt': 'a\n' });
    await repo.git('checkout', '-q', '-b', 'topic');
    const one = await work(repo, 'lines', 'by the agent\n');
    await repo.commit('More', { 'lines.txt': 'by hand\n' });
    await repo.git('checkout', '-q', 'main');
    await repo.commit('Other', { 'lines.txt': 'other\n' });
    expect((await repo.tryGit(['rebase', '-q', 'main', 'topic'])).code).toBe(1);
    await repo.write('lines.txt', 'both\n');
    await repo.git('add', '-A');
    const goneOn = await repo.tryGit(['rebase', '--continue'], { env: { GIT_EDITOR: 'true' } });
    expect(goneOn.code).toBe(1);
    await repo.git('rebase', '--quit');
    await repo.git('reset', '-q', '--hard');
    await settled(repo);
    expect(await landings(repo)).toEqual([
      { from: one, grade: 'modified', proof: 'rewrite', sealed: true, via: 'post-rewrite' },
    ]);
  });

  it('a rebase that is aborted lands nothing', async () => {
    const repo = await recorded();
    await repo.commit('Lines', { 'lines.txt': 'a\n' });
    await repo.git('checkout', '-q', '-b', 'topic');
    const one = await work(repo, 'lines', 'by the agent\n');
    await repo.commit('More', { 'lines.txt': 'by hand\n' });
    await repo.git('checkout', '-q', 'main');
    await repo.commit('Other', { 'lines.txt': 'other\n' });
    expect((await repo.tryGit(['rebase', '-q', 'main', 'topic'])).code).toBe(1);
    await repo.write('lines.txt', 'both\n');
    await repo.git('add', '-A');
    await repo.tryGit(['rebase', '--continue'], { env: { GIT_EDITOR: 'true' } });
    await repo.run(['show', 'HEAD']);
    await repo.git('rebase', '--abort');
    await repo.run(['show', 'HEAD']);
    expect(await noteOf(repo, one)).not.toContain('agent-log/landing');
  });

  it("a new commit on top, where a rebase stands still, is not the old one's work", async () => {
    const repo = await recorded();
    await work(repo, 'zero');
    await repo.git('checkout', '-q', '-b', 'topic');
    await work(repo, 'one');
    const two = await work(repo, 'two');
    const { GIT_EDITOR } = await editor(repo, `sed -i '1s/^pick/edit/' "$1"`);
    const env = { GIT_SEQUENCE_EDITOR: GIT_EDITOR };
    expect((await repo.tryGit(['rebase', '-q', '-i', 'main', 'topic'], { env })).code).toBe(0);
    await repo.commit('Between', { 'one.txt': 'one\nby hand\n' });
    await repo.git('rebase', '--continue');
    await settled(repo);
    await expectHuman(repo, 'HEAD^');
    expect(await landings(repo)).toEqual([
      { from: two, grade: 'same-patch', proof: 'trailer', sealed: true, via: 'post-rewrite' },
    ]);
  });

  it('what no record belongs to leaves nothing behind', async () => {
    const repo = await recorded();
    await work(repo, 'one');
    await repo.commit('By hand', { 'hand.txt': 'x\n' });
    const ledger = await repo.git('rev-parse', 'refs/notes/agent-log');
    await repo.git('commit', '-q', '--amend', '-m', 'By hand again');
    expect(await readdir(repo.path('.git/agent-log/rewritten'))).toEqual([]);
    await expectHuman(repo);
    expect(await repo.git('rev-parse', 'refs/notes/agent-log')).toBe(ledger);
  });

  it('a process that was killed: the next command takes in what it left', async () => {
    const repo = await recorded();
    const from = await work(repo, 'one');
    const node = repo.path('.git/agent-log/nothing');
    await repo.exec('sed', [
      '-i',
      `s|^node=.*|node=/bin/true program=${node}|`,
      repo.path('.git/hooks/post-rewrite'),
    ]);
    await repo.git('commit', '-q', '--amend', '-m', 'Another message');
    expect(await readdir(repo.path('.git/agent-log/rewritten'))).toHaveLength(1);
    await settled(repo);
    expect(await landings(repo)).toMatchObject([{ from, grade: 'exact' }]);
  });
});

describe('git picks a commit and says nothing', () => {
  async function topic(repo: TestRepo): Promise<string> {
    await repo.commit('Lines', { 'lines.txt': 'a\nb\nc\nd\n' });
    await repo.git('checkout', '-q', '-b', 'topic');
    const oid = await work(repo, 'lines', 'a\nb\nc\nd by the agent\n');
    await repo.git('checkout', '-q', 'main');
    return oid;
  }

  it('a conflict a person resolves', async () => {
    const repo = await recorded();
    const from = await topic(repo);
    await repo.commit('Other', { 'lines.txt': 'a\nb\nc\nd by hand\n' });
    expect((await repo.tryGit(['cherry-pick', 'topic'])).code).toBe(1);
    await repo.write('lines.txt', 'a\nb\nc\nd by both\n');
    await repo.git('add', '-A');
    await repo.git('-c', 'core.editor=true', 'cherry-pick', '--continue');
    await settled(repo);
    expect(await landings(repo)).toEqual([
      { from, grade: 'modified', proof: 'rewrite', sealed: true, via: 'cherry-pick' },
    ]);
  });

  it('no conflict, and another patch by its context', async () => {
    const repo = await recorded();
    const from = await topic(repo);
    await repo.commit('Drift', { 'lines.txt': 'a by hand\nb\nc\nd\n' });
    await repo.git('cherry-pick', '-x', 'topic');
    await settled(repo);
    expect(await landings(repo)).toEqual([
      { from, grade: 'modified', proof: 'rewrite', sealed: true, via: 'cherry-pick' },
    ]);
  });

  it('aborted: nothing is taken for the pick', async () => {
    const repo = await recorded();
    await topic(repo);
    await repo.commit('Other', { 'lines.txt': 'a\nb\nc\nd by hand\n' });
    expect((await repo.tryGit(['cherry-pick', 'topic'])).code).toBe(1);
    await repo.git('cherry-pick', '--abort');
    await repo.commit('By hand', { 'lines.txt': 'a\nb\nc\nd by hand again\n' });
    await expectHuman(repo);
  });

  it("of a person's commit leaves nothing behind", async () => {
    const repo = await recorded();
    await topic(repo);
    await repo.git('checkout', '-q', '-b', 'hand', 'topic');
    await repo.commit('By hand', { 'hand.txt': 'x\n' });
    await repo.git('checkout', '-q', 'main');
    await repo.git('cherry-pick', 'hand');
    expect(await readdir(repo.path('.git/agent-log'))).not.toContain('picked');
    await expectHuman(repo);
  });
});

/** The agent goes on, as it does with an editor that leaves the message as it is. */
async function goOn(repo: TestRepo, command: string): Promise<void> {
  const { code, stderr } = await asAgent(repo, [command, '--continue'], { env: { GIT_EDITOR: 'true' } });
  expect(code, stderr).toBe(0);
}

describe('a conflict that an agent resolves', () => {
  async function conflict(repo: TestRepo): Promise<string> {
    await repo.commit('Lines', { 'lines.txt': 'a\n' });
    await repo.git('checkout', '-q', '-b', 'topic');
    const oid = await work(repo, 'lines', 'by the agent\n');
    await repo.git('checkout', '-q', 'main');
    await repo.commit('Other', { 'lines.txt': 'by hand\n' });
    return oid;
  }

  async function expectBoth(repo: TestRepo, from: string): Promise<void> {
    await settled(repo);
    const records = (await trailersOf(repo)).filter((line) => line.startsWith('Agent-Record: '));
    const txns = (await trailersOf(repo)).filter((line) => line.startsWith('Agent-Txn: '));
    const original = (await showOf(repo, from)).record ?? '';
    expect(records).toHaveLength(2);
    expect(new Set(txns).size).toBe(txns.length);
    expect(records[0]).toBe(`Agent-Record: ${original}`);
    const shown = await showOf(repo);
    expect(shown).toMatchObject({ authorship: 'agent', binding: 'exact', sealed: true });
    expect(`Agent-Record: ${shown.record}`).toBe(records[1]);
    expect(shown.others).toContain(original);
    expect(await landings(repo)).toMatchObject([{ from, grade: 'modified', proof: 'rewrite', sealed: true }]);
  }

  it('in a rebase: a record of its own, beside the landing of the original', async () => {
    const repo = await recorded();
    const from = await conflict(repo);
    expect((await asAgent(repo, ['rebase', '-q', 'main', 'topic'])).code).toBe(1);
    await repo.write('lines.txt', 'by both\n');
    await repo.git('add', '-A');
    await goOn(repo, 'rebase');
    await expectBoth(repo, from);
  });

  it('in a cherry-pick', async () => {
    const repo = await recorded();
    const from = await conflict(repo);
    expect((await asAgent(repo, ['cherry-pick', 'topic'])).code).toBe(1);
    await repo.write('lines.txt', 'by both\n');
    await repo.git('add', '-A');
    await goOn(repo, 'cherry-pick');
    await expectBoth(repo, from);
  });

  it('and a replay without one gets no record of its own, also in the same sequence', async () => {
    const repo = await recorded();
    await conflict(repo);
    await repo.git('checkout', '-q', 'topic');
    const clean = await work(repo, 'clean');
    expect((await asAgent(repo, ['rebase', '-q', 'main', 'topic'])).code).toBe(1);
    await repo.write('lines.txt', 'by both\n');
    await repo.git('add', '-A');
    await goOn(repo, 'rebase');
    await settled(repo);
    expect((await trailersOf(repo)).filter((line) => line.startsWith('Agent-Record: '))).toHaveLength(1);
    expect(await landings(repo)).toMatchObject([{ from: clean, grade: 'same-patch' }]);
  });

  it('a commit made where a rebase stands still is new work', async () => {
    const repo = await recorded();
    await repo.commit('One', { 'one.txt': '1\n' });
    const { GIT_EDITOR } = await editor(repo, `sed -i '1s/^pick/edit/' "$1"`);
    const env = { GIT_SEQUENCE_EDITOR: GIT_EDITOR };
    expect((await asAgent(repo, ['rebase', '-q', '-i', '--root'], { env })).code).toBe(0);
    const oid = await agentCommit(repo, 'In between', { 'new.txt': 'new\n' });
    await goOn(repo, 'rebase');
    expect(await showOf(repo, oid)).toMatchObject({ authorship: 'agent', binding: 'exact', sealed: true });
    await expectHuman(repo);
  });

  it('reverts of an agent are its work, one or many', async () => {
    const repo = await recorded();
    await repo.commit('One', { 'one.txt': '1\n' });
    await repo.commit('Two', { 'two.txt': '2\n' });
    await agentGit(repo, 'revert', '--no-edit', 'HEAD', 'HEAD^');
    for (const revision of ['HEAD', 'HEAD^'])
      expect(await showOf(repo, revision)).toMatchObject({ authorship: 'agent', binding: 'exact' });
  });
});

describe('a repository that was moved after init', () => {
  it("an agent's amend keeps its message and is bound", async () => {
    const repo = await recorded();
    await work(repo, 'one');
    await untilNobodyWorksIn(repo.dir);
    await repo.exec('mv', [repo.dir, `${repo.dir}-moved`], { cwd: '/' });
    const moved = repoAt(`${repo.dir}-moved`, repo.home);
    await moved.write('one.txt', 'changed\n');
    await moved.git('add', '-A');
    const { code, stderr } = await asAgent(moved, ['commit', '-q', '--amend', '--no-edit']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await showOf(moved)).toMatchObject({ authorship: 'agent', binding: 'exact', sealed: true });
    // Nothing was written where it had been.
    expect(existsSync(repo.dir)).toBe(false);
  });
});
