import { describe, expect, it } from 'vitest';
import { recordDigest } from '../../../lib/core/digest.ts';
import { appendToNotes } from '../../../lib/ledger/notes/append.ts';
import { gitAiNote, importFixture } from '../../support/import-fixtures.ts';
import { importInto, recordsOf, statuses, withLedger } from '../../support/imports.ts';
import { addNote, commitTree, hashBlob } from '../../support/notes.ts';
import { repoForTest } from '../../support/recorded.ts';
import { IDENTITY, NOW, storedBinding, storedExecution } from '../../support/records.ts';
import { repoAt } from '../../support/repo.ts';

describe('importing git-ai', () => {
  it('writes what the note says as imported, with its digest, and a text only as digest and size', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', {
      'src/main.rs': 'x\n',
      'src/my file.rs': 'y\n',
      'other.rs': 'z\n',
    });
    const note = importFixture('git-ai.prompts.txt');
    await addNote(repo, 'ai', commit, note);
    const report = await importInto(repo, 'git-ai');
    expect(report).toMatchObject({ sources: 1, empty: 0, problems: [] });
    expect(statuses(report)).toEqual(['new', 'new']);
    const records = await recordsOf(repo);
    expect(records.map(({ object }) => object)).toEqual([commit, commit]);
    const record = records.find(({ stored }) => stored.record.agent.name === 'cursor')?.stored.record;
    expect(record).toMatchObject({
      agent: { name: 'cursor', version: null, sessionId: '6ef2299e-a67f-432b-aa80-3d2fb4d28999' },
      model: { provider: null, name: 'claude-4.5-opus' },
      sponsor: { name: 'Jane Doe', email: 'jane@example.com', source: 'imported' },
      toolCalls: [{ id: 'imported-1', name: 'edit_file', status: 'unknown', result: null, endedAt: null }],
      capture: {
        by: 'imported',
        assurance: 'imported',
        gaps: [],
        source: {
          format: 'git-ai',
          unit: '6ef2299e-a67f-432b-aa80-3d2fb4d28999',
          version: 'authorship/3.0.0',
          toolVersion: '1.0.23',
          ref: 'refs/notes/ai',
          digest: recordDigest(
            await repo.git('notes', '--ref=ai', 'show', commit).then((text) => `${text}\n`),
          ),
          ids: ['abcd1234abcd1234'],
          author: 'Jane Doe <jane@example.com>',
          counts: { added: 25, deleted: 5, accepted: 20, overridden: 2 },
          bulk: [{ kind: 'answers', count: 1, size: 24 }],
        },
      },
    });
    expect(record?.files.map(({ path, by, lines }) => [path, by, lines])).toEqual([
      ['other.rs', 'unseen', undefined],
      ['src/main.rs', 'agent', { agent: 16 }],
      ['src/my file.rs', 'agent', { agent: 50 }],
    ]);
    const [prompt] = record?.prompts ?? [];
    expect(prompt).toMatchObject({ size: 39, at: '2025-12-05T01:22:13.211Z' });
    expect(record?.task).toMatchObject({ digest: prompt?.digest, source: 'prompt' });
    expect(JSON.stringify(records)).not.toContain('error handling');
  });

  it('shows the prompt where it was imported, from a file of the user alone', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', { 'src/main.rs': 'x\n' });
    await addNote(repo, 'ai', commit, importFixture('git-ai.prompts.txt'));
    await importInto(repo, 'git-ai');
    const { stdout, code } = await repo.run(['show', commit]);
    expect(code).toBe(0);
    expect(stdout).toContain('imported after the fact');
    const raw = await repo.git('show', `refs/notes/agent-log:${commit}`);
    expect(raw).not.toContain('error handling');
  });

  it('takes secrets out of names and texts before anything is hashed or written', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', { 'a.ts': 'a\n' });
    const token = ['ghp', 'aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789'].join('_');
    const session = { id: token, model: token, author: `${token} <jane@example.com>` };
    const messages = [
      { type: 'user', text: `use ${token}` },
      { type: 'tool_use', name: token, input: token },
    ];
    await addNote(repo, 'ai', commit, gitAiNote([{ ...session, messages, files: { 'a.ts': '1' } }]));
    const report = await importInto(repo, 'git-ai');
    expect(statuses(report)).toEqual(['new']);
    const note = await repo.git('show', `refs/notes/agent-log:${commit}`);
    expect(note + JSON.stringify(report)).not.toContain(token);
    const texts = await repo.exec('grep', ['-rl', token, '.git/agent-log']);
    expect(texts.stdout).toBe('');
    expect((await recordsOf(repo))[0]?.stored.record.redactions).toEqual([{ rule: 'github', count: 2 }]);
  });

  it('makes one transaction of a session, oldest commit first, and doubles nothing when run again', async () => {
    const repo = await repoForTest();
    const commits: string[] = [];
    for (const n of [1, 2, 3]) commits.push(await repo.commit(`Work ${n}`, { 'a.ts': `${n}\n` }));
    for (const commit of [...commits].reverse())
      await addNote(repo, 'ai', commit, gitAiNote([{ id: 'one', files: { 'a.ts': '1' } }]));
    const first = await importInto(repo, 'git-ai');
    expect(new Set(first.items.map(({ txn }) => txn)).size).toBe(1);
    const records = await recordsOf(repo);
    expect(records.map(({ object, stored }) => [object, stored.record.seq])).toEqual([
      [commits[0], 1],
      [commits[1], 2],
      [commits[2], 3],
    ]);
    expect(records[2]?.stored.record.prev).toBe(records[1]?.stored.digest);
    const tip = await repo.git('rev-parse', 'refs/notes/agent-log');
    const again = await importInto(repo, 'git-ai');
    expect(statuses(again)).toEqual(['imported', 'imported', 'imported']);
    expect(await repo.git('rev-parse', 'refs/notes/agent-log')).toBe(tip);
  });

  it('goes on in the same transaction with commits that came later', async () => {
    const repo = await repoForTest();
    const note = gitAiNote([{ id: 'one', files: { 'a.ts': '1' } }]);
    await addNote(repo, 'ai', await repo.commit('Work 1', { 'a.ts': '1\n' }), note);
    const [first] = (await importInto(repo, 'git-ai')).items;
    await addNote(repo, 'ai', await repo.commit('Work 2', { 'a.ts': '2\n' }), note);
    const later = await importInto(repo, 'git-ai', { now: NOW + 1000 });
    expect(later.items.map(({ status, txn }) => [status, txn])).toEqual([
      ['imported', first?.txn],
      ['new', first?.txn],
    ]);
    expect((await recordsOf(repo)).map(({ stored }) => stored.record.seq)).toEqual([1, 2]);
  });

  it('in two clones doubles nothing once they have met', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', { 'a.ts': 'a\n' });
    await addNote(
      repo,
      'ai',
      commit,
      gitAiNote([
        { id: 'one', files: { 'a.ts': '1' } },
        { id: 'two', files: { 'a.ts': '2' } },
      ]),
    );
    await repo.git('clone', '-q', '--no-local', repo.dir, `${repo.dir}-2`);
    const clone = repoAt(`${repo.dir}-2`, repo.home);
    await clone.git('fetch', '-q', 'origin', 'refs/notes/ai:refs/notes/ai');
    const [here, there] = [
      await importInto(repo, 'git-ai'),
      await importInto(clone, 'git-ai', { now: NOW + 60_000 }),
    ];
    expect(here.items.map(({ txn }) => txn)).toEqual(there.items.map(({ txn }) => txn));
    await repo.git('fetch', '-q', clone.dir, 'refs/notes/agent-log:refs/notes/theirs');
    await repo.git('-c', 'notes.mergeStrategy=cat_sort_uniq', 'notes', '--ref=agent-log', 'merge', 'theirs');
    expect((await repo.git('notes', '--ref=agent-log', 'show', commit)).split('\n')).toHaveLength(8);
    const records = await recordsOf(repo);
    expect(new Set(records.map(({ stored }) => stored.digest))).toEqual(
      new Set(here.items.map(({ record }) => record)),
    );
    expect(statuses(await importInto(repo, 'git-ai'))).toEqual(['imported', 'imported']);
    expect((await repo.run(['show', commit])).code).toBe(0);
  });

  it('names a note that was changed since, and leaves the record', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', { 'a.ts': 'a\n' });
    await addNote(repo, 'ai', commit, gitAiNote([{ id: 'one', accepted: 1 }]));
    await importInto(repo, 'git-ai');
    await addNote(repo, 'ai', commit, gitAiNote([{ id: 'one', accepted: 2 }]));
    expect(statuses(await importInto(repo, 'git-ai'))).toEqual(['changed']);
    expect(await recordsOf(repo)).toHaveLength(1);
  });

  it('leaves a commit alone whose agent was recorded at work', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', { 'a.ts': 'a\n' });
    const own = storedExecution();
    await withLedger(repo, (ledger) =>
      appendToNotes(ledger, [{ object: commit, lines: () => [own.line, storedBinding(own, commit).line] }], {
        identity: IDENTITY,
        message: 'test',
      }),
    );
    await addNote(repo, 'ai', commit, gitAiNote([{ id: 'one' }]));
    expect(statuses(await importInto(repo, 'git-ai'))).toEqual(['recorded']);
    expect(await recordsOf(repo)).toHaveLength(1);
  });

  it('with --dry-run says the same and writes nothing', async () => {
    const repo = await repoForTest();
    await addNote(repo, 'ai', await repo.commit('Work', { 'a.ts': 'a\n' }), gitAiNote([{ id: 'one' }]));
    const dry = await importInto(repo, 'git-ai', { dryRun: true });
    expect(await repo.tryGit(['rev-parse', '-q', '--verify', 'refs/notes/agent-log'])).toMatchObject({
      code: 1,
    });
    const wet = await importInto(repo, 'git-ai');
    expect({ ...dry, dryRun: false }).toEqual({
      ...wet,
      items: wet.items.map((item) => ({ ...item, record: null })),
    });
  });

  it('reads flat notes and notes at two and four digits from one tree', async () => {
    const repo = await repoForTest();
    const files = new Map<string, string>();
    const commits: string[] = [];
    for (const depth of [0, 1, 2]) {
      const oid = await repo.commit(`Work ${depth}`, { 'a.ts': `${depth}\n` });
      const folders = Array.from({ length: depth }, (_, i) => `${oid.slice(i * 2, i * 2 + 2)}/`).join('');
      files.set(folders + oid.slice(depth * 2), gitAiNote([{ id: `s${depth}`, files: { 'a.ts': '1' } }]));
      commits.push(oid);
    }
    await commitTree(repo, 'refs/notes/ai', files);
    const report = await importInto(repo, 'git-ai');
    expect(report.items.map(({ commit, unit }) => [commit, unit])).toEqual(
      commits.map((commit, depth) => [commit, `s${depth}`]),
    );
  });

  it("reads fetched notes too, and names where a remote's differs from ours", async () => {
    const repo = await repoForTest();
    const [both, theirs] = [
      await repo.commit('Both', { 'a.ts': '1\n' }),
      await repo.commit('Theirs', { 'a.ts': '2\n' }),
    ];
    await addNote(repo, 'ai', both, gitAiNote([{ id: 'ours' }]));
    await addNote(repo, 'ai-remote/origin', both, gitAiNote([{ id: 'older' }]));
    await addNote(repo, 'ai-remote/origin', theirs, gitAiNote([{ id: 'theirs' }]));
    const { items, problems } = await importInto(repo, 'git-ai');
    expect(items.map(({ unit }) => unit)).toEqual(['ours', 'theirs']);
    expect(problems).toEqual([
      {
        commit: both,
        ref: 'refs/notes/ai-remote/origin',
        code: 'second-note',
        detail: 'refs/notes/ai has another note of this commit',
      },
    ]);
    expect((await recordsOf(repo)).map(({ stored }) => stored.record.capture.source?.ref)).toEqual([
      'refs/notes/ai',
      'refs/notes/ai',
    ]);
  });

  it('names what is damaged, of an unknown version, or not here, and imports the rest', async () => {
    const repo = await repoForTest();
    const commits: string[] = [];
    for (const n of [1, 2, 3, 4]) commits.push(await repo.commit(`Work ${n}`, { 'a.ts': `${n}\n` }));
    const [damaged = '', newer = '', human = '', fine = ''] = commits;
    const unknown = gitAiNote([{ id: 'x' }], 'authorship/4.0.0');
    await addNote(repo, 'ai', damaged, `a.ts\n  abc 1-\n${gitAiNote([])}`);
    await addNote(repo, 'ai', newer, unknown);
    await addNote(repo, 'ai', human, gitAiNote([]));
    await addNote(repo, 'ai', fine, gitAiNote([{ id: 'one' }]));
    await addNote(repo, 'ai', await hashBlob(repo, 'no commit'), gitAiNote([{ id: 'two' }]));
    const { items, problems, empty, sources } = await importInto(repo, 'git-ai');
    expect({ empty, sources }).toEqual({ empty: 1, sources: 5 });
    expect(items.map(({ commit }) => commit)).toEqual([fine]);
    expect(new Map(problems.map(({ commit, code }) => [commit, code]))).toEqual(
      new Map<unknown, unknown>([
        [damaged, 'invalid'],
        [newer, 'unknown-version'],
        [await hashBlob(repo, 'no commit'), 'no-commit'],
      ]),
    );
    // Nothing of it is guessed, and it stays where it was, byte for byte.
    expect(await recordsOf(repo)).toHaveLength(1);
    expect((await repo.git('notes', '--ref=ai', 'show', newer)).trim()).toBe(unknown.trim());
  });

  it("makes no sponsor of an agent's address or of half a name, and keeps what the source wrote", async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', { 'a.ts': 'a\n' });
    const authors = ['Claude <noreply@anthropic.com>', 'john@example.com', 'Jane Doe <jane@example.com>'];
    await addNote(repo, 'ai', commit, gitAiNote(authors.map((author, i) => ({ id: `s${i}`, author }))));
    await importInto(repo, 'git-ai');
    const records = (await recordsOf(repo)).map(({ stored }) => stored.record);
    expect(records.map(({ sponsor, capture }) => [sponsor?.name ?? null, capture.source?.author])).toEqual([
      [null, authors[0]],
      [null, authors[1]],
      ['Jane Doe', authors[2]],
    ]);
  });

  it('takes no order from a source that is named like an option', async () => {
    const repo = await repoForTest();
    for (const source of ['--all', '-rf', 'refs/../x y', 'ai'])
      await expect(importInto(repo, 'git-ai', { source })).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});
