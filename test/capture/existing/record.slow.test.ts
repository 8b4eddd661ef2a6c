import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordExisting } from '../../../lib/capture/existing/record.ts';
import { type ExistingWork, txnOfSource } from '../../../lib/capture/existing/work.ts';
import { isUlid, newUlid } from '../../../lib/core/ulid.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { resolveCommit } from '../../../lib/ledger/binding/resolve.ts';
import { type Ledger, openLedger } from '../../../lib/ledger/ledger.ts';
import { appendToNotes } from '../../../lib/ledger/notes/append.ts';
import { describe as describeCommit, type ShowDocument } from '../../../lib/ledger/reading/describe.ts';
import { type ScannedRecord, scanLedger } from '../../../lib/ledger/reading/scan.ts';
import { agentCommit } from '../../support/agent-commits.ts';
import { repoForTest } from '../../support/recorded.ts';
import { IDENTITY, NOW, storedBinding, storedExecution } from '../../support/records.ts';
import { repoAt, type TestRepo } from '../../support/repo.ts';
import { schemaProblems } from '../../support/schema.ts';

const TXN = newUlid(NOW);

function work(commit: string, fields: Partial<ExistingWork> = {}): ExistingWork {
  return {
    commit,
    txn: TXN,
    assurance: 'asserted',
    source: { format: 'test', unit: 'one' },
    agent: { name: 'some-agent', version: null, sessionId: null, chain: [] },
    model: { provider: null, name: null },
    sponsor: null,
    task: null,
    gaps: [],
    ...fields,
  };
}

const OPTIONS = { via: 'adopt', identity: IDENTITY, now: NOW } as const;

async function withLedger<T>(repo: TestRepo, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = openLedger(await findRepository({ cwd: repo.dir, foreign: true }));
  try {
    return await use(ledger);
  } finally {
    ledger.close();
  }
}

async function records(ledger: Ledger): Promise<ScannedRecord[]> {
  const all: ScannedRecord[] = [];
  for await (const one of scanLedger(ledger)) all.push(one);
  return all.sort((a, b) => a.stored.record.seq - b.stored.record.seq);
}

async function shown(ledger: Ledger, revision: string): Promise<ShowDocument> {
  const resolution = await resolveCommit(ledger, revision);
  if (resolution === null) throw new Error(`no ${revision}`);
  return describeCommit(resolution, new Map());
}

