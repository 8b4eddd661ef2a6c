import { symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { recordDigest } from '../../lib/core/digest.ts';
import { gitAiNote, importFixture } from '../support/import-fixtures.ts';
import { importInto, recordsOf } from '../support/imports.ts';
import { addNote, commitTree } from '../support/notes.ts';
import { repoForTest } from '../support/recorded.ts';
import { repoAt } from '../support/repo.ts';

describe('importing whogitit', () => {
  it('round-trips counts, session, model and prompts, from its ref and from the old one', async () => {
    const repo = await repoForTest();
    const note = importFixture('whogitit.v3.json');
    const one = await repo.commit('One', { 'src/auth.rs': '1\n', 'src/main.rs': '1\n' });
    const two = await repo.commit('Two', { 'src/auth.rs': '2\n' });
    await addNote(repo, 'whogitit', one, note);
    await addNote(repo, 'ai-blame', two, note.replace('"version": 3', '"version": 2'));
    const { items, problems } = await importInto(repo, 'whogitit');
    expect(problems).toEqual([]);
    expect(new Set(items.map(({ txn }) => txn)).size).toBe(1);
    const [first, second] = (await recordsOf(repo)).map(({ stored }) => stored.record);
    expect(first).toMatchObject({
      agent: { name: 'unknown', sessionId: '7f3a4b2c-9d1e-8a7b-c3d4-e5f6a7b8c9d0' },
      model: { provider: 'anthropic', name: 'claude-opus-4-5-20251101' },
      prompts: [{ size: 35 }, { size: 13 }],
      files: [
        { path: 'src/auth.rs', by: 'mixed', lines: { agent: 25, mixed: 3, human: 2, unknown: 0 } },
        { path: 'src/main.rs', by: 'mixed', lines: { agent: 1, human: 1 } },
      ],
      capture: {
        source: { version: 'whogitit/3', ref: 'refs/notes/whogitit', counts: { prompts: 2, subagents: 1 } },
      },
    });
    expect(second?.capture).toMatchObject({
      gaps: ['1 files the source names are not changed by this commit'],
      source: { version: 'whogitit/2', ref: 'refs/notes/ai-blame' },
    });
    expect(second?.task?.digest).toBe(first?.task?.digest);
  });
});

describe('importing gitvow', () => {
  function note(session: string, step: number, input: number): string {
    return `gitvow-session\n${JSON.stringify({
      schema: 9,
      session_id: session,
      step,
      files_written_by_agent_this_session: ['a.ts'],
      usage: {
        input_tokens: input,
        output_tokens: step,
        cache_read_tokens: 0,
        cache_write_tokens: 0,
        models: { m: 1 },
      },
    })}`;
  }

  it('tells the tokens of each commit, though gitvow counts them from the start of the session', async () => {
    const repo = await repoForTest();
    const commits: string[] = [];
    for (const n of [1, 2, 3, 5]) {
      commits.push(await repo.commit(`Work ${n}`, { 'a.ts': `${n}\n` }));
      await addNote(repo, 'gitvow/s1', commits.at(-1) ?? '', note('s1', n, n * 100));
    }
    await importInto(repo, 'gitvow');
    const records = (await recordsOf(repo)).map(({ stored }) => stored.record);
    expect(records.map(({ usage }) => usage?.inputTokens ?? null)).toEqual([100, 100, 100, null]);
    expect(records[3]?.capture.gaps).toEqual([
      'tokens are counted from the start of the session, and what was before is not here',
    ]);
  });

  it('names commits whose message names a session and whose note is not here', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work\n\nGitvow-Session: s7\nGitvow-Step: 1', { 'a.ts': '1\n' });
    const other = await repo.commit('Work\n\nAI-Session: w1', { 'a.ts': '2\n' });
    expect(await importInto(repo, 'gitvow')).toMatchObject({
      items: [],
      problems: [{ commit, code: 'missing', detail: 'the message names session s7, and there is no note' }],
    });
    expect((await importInto(repo, 'whogitit')).problems).toMatchObject([{ commit: other, code: 'missing' }]);
  });

  it("reads every session's ref and the one of 0.1, and leaves rules and outcomes", async () => {
    const repo = await repoForTest();
    const [one, two] = [
      await repo.commit('One', { 'a.ts': '1\n' }),
      await repo.commit('Two', { 'a.ts': '2\n' }),
    ];
    await addNote(repo, 'gitvow/s1', one, note('s1', 1, 1));
    await addNote(repo, 'gitvow/s2', one, note('s2', 1, 1));
    await addNote(repo, 'gitvow/rules', one, 'gitvow-rule-decision\n{}');
    await addNote(repo, 'gitvow/outcomes', one, 'x');
    await addNote(repo, 'sessions', two, note('s0', 1, 1));
    const { items, problems } = await importInto(repo, 'gitvow');
    expect(problems).toEqual([]);
    expect(items.map(({ commit, unit }) => [commit, unit])).toEqual([
      [one, 's1'],
      [one, 's2'],
      [two, 's0'],
    ]);
  });
});

