import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { patchId } from '../../../lib/git/diffs/patch-id.ts';
import { readCommit } from '../../../lib/git/objects/objects.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { appendLandings } from '../../../lib/ledger/binding/landings.ts';
import { type Resolution, resolveCommit } from '../../../lib/ledger/binding/resolve.ts';
import { type Ledger, openLedger } from '../../../lib/ledger/ledger.ts';
import { type AgentCommit, agentCommit, putNote } from '../../support/agent-commits.ts';
import { IDENTITY, landing, storedBinding } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let ledger: Ledger;
beforeEach(async () => {
  repo = await makeRepo();
  ledger = openLedger(await findRepository({ cwd: repo.dir }));
});
afterEach(async () => {
  ledger.close();
  await repo.remove();
});

async function resolved(revision: string): Promise<Resolution> {
  const resolution = await resolveCommit(ledger, revision);
  if (resolution === null) throw new Error(`no commit ${revision}`);
  return resolution;
}

async function graded(revision = 'HEAD') {
  const { binding, sealed, record, alsoHere, problems } = await resolved(revision);
  return { binding, sealed, record: record?.digest, also: alsoHere.map(({ digest }) => digest), problems };
}

/** Writes that a record landed in a commit, as a hook, relink, or somebody with bad intentions would. */
async function land(
  made: AgentCommit,
  revision: string,
  fields: Parameters<typeof landing>[0] = {},
): Promise<void> {
  const commit = await readCommit(ledger.reader, revision);
  if (commit === null) throw new Error(`no commit ${revision}`);
  const line = landing({
    txn: made.record.record.txn,
    record: made.record.digest,
    from: made.oid,
    commit: commit.oid,
    parents: [...commit.parents],
    tree: commit.tree,
    patchId: await patchId(ledger.repo, commit.parents[0] ?? null, commit.oid),
    sealed: false,
    proof: 'rewrite',
    via: 'post-rewrite',
    ...fields,
  });
  await appendLandings(ledger, [line], { identity: IDENTITY, message: 'test\n' });
}

/** A commit of all that is different from a revision, with nothing of ours in its message. */
async function squashOnto(revision: string, message = 'Squashed'): Promise<string> {
  await repo.git('reset', '-q', '--soft', revision);
  await repo.git('commit', '-q', '-m', message);
  return repo.git('rev-parse', 'HEAD');
}