describe('recordExisting', () => {
  it('binds exactly, unsealed, and says what it rests on', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Done', { 'a.txt': 'a', 'b.txt': 'b' });
    await withLedger(repo, async (ledger) => {
      const written = await recordExisting(
        ledger,
        [work(commit, { by: new Map([['a.txt', 'agent']]) })],
        OPTIONS,
      );
      const document = await shown(ledger, commit);
      expect(schemaProblems(document)).toEqual([]);
      expect(document).toMatchObject({
        record: written[0]?.record,
        authorship: 'agent',
        binding: 'exact',
        sealed: false,
        base: null,
        sponsor: null,
        capture: { by: 'adopted', assurance: 'asserted', source: { format: 'test', unit: 'one' } },
        files: [
          { path: 'a.txt', by: 'agent', change: 'added' },
          { path: 'b.txt', by: 'unseen', change: 'added' },
        ],
      });
      const [one] = await records(ledger);
      expect(one?.binding).toMatchObject({ grade: 'exact', sealed: false, via: 'adopt', branch: null });
      expect(one?.binding?.patchId).toMatch(/^[0-9a-f]{40}$/);
    });
  });

  it('chains a transaction in the order of the commits, however they are given', async () => {
    const repo = await repoForTest();
    const commits: string[] = [];
    for (let i = 0; i < 5; i++) commits.push(await repo.commit(`C${i}`, { f: String(i) }));
    await withLedger(repo, async (ledger) => {
      const some = commits.slice(0, 4).map((commit) => work(commit));
      await recordExisting(ledger, [...some].reverse(), OPTIONS);
      // One more, later: it goes on where the chain ended.
      await recordExisting(ledger, [work(commits[4] ?? '')], OPTIONS);
      const chain = await records(ledger);
      expect(chain.map(({ object }) => object)).toEqual(commits);
      expect(chain.map(({ stored }) => stored.record.seq)).toEqual([1, 2, 3, 4, 5]);
      expect(chain.map(({ stored }) => stored.record.prev)).toEqual([
        null,
        ...chain.slice(0, -1).map(({ stored }) => stored.digest),
      ]);
      const ids = chain.map(({ stored }) => stored.record.id);
      expect(ids.slice(0, 4)).toEqual(ids.slice(0, 4).sort());
    });
  });

  it('writes one record per commit and source', async () => {
    const repo = await repoForTest();
    const commit = await repo.commit('Done', { a: 'a' });
    await withLedger(repo, async (ledger) => {
      expect(await recordExisting(ledger, [work(commit), work(commit)], OPTIONS)).toHaveLength(1);
      expect(await recordExisting(ledger, [work(commit)], OPTIONS)).toEqual([]);
      const tip = await repo.git('rev-parse', 'refs/notes/agent-log');
      const other = work(commit, { source: { format: 'test', unit: 'two' }, txn: newUlid(NOW) });
      expect(await recordExisting(ledger, [work(commit), other], OPTIONS)).toHaveLength(1);
      expect(await repo.git('rev-parse', 'refs/notes/agent-log^')).toBe(tip);
    });
  });

  it('leaves no hole in a chain when two do the same at once', async () => {
    const repo = await repoForTest();
    const commits: string[] = [];
    for (let i = 0; i < 6; i++) commits.push(await repo.commit(`C${i}`, { f: String(i) }));
    const ranges = [commits.slice(0, 4), commits.slice(2), commits.slice(1, 5)];
    await Promise.all(
      ranges.map((range) =>
        withLedger(repo, (ledger) =>
          recordExisting(
            ledger,
            range.map((commit) => work(commit)),
            OPTIONS,
          ),
        ),
      ),
    );
    await withLedger(repo, async (ledger) => {
      const all = await records(ledger);
      expect(all.map(({ object }) => object).sort()).toEqual([...commits].sort());
      expect(all.map(({ stored }) => stored.record.seq)).toEqual([1, 2, 3, 4, 5, 6]);
      const digests = new Set<string | null>(all.map(({ stored }) => stored.digest));
      for (const { stored } of all.slice(1)) expect(digests).toContain(stored.record.prev);
    });
  });

  it('never takes the place of a record that was seen being made', async () => {
    const repo = await repoForTest();
    const before = await repo.git('rev-parse', 'HEAD');
    const commit = await repo.commit('Done', { a: 'a' });
    const [tree = '', parentTree = ''] = (await repo.git('log', '--format=%T')).split('\n');
    await withLedger(repo, async (ledger) => {
      const seen = storedExecution({ tree, head: { commit: before, tree: parentTree, parents: [] } });
      const lines = [seen.line, storedBinding(seen, commit, { tree, sealed: false }).line];
      await appendToNotes(ledger, [{ object: commit, lines: () => lines }], {
        identity: IDENTITY,
        message: 'Seen\n',
      });
      const imported = {
        assurance: 'imported',
        source: { format: 'file', unit: 'x' },
        txn: newUlid(NOW),
      } as const;
      // As the second and third of their transactions: a later record alone would win.
      const works = [before, commit].flatMap((one) => [work(one), work(one, imported)]);
      await recordExisting(ledger, works, OPTIONS);
      const document = await shown(ledger, commit);
      expect([document.record, document.capture?.assurance]).toEqual([seen.digest, null]);
      expect(document.others).toHaveLength(2);
      expect((await shown(ledger, before)).capture?.assurance).toBe('imported');
    });
  });

  it('nor where that one was rebased, and fits the commit less exactly', async () => {
    const repo = await repoForTest();
    await withLedger(repo, async (ledger) => {
      await repo.git('checkout', '-q', '-b', 'topic');
      const { record } = await agentCommit(repo, ledger, { a: 'a\n' });
      await repo.git('checkout', '-q', 'main');
      await repo.commit('Meanwhile', { b: 'b\n' });
      await repo.git('rebase', '-q', 'main', 'topic');
      const commit = await repo.git('rev-parse', 'topic');
      await recordExisting(ledger, [work(commit, { assurance: 'imported' })], OPTIONS);
      const document = await shown(ledger, commit);
      expect(document).toMatchObject({ record: record.digest, binding: 'same-patch' });
      expect(document.others).toHaveLength(1);
      const again = await recordExisting(
        ledger,
        [work(commit, { source: { format: 'test', unit: 'two' } })],
        { ...OPTIONS, skipRecorded: true },
      );
      expect(again).toEqual([]);
    });
  });

  it('knows merges, first commits and empty ones', async () => {
    const repo = await repoForTest();
    const root = await repo.git('rev-parse', 'HEAD');
    await repo.git('checkout', '-q', '-b', 'topic');
    await repo.commit('Topic', { t: 't' });
    await repo.git('checkout', '-q', 'main');
    const empty = await repo.commit('Nothing');
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'topic');
    const merge = await repo.git('rev-parse', 'HEAD');
    await withLedger(repo, async (ledger) => {
      await recordExisting(
        ledger,
        [merge, root, empty].map((commit) => work(commit)),
        OPTIONS,
      );
      const all = await records(ledger);
      expect(all.map(({ object }) => object)).toEqual([root, empty, merge]);
      expect(all.map(({ binding }) => binding?.patchId === null)).toEqual([false, true, true]);
      expect(all.map(({ stored }) => stored.record.files.map(({ path }) => path))).toEqual([
        ['README.md'],
        [],
        ['t'],
      ]);
      expect(all[0]?.stored.record.head).toEqual({ commit: null, tree: null, parents: [] });
      expect((await shown(ledger, merge)).binding).toBe('exact');
    });
  });

  it('says what it can not know where history ends', async () => {
    const repo = await repoForTest();
    const tip = await repo.commit('Tip', { a: 'a' });
    await repo.git('clone', '-q', '--depth=1', `file://${repo.dir}`, '../shallow');
    const shallow = repoAt(repo.path('..', 'shallow'), repo.home);
    await withLedger(shallow, async (ledger) => {
      await recordExisting(ledger, [work(tip)], OPTIONS);
      const document = await shown(ledger, tip);
      expect(document).toMatchObject({ binding: 'exact', files: [] });
      expect(document.gaps).toEqual([
        'the parent is not in this clone, so what the commit changed is unknown',
      ]);
    });
  });

  it('names a commit that is not here, and writes nothing', async () => {
    const repo = await repoForTest();
    const here = await repo.git('rev-parse', 'HEAD');
    await withLedger(repo, async (ledger) => {
      const works = [work(here), work('1'.repeat(40))];
      await expect(recordExisting(ledger, works, OPTIONS)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await records(ledger)).toEqual([]);
    });
  });

  it('works with SHA-256', async () => {
    const repo = await repoForTest({ objectFormat: 'sha256' });
    const commit = await repo.commit('Done', { a: 'a' });
    await withLedger(repo, async (ledger) => {
      await recordExisting(ledger, [work(commit)], OPTIONS);
      const [one] = await records(ledger);
      expect(one?.binding?.patchId).toMatch(/^[0-9a-f]{64}$/);
      expect((await shown(ledger, commit)).binding).toBe('exact');
    });
  });
});

describe('txnOfSource', () => {
  it('is a ULID for any source and any time, and differs with the source', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.double(), (unit, other, time) => {
        const source = { format: 'entire', unit };
        expect(isUlid(txnOfSource(source, time))).toBe(true);
        expect(txnOfSource(source, time)).toBe(txnOfSource({ ...source }, time));
        expect(txnOfSource(source, time) === txnOfSource({ ...source, unit: other }, time)).toBe(
          unit === other,
        );
      }),
    );
  });
});