describe('importing git-ai', () => {
  it('reads a note with a thousand sessions as often as one with a single one', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', { 'a.ts': 'a\n' });
    const sessions = Array.from({ length: 1000 }, (_, i) => ({ id: `${i}`.padStart(8, '0') }));
    await addNote(repo, 'ai', commit, gitAiNote(sessions));
    expect((await importInto(repo, 'git-ai')).items).toHaveLength(1000);
    const more = await repo.commit('More', { 'a.ts': 'b\n' });
    await addNote(repo, 'ai', more, gitAiNote([...sessions, { id: 'onemore' }]));
    expect((await importInto(repo, 'git-ai')).problems).toMatchObject([{ commit: more, code: 'too-many' }]);
  });
});

describe('importing what was adopted before', () => {
  it('goes into the same transaction, and counts more than what was asserted', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', { 'src/main.rs': 'x\n' });
    await addNote(repo, 'ai', commit, gitAiNote([{ id: 'one', files: { 'src/main.rs': '1' } }]));
    expect((await repo.run(['adopt', 'HEAD~1..HEAD'])).code).toBe(0);
    const { items } = await importInto(repo, 'git-ai', { now: Date.now() });
    const [adopted, imported] = (await recordsOf(repo)).map(({ stored }) => stored);
    expect([adopted?.record.capture.by, imported?.record.capture.by]).toEqual(['adopted', 'imported']);
    expect(imported?.record).toMatchObject({ txn: adopted?.record.txn, seq: 2, prev: adopted?.digest });
    expect(items).toMatchObject([{ status: 'new', txn: adopted?.record.txn }]);
    const shown = JSON.parse((await repo.run(['show', commit, '--json'])).stdout) as { record: string };
    expect(shown.record).toBe(imported?.digest);
  });
});

describe('importing into a repository with SHA-256 ids', () => {
  it('works with every format that names commits by id', async () => {
    const repo = await repoForTest({ objectFormat: 'sha256' });
    const commit = await repo.commit('Work', { 'a.ts': 'a\n' });
    await addNote(repo, 'ai', commit, gitAiNote([{ id: 'one', files: { 'a.ts': '1' } }]));
    const trace = importFixture('agent-trace.json').replace(/"revision": "\w+"/, `"revision": "${commit}"`);
    await repo.write('t.json', trace.replaceAll('src/app.ts', 'a.ts'));
    expect((await importInto(repo, 'git-ai')).items).toMatchObject([{ commit, unit: 'one' }]);
    expect((await importInto(repo, 'agent-trace', { source: 't.json' })).items).toHaveLength(2);
  });
});