describe('a commit whose record came by a landing', () => {
  it('has it by the same patch, and the old id says what superseded it', async () => {
    const made = await agentCommit(repo, ledger, { a: 'a\n' });
    await repo.git('checkout', '-q', '-B', 'main', 'HEAD~1');
    await repo.commit('Moved on', { other: 'x\n' });
    await repo.git('cherry-pick', '-n', made.oid);
    await repo.git('commit', '-q', '-m', 'Typed anew');
    expect(await graded()).toMatchObject({ binding: 'none', record: undefined });
    await land(made, 'HEAD', { proof: 'patch-id' });
    expect(await graded()).toEqual({
      binding: 'same-patch',
      sealed: false,
      record: made.record.digest,
      also: [],
      problems: [],
    });
    const head = await repo.git('rev-parse', 'HEAD');
    const old = await resolved(made.oid);
    expect(old).toMatchObject({ binding: 'exact', sealed: true, supersededBy: [head] });
    expect(old.landings).toMatchObject([{ from: made.oid, commit: head }]);
    expect((await resolved('HEAD')).supersededBy).toEqual([]);
  });

  it('leaves a picked commit alone: a copy supersedes nothing', async () => {
    const made = await agentCommit(repo, ledger, { a: 'a\n' });
    await repo.git('checkout', '-q', '-b', 'release', 'HEAD~1');
    await repo.commit('Release', { version: '1\n' });
    await repo.git('cherry-pick', made.oid);
    await land(made, 'HEAD', { proof: 'trailer', via: 'cherry-pick' });
    expect((await resolved(made.oid)).supersededBy).toEqual([]);
    expect(await graded()).toMatchObject({ binding: 'same-patch', sealed: true });
  });

  it('follows a record that was rewritten again and again', async () => {
    const made = await agentCommit(repo, ledger, { a: 'a\n' });
    const ids = [made.oid];
    for (const title of ['One', 'Two', 'Three']) {
      await repo.git('commit', '-q', '--amend', '-m', title);
      await land(made, 'HEAD');
      ids.push(await repo.git('rev-parse', 'HEAD'));
    }
    const last = ids.at(-1) ?? '';
    for (const id of ids)
      expect(await resolved(id), id).toMatchObject({
        binding: 'exact',
        record: { digest: made.record.digest },
        supersededBy: id === last ? [] : [last],
      });
  });

  it('tells of an old commit by its id when git has taken it away', async () => {
    const made = await agentCommit(repo, ledger, { a: 'a\n' });
    await repo.git('commit', '-q', '--amend', '-m', 'By hand');
    await land(made, 'HEAD');
    const head = await repo.git('rev-parse', 'HEAD');
    await repo.git('reflog', 'expire', '--expire=now', '--all');
    await repo.git('gc', '-q', '--prune=now');
    ledger.close();
    ledger = openLedger(await findRepository({ cwd: repo.dir }));
    expect(await readCommit(ledger.reader, made.oid)).toBeNull();
    expect(await resolved(made.oid)).toMatchObject({
      binding: 'exact',
      sealed: true,
      record: { digest: made.record.digest },
      supersededBy: [head],
      isGone: true,
      problems: [expect.stringContaining('not in this clone')],
    });
    expect(await graded()).toMatchObject({ binding: 'exact', record: made.record.digest });
    expect(await resolveCommit(ledger, '1'.repeat(40))).toBeNull();
  });

  it('keeps what a person changed on the way, where git says it made it of that', async () => {
    const made = await agentCommit(repo, ledger, { a: 'a\n' });
    await repo.git('checkout', '-q', '-B', 'main', 'HEAD~1');
    await repo.commit('Moved on', { a: 'b\n' });
    await repo.commit('Resolved by hand', { a: 'b\na\n' });
    await land(made, 'HEAD', { grade: 'modified' });
    expect(await graded()).toMatchObject({ binding: 'modified', sealed: false, problems: [] });
    const changed = await repo.git('rev-parse', 'HEAD');
    await repo.git('checkout', '-q', '-b', 'again', 'HEAD~2');
    await repo.commit('Moved on', { a: 'b\n', c: 'c\n' });
    await repo.git('cherry-pick', changed);
    await land(made, 'HEAD', { grade: 'modified', proof: 'patch-id' });
    expect(await graded(), 'the same change elsewhere').toMatchObject({ binding: 'modified', problems: [] });
  });
});