describe('importing Entire', () => {
  const METADATA = importFixture('entire.session.json');

  function session(id: string, sessionId: string, files: readonly string[] = ['src/app.ts']): string {
    const fields = JSON.parse(METADATA) as object;
    return JSON.stringify({ ...fields, checkpoint_id: id, session_id: sessionId, files_touched: files });
  }

  function checkpoint(id: string, sessions: readonly string[]): [string, string][] {
    return sessions.flatMap((one, n): [string, string][] => [
      [`${n}/metadata.json`, session(id, one)],
      [`${n}/prompt.txt`, `Prompt of ${one}`],
      [`${n}/full.jsonl`, '{"type":"user"}\n'],
    ]);
  }

  function onBranch(id: string, files: readonly [string, string][]): [string, string][] {
    return files.map(([path, text]) => [`${id.slice(0, 2)}/${id.slice(2)}/${path}`, text]);
  }

  it('finds checkpoints on the branch by the trailers of a squash, and merges a session that is in two', async () => {
    const repo = await repoForTest();
    await commitTree(
      repo,
      'refs/heads/entire/checkpoints/v1',
      new Map([
        ...onBranch('aaaaaaaaaaaa', checkpoint('aaaaaaaaaaaa', ['s1'])),
        ...onBranch('bbbbbbbbbbbb', checkpoint('bbbbbbbbbbbb', ['s1', 's2'])),
      ]),
    );
    const commit = await repo.commit(
      'Squash (#3)\n\n* one\n\n  Entire-Checkpoint: aaaaaaaaaaaa\n\n* two\n\nEntire-Checkpoint: bbbbbbbbbbbb\nEntire-Checkpoint: aaaaaaaaaaaa',
      { 'src/app.ts': '1\n' },
    );
    const { items, problems } = await importInto(repo, 'entire');
    expect(problems).toEqual([]);
    expect(items.map(({ commit: at, unit }) => [at, unit])).toEqual([
      [commit, 's1'],
      [commit, 's2'],
    ]);
    const [one, two] = (await recordsOf(repo)).map(({ stored }) => stored.record);
    expect(one).toMatchObject({
      agent: { name: 'Claude Code', sessionId: 's1' },
      model: { name: 'claude-sonnet-4-20250514' },
      usage: {
        inputTokens: 3000,
        outputTokens: 1400,
        cacheReadInputTokens: 18_000,
        cacheCreationInputTokens: 400,
      },
      prompts: [{ size: 12 }, { size: 12 }],
      files: [{ path: 'src/app.ts', by: 'agent' }],
      capture: {
        source: {
          version: 'entire/v1',
          toolVersion: '0.6.1',
          ref: 'entire/checkpoints/v1',
          ids: ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'],
          counts: { agentAdded: 80, humanAdded: 6 },
          bulk: [{ kind: 'transcript', count: 2, size: 32 }],
        },
      },
    });
    expect(two?.usage?.inputTokens).toBe(1500);
  });

  it("finds a checkpoint at a ref of its own, whose digest git's own listing gives", async () => {
    const repo = await repoForTest();
    const id = '01KQ2D5N8T6V1W3X5Y7Z9A1B2C';
    const ref = `refs/entire/checkpoints/2C/${id}`;
    await commitTree(repo, ref, new Map(checkpoint(id, ['s1'])));
    await repo.commit(`Work\n\nEntire-Checkpoint: ${id}`, { 'src/app.ts': '1\n' });
    await importInto(repo, 'entire');
    const [record] = await recordsOf(repo);
    const listing = await repo.tryGit(['ls-tree', '-r', '-z', `${ref}:0`]);
    expect(record?.stored.record.capture.source).toMatchObject({ ref, digest: recordDigest(listing.stdout) });
  });

  it('reads the branch of a remote, and an old checkpoint that is one session', async () => {
    const repo = await repoForTest();
    await commitTree(
      repo,
      'refs/remotes/origin/entire/checkpoints/v1',
      new Map(onBranch('cccccccccccc', [['metadata.json', session('cccccccccccc', 's9')]])),
    );
    await repo.commit('Work\n\nEntire-Checkpoint: cccccccccccc', { 'src/app.ts': '1\n' });
    const { items } = await importInto(repo, 'entire');
    expect(items.map(({ unit }) => unit)).toEqual(['s9']);
    expect((await recordsOf(repo))[0]?.stored.record.capture.source?.ref).toBe('entire/checkpoints/v1');
  });

  it('does not take a trailer for proof: a commit that quotes one and changes other files gets no record', async () => {
    const repo = await repoForTest();
    await commitTree(
      repo,
      'refs/heads/entire/checkpoints/v1',
      new Map(onBranch('aaaaaaaaaaaa', checkpoint('aaaaaaaaaaaa', ['s1']))),
    );
    const quoting = await repo.commit('Explain\n\n> Entire-Checkpoint: aaaaaaaaaaaa', { 'docs.md': 'x\n' });
    const { items, problems } = await importInto(repo, 'entire');
    expect(items).toEqual([]);
    expect(problems).toMatchObject([{ commit: quoting, code: 'other-files' }]);
  });

  it('tells the tokens of a checkpoint once, though copies of its commit name it too', async () => {
    const repo = await repoForTest();
    await commitTree(
      repo,
      'refs/heads/entire/checkpoints/v1',
      new Map(onBranch('aaaaaaaaaaaa', checkpoint('aaaaaaaaaaaa', ['s1']))),
    );
    await repo.commit('Work\n\nEntire-Checkpoint: aaaaaaaaaaaa', { 'src/app.ts': '1\n' });
    await repo.git('checkout', '-q', '-b', 'copy', 'HEAD~1');
    await repo.commit('Other');
    await repo.git('cherry-pick', 'main');
    await importInto(repo, 'entire');
    const records = (await recordsOf(repo)).map(({ stored }) => stored.record);
    expect(records.map(({ usage }) => usage?.inputTokens ?? null)).toEqual([1500, null]);
    expect(records[1]?.capture.gaps).toEqual([
      'the tokens are told with another commit that names the same source',
    ]);
  });

  it('names checkpoints that are not here and trailers of an older Entire; of shadow branches it reads nothing', async () => {
    const repo = await repoForTest();
    const missing = await repo.commit('One\n\nEntire-Checkpoint: dddddddddddd', { 'src/app.ts': '1\n' });
    const old = await repo.commit('Two\n\nEntire-Session: s-1\nEntire-Metadata: .entire/x', {
      'src/app.ts': '2\n',
    });
    await repo.git('checkout', '-q', '-b', 'entire/2b4c177-a1b2c3');
    await repo.commit('Shadow\n\nEntire-Session: s-2\nEntire-Checkpoint: eeeeeeeeeeee', {
      'src/app.ts': '3\n',
    });
    await repo.git('checkout', '-q', 'main');
    const { items, problems } = await importInto(repo, 'entire');
    expect(items).toEqual([]);
    expect(new Map(problems.map(({ commit, code }) => [commit, code]))).toEqual(
      new Map<unknown, unknown>([
        [missing, 'missing'],
        [old, 'unknown-version'],
      ]),
    );
  });
});