describe('a squash', () => {
  it('holds all its records when their trees lead to it, named or landed', async () => {
    const one = await agentCommit(repo, ledger, { a: '1\n' });
    const two = await agentCommit(repo, ledger, { a: '1\n2\n' }, { after: one });
    const three = await agentCommit(repo, ledger, { b: 'b\n' }, { after: two });
    await squashOnto('HEAD~3', `Squashed\n\n* one\n\n    ${one.seal.replace('\n', '\n    ')}`);
    await land(two, 'HEAD', { grade: 'squashed' });
    await land(three, 'HEAD', { grade: 'squashed' });
    expect(await graded()).toEqual({
      binding: 'squashed',
      sealed: true,
      record: one.record.digest,
      also: expect.arrayContaining([two.record.digest, three.record.digest]),
      problems: [],
    });
  });

  it('is found through the chain when one trailer survived', async () => {
    const one = await agentCommit(repo, ledger, { a: '1\n' });
    const two = await agentCommit(repo, ledger, { a: '1\n2\n' }, { after: one });
    const three = await agentCommit(repo, ledger, { b: 'b\n' }, { after: two });
    await repo.git('checkout', '-q', '-b', 'target', 'HEAD~3');
    await repo.commit('Moved on', { other: 'x\n' });
    await repo.git('merge', '-q', '--squash', three.oid);
    await repo.git('commit', '-q', '-m', `Title\n\n${three.seal}`);
    expect(await graded()).toEqual({
      binding: 'squashed',
      sealed: true,
      record: three.record.digest,
      also: expect.arrayContaining([one.record.digest, two.record.digest]),
      problems: [],
    });
  });

  it("holds a person's commits too, and those of the records that lie among them", async () => {
    const one = await agentCommit(repo, ledger, { a: '1\n' });
    await repo.commit('By hand', { h: 'h\n' });
    const two = await agentCommit(repo, ledger, { a: '1\n2\n' });
    const base = await repo.git('rev-parse', 'HEAD~3');
    await repo.git('branch', 'topic');
    await repo.git('checkout', '-q', '-b', 'elsewhere', base);
    const other = await agentCommit(repo, ledger, { o: 'o\n' });
    await repo.git('checkout', '-q', '-b', 'target', base);
    await repo.commit('Moved on', { other: 'x\n' });
    await repo.git('merge', '-q', '--squash', 'topic');
    await repo.git('commit', '-q', '-m', [one, two, other].map(({ seal }) => seal).join('\n\n'));
    expect(await graded()).toMatchObject({
      binding: 'squashed',
      record: two.record.digest,
      also: [one.record.digest],
    });
  });

  it('with a range that was recorded: counts while the range is here and makes the change', async () => {
    await repo.commit('By hand, first', { h: 'h\n' });
    const one = await agentCommit(repo, ledger, { a: '1\n' });
    const head = await repo.commit('By hand, last', { a: '1\n2\n' });
    const base = await repo.git('rev-parse', 'HEAD~3');
    await repo.git('checkout', '-q', '-b', 'target', base);
    await repo.commit('Moved on', { other: 'x\n' });
    await repo.git('merge', '-q', '--squash', head);
    await repo.git('commit', '-q', '-m', 'Title alone');
    await land(one, 'HEAD', { grade: 'modified', proof: 'range-patch-id', range: { base, head } });
    expect(await graded()).toMatchObject({ binding: 'modified', sealed: false, problems: [] });
  });

  it('whose branch is not here: by the files it left, or by the message that names it', async () => {
    const blob = (text: string): Promise<string> =>
      repo.tryGit(['hash-object', '-w', '--stdin'], { input: text }).then(({ stdout }) => stdout.trim());
    const gone = { base: '1'.repeat(40), head: '2'.repeat(40) };
    const files = [{ path: 'a', by: 'agent', change: 'added', blob: await blob('1\n') }] as const;
    const one = await agentCommit(repo, ledger, { a: '1\n' }, { fields: { files: [...files] } });
    await repo.git('checkout', '-q', '-B', 'main', 'HEAD~1');
    await repo.commit('Moved on', { other: 'x\n' });
    await repo.commit('Title alone', { a: '1\n', h: 'h\n' });
    await land(one, 'HEAD', { grade: 'modified', proof: 'range-patch-id', range: gone });
    expect(await graded(), 'as it left it').toMatchObject({ binding: 'modified', problems: [] });
    await repo.git('checkout', '-q', '-B', 'main', 'HEAD~1');
    await repo.commit('Title alone', { a: '1\n2\n', h: 'h\n' });
    await land(one, 'HEAD', { grade: 'modified', proof: 'range-patch-id', range: gone });
    expect(await graded(), 'not to be shown').toMatchObject({
      binding: 'claimed',
      problems: [expect.stringContaining('nothing in this clone shows')],
    });
    await repo.git('commit', '-q', '--amend', '-m', `Title\n\n${one.seal}`);
    await land(one, 'HEAD', { grade: 'modified', proof: 'range-patch-id', range: gone });
    expect(await graded(), 'named by the message').toMatchObject({ binding: 'modified', problems: [] });
  });
});

describe('a squash whose branch was never here', () => {
  it("is shown by what the named records left in the files, beside a person's", async () => {
    const blob = (text: string): Promise<string> =>
      repo.tryGit(['hash-object', '--stdin'], { input: text }).then(({ stdout }) => stdout.trim());
    const change = (path: string, text: string) =>
      blob(text).then((oid) => ({ files: [{ path, by: 'agent', change: 'modified', blob: oid } as const] }));
    const one = await agentCommit(repo, ledger, { a: '1\n' }, { fields: await change('a', '1\n') });
    const options = { after: one, fields: await change('a', '2\n') };
    const two = await agentCommit(repo, ledger, { a: '2\n' }, options);
    const message = `Squashed\n\n${one.seal}\n\n${two.seal}`;
    await repo.git('checkout', '-q', '-B', 'main', 'HEAD~2');
    await repo.commit('Moved on', { b: 'b\n' });
    await repo.commit(message, { a: '2\n', mine: 'x\n' });
    expect(await graded()).toMatchObject({
      binding: 'squashed',
      record: two.record.digest,
      also: [one.record.digest],
    });
    await repo.commit(message, { mine: 'y\n' });
    expect(await graded(), 'copied').toMatchObject({ binding: 'claimed', also: [] });
  });
});