describe('importing agent-trace', () => {
  function trace(
    revision: string,
    fields: { id?: string; path?: string; at?: string; session?: string } = {},
  ): string {
    return JSON.stringify({
      version: '1.0',
      id: fields.id ?? 'trace-1',
      timestamp: fields.at ?? '2020-01-01T00:00:00Z',
      vcs: { type: 'git', revision },
      tool: { name: 'cursor', version: '2.4' },
      files: [
        {
          path: fields.path ?? 'a.ts',
          conversations: [
            {
              url: `https://x.example/c/${fields.session ?? '1'}`,
              contributor: { type: 'ai', model_id: 'anthropic/claude-opus-4-5' },
              ranges: [{ start_line: 1, end_line: 4 }],
            },
          ],
        },
      ],
    });
  }

  it('reads a file, and makes one record of what a session did in a commit', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', { 'a.ts': 'a\n', 'b.ts': 'b\n' });
    const lines = [
      trace(commit),
      trace(commit, { id: 'trace-2', path: 'b.ts' }),
      trace(commit, { id: 't3', session: '2' }),
    ];
    await repo.write('../traces.jsonl', `${lines.join('\n')}\n`);
    const { items, problems } = await importInto(repo, 'agent-trace', { source: '../traces.jsonl' });
    expect(problems).toEqual([]);
    expect(items.map(({ unit }) => unit)).toEqual(['https://x.example/c/1', 'https://x.example/c/2']);
    const [one] = (await recordsOf(repo)).map(({ stored }) => stored.record);
    expect(one).toMatchObject({
      agent: { name: 'cursor', version: '2.4', sessionId: 'https://x.example/c/1' },
      model: { provider: 'anthropic', name: 'claude-opus-4-5' },
      files: [
        { path: 'a.ts', by: 'agent', lines: { agent: 4 } },
        { path: 'b.ts', by: 'agent', lines: { agent: 4 } },
      ],
      capture: { source: { ids: ['trace-1', 'trace-2'], ref: '.agent-trace/traces.jsonl' } },
    });
    const digests = lines.slice(0, 2).map((line) => `${recordDigest(line)}\n`);
    expect(one?.capture.source?.digest).toBe(recordDigest(digests.sort((a, b) => (a < b ? -1 : 1)).join('')));
  });

  it('reads notes and the committed file, and finds the commit of a trace that names the one before', async () => {
    const repo = await repoForTest();
    const before = await repo.git('rev-parse', 'HEAD');
    await repo.write('.agent-trace/traces.jsonl', `${trace(before)}\n`);
    const work = await repo.commit('Work', { 'a.ts': 'a\n' });
    const noted = await repo.commit('Noted', { 'b.ts': 'b\n' });
    await addNote(repo, 'agent-trace', noted, trace(noted, { path: 'b.ts', session: '2' }));
    await repo.git('clone', '-q', '--bare', '--no-local', '--mirror', repo.dir, `${repo.dir}-bare`);
    const bare = repoAt(`${repo.dir}-bare`, repo.home);
    for (const place of [repo, bare]) {
      const { items, problems } = await importInto(place, 'agent-trace');
      expect(problems).toEqual([]);
      expect(items.map(({ commit }) => commit)).toEqual([work, noted]);
    }
    const [one] = (await recordsOf(repo)).map(({ stored }) => stored.record);
    expect(one?.capture.gaps).toEqual(['the trace names the commit before this one']);
  });

  it('says so when a trace may be of the commit it names or of the one after', async () => {
    const repo = await repoForTest();
    const env = (at: string): Record<string, string> => ({ GIT_COMMITTER_DATE: at, GIT_AUTHOR_DATE: at });
    const commit = async (text: string, at: string): Promise<string> => {
      await repo.write('a.ts', text);
      await repo.git('add', '-A');
      await repo.tryGit(['commit', '-q', '-m', text], { env: env(at) });
      return repo.git('rev-parse', 'HEAD');
    };
    const one = await commit('1', '2026-01-01T10:00:00Z');
    await commit('2', '2026-01-01T12:00:00Z');
    await repo.write('traces.json', trace(one, { at: '2026-01-01T11:00:00Z' }));
    const { items } = await importInto(repo, 'agent-trace', { source: 'traces.json' });
    expect(items.map(({ commit: at }) => at)).toEqual([one]);
    expect((await recordsOf(repo))[0]?.stored.record.capture.gaps).toEqual([
      'the trace is younger than the commit it names and may be of the one after it',
    ]);
  });

  it('names traces whose commit is not here, or is of other files', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', { 'a.ts': 'a\n' });
    const gone = 'f'.repeat(40);
    await repo.write('traces.jsonl', `${trace(gone)}\n${trace(commit, { path: '../../etc/passwd' })}\n`);
    const { items, problems } = await importInto(repo, 'agent-trace', { source: 'traces.jsonl' });
    expect(items).toEqual([]);
    expect(problems.map(({ commit: at, code }) => [at, code])).toEqual([
      [gone, 'no-commit'],
      [commit, 'other-files'],
    ]);
  });

  it('takes no pattern for a ref', async () => {
    const repo = await repoForTest();
    await expect(importInto(repo, 'agent-trace', { source: 'refs/notes/*' })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
  });

  it('follows no link, neither of the file nor of its folder', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Work', { 'a.ts': 'a\n' });
    await repo.write('../outside/traces.jsonl', trace(commit));
    await symlink('../outside', repo.path('.agent-trace'));
    expect((await importInto(repo, 'agent-trace')).sources).toBe(0);
    await repo.git('add', '-A');
    await repo.git('commit', '-q', '-m', 'A link');
    expect((await importInto(repo, 'agent-trace')).sources).toBe(0);
    await symlink('../outside/traces.jsonl', repo.path('link.jsonl'));
    await expect(importInto(repo, 'agent-trace', { source: 'link.jsonl' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