describe('a hostile ledger', () => {
  it("a forged landing does not drag a person's commit into a transaction", async () => {
    const blob = await repo.tryGit(['hash-object', '--stdin'], { input: 'a\n' });
    const files = [{ path: 'a', by: 'agent', change: 'added', blob: blob.stdout.trim() } as const];
    const made = await agentCommit(repo, ledger, { a: 'a\n' }, { fields: { files } });
    await repo.commit('By hand', { mine: 'x\n' });
    const range = { base: await repo.git('rev-parse', 'HEAD~1'), head: await repo.git('rev-parse', 'HEAD') };
    // Its tree still holds the very files the record left: that alone must prove nothing.
    for (const forged of [
      { grade: 'exact', proof: 'trailer', sealed: true },
      { grade: 'same-patch', proof: 'patch-id' },
      { grade: 'squashed', proof: 'range-patch-id', range },
      { grade: 'squashed', proof: 'range-patch-id' },
      { grade: 'modified', proof: 'rewrite' },
    ] as const) {
      await land(made, 'HEAD', forged);
      await putNote(ledger, made.oid, '');
      expect(await graded(), forged.grade).toEqual({
        binding: 'claimed',
        sealed: false,
        record: made.record.digest,
        also: [],
        problems: [expect.stringContaining('nothing in this clone shows')],
      });
      await repo.git('update-ref', 'refs/notes/agent-log', 'refs/notes/agent-log~1');
    }
  });

  it('a binding and a landing that vouch for each other are worth nothing', async () => {
    const made = await agentCommit(repo, ledger, { a: 'a\n' });
    const base = await repo.git('rev-parse', 'HEAD');
    const head = await repo.commit('By hand', { mine: 'x\n' });
    const patch = await patchId(ledger.repo, base, head);
    const forged = storedBinding(made.record, head, { patchId: patch, parents: [base] });
    await putNote(ledger, made.oid, forged.line);
    await putNote(ledger, head, forged.line);
    await land(made, 'HEAD', { grade: 'squashed', range: { base, head } });
    expect(await graded()).toMatchObject({ binding: 'claimed', also: [] });
  });

  it('a landing from a note without that record is named', async () => {
    const oid = await repo.commit('By hand', { a: 'a\n' });
    await putNote(ledger, oid, JSON.stringify(landing({ commit: oid })));
    expect(await graded()).toMatchObject({
      binding: 'none',
      record: undefined,
      problems: [expect.stringContaining('has no such record')],
    });
  });

  it('landings in a circle come to an end', async () => {
    const one = await agentCommit(repo, ledger, { a: 'a\n' });
    const two = await agentCommit(repo, ledger, { b: 'b\n' });
    await land(one, two.oid);
    await land(two, one.oid);
    expect(await graded(one.oid)).toMatchObject({ binding: 'exact', record: one.record.digest, also: [] });
    expect(await graded(two.oid)).toMatchObject({ binding: 'exact', record: two.record.digest, also: [] });
    expect((await resolved(one.oid)).supersededBy).toEqual([]);
  });

  it('thousands of landings on one note are cut short, and it is said', async () => {
    const made = await agentCommit(repo, ledger, { a: 'a\n' });
    const oid = await repo.commit('By hand', { b: 'b\n' });
    const lines = Array.from({ length: 3000 }, (_, i) => {
      const from = String(i).padStart(40, '0');
      return JSON.stringify(landing({ commit: oid, from, record: `sha256:${String(i).padStart(64, '0')}` }));
    });
    await putNote(ledger, oid, ...lines);
    const { problems } = await graded();
    expect(problems.at(-1)).toContain('2000 more records are named');
    expect(await graded(made.oid)).toMatchObject({ binding: 'exact' });
  });

  it('thousands of trailers in one message are cut short', async () => {
    const named = Array.from(
      { length: 1200 },
      (_, i) => `Agent-Record: sha256:${String(i).padStart(64, '0')}`,
    );
    await repo.commit(`Many\n\n${named.join('\n')}`, { a: 'a\n' });
    const { binding, problems } = await graded();
    expect(binding).toBe('claimed');
    expect(problems.at(-1)).toContain('200 more records');
  });
});
