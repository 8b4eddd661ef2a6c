import { describe, expect, it } from 'vitest';
import { applyAdoption } from '../../../lib/capture/adopt/apply.ts';
import { type AdoptPlan, type AdoptRequest, planAdoption } from '../../../lib/capture/adopt/plan.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { type Ledger, openLedger } from '../../../lib/ledger/ledger.ts';
import { scanLedger } from '../../../lib/ledger/reading/scan.ts';
import { agentCommit, recorded, repoForTest } from '../../support/recorded.ts';
import { IDENTITY, NOW } from '../../support/records.ts';
import { repoAt, type TestRepo } from '../../support/repo.ts';

const BY_CLAUDE = 'Co-Authored-By: Claude <noreply@anthropic.com>';
const OPTIONS = { identity: IDENTITY, now: NOW };
const HISTORY: AdoptRequest = { ranges: ['HEAD'], commits: [], map: null, by: 'session' };

async function withLedger<T>(repo: TestRepo, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = openLedger(await findRepository({ cwd: repo.dir, foreign: true }));
  try {
    return await use(ledger);
  } finally {
    ledger.close();
  }
}

function groups(plan: AdoptPlan): Record<string, string[]> {
  return Object.fromEntries(
    plan.txns.map(({ source, commits }) => [
      `${source.format} ${source.unit}`,
      commits.map(({ commit }) => commit),
    ]),
  );
}

async function records(ledger: Ledger): Promise<number> {
  let count = 0;
  for await (const _ of scanLedger(ledger)) count++;
  return count;
}

/** A file in a commit of its own, on a ref that no branch leads to. */
async function putFile(repo: TestRepo, ref: string, path: string, content: string): Promise<void> {
  await repo.write('scratch', content);
  const blob = await repo.git('hash-object', '-w', 'scratch');
  const env = { GIT_INDEX_FILE: repo.path('..', 'other-index') };
  await repo.exec('git', ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], { env });
  const { stdout } = await repo.exec('git', ['write-tree'], { env });
  await repo.git('update-ref', ref, await repo.git('commit-tree', '-m', 'Checkpoint', stdout.trim()));
  await repo.exec('rm', ['scratch', '../other-index']);
}

describe('planAdoption', () => {
  it('of a range takes what an agent made, and says how many it left', async () => {
    const repo = await repoForTest();
    const agent = await repo.commit(`By an agent\n\n${BY_CLAUDE}`);
    await repo.commit(
      'Bump\n\nCo-authored-by: dependabot <49699333+dependabot[bot]@users.noreply.github.com>',
    );
    const person = await repo.commit('By a person');
    await withLedger(repo, async (ledger) => {
      const plan = await planAdoption(ledger, HISTORY);
      expect(groups(plan)).toEqual({ [`commit ${agent}`]: [agent] });
      expect(plan.left).toEqual({ recorded: 0, human: 2, unknown: 1 });
      const named = await planAdoption(ledger, { ...HISTORY, ranges: [], commits: ['HEAD'], agent: 'mine' });
      expect(named.txns[0]?.commits[0]).toMatchObject({ commit: person, agent: { name: 'mine' } });
    });
  });

  it('holds together what Entire, git-ai and others say is one session', async () => {
    const repo = await repoForTest();
    const commit = (...lines: string[]) => repo.commit(['Work', '', ...lines, BY_CLAUDE].join('\n'));
    const entire = [
      await commit('Entire-Checkpoint: aaaaaaaaaaaa'),
      await commit('Entire-Checkpoint: bbbbbbbbbbbb'),
    ];
    const unseen = await commit('Entire-Checkpoint: cccccccccccc');
    const gitAi = [await repo.commit('One'), await repo.commit('Two')];
    const claude = await commit('Claude-Session: https://claude.ai/code/session_1');
    const metadata = JSON.stringify({ session_id: 'the-session', model: 'some-model' });
    await putFile(repo, 'refs/heads/entire/checkpoints/v1', 'aa/aaaaaaaaaa/0/metadata.json', metadata);
    await putFile(repo, 'refs/entire/checkpoints/bb/bbbbbbbbbbbb', '1/metadata.json', metadata);
    const authorship = {
      prompts: { '0123456789abcdef': { agent_id: { tool: 'cursor', id: 'chat-7', model: 'm' } } },
    };
    for (const oid of gitAi)
      await repo.git(
        'notes',
        '--ref=ai',
        'add',
        '-m',
        `a.txt\n  0123456789abcdef 1-2\n---\n${JSON.stringify(authorship)}`,
        oid,
      );
    await withLedger(repo, async (ledger) => {
      const plan = await planAdoption(ledger, HISTORY);
      expect(groups(plan)).toEqual({
        'entire the-session': entire,
        'entire-checkpoint cccccccccccc': [unseen],
        'git-ai chat-7': gitAi,
        'claude-session session_1': [claude],
      });
      const [first] = plan.txns.find(({ source }) => source.format === 'git-ai')?.commits ?? [];
      expect(first).toMatchObject({ agent: { name: 'cursor', sessionId: 'chat-7' }, model: { name: 'm' } });
    });
  });

  it('security: a note or checkpoint that is no such thing is passed over', async () => {
    const repo = await repoForTest();
    const oid = await repo.commit(`Work\n\nEntire-Checkpoint: aaaaaaaaaaaa\n${BY_CLAUDE}`);
    const other = await repo.commit('Noted');
    await putFile(repo, 'refs/heads/entire/checkpoints/v1', 'aa/aaaaaaaaaa/0/metadata.json', '[[[[');
    await repo.git(
      'notes',
      '--ref=ai',
      'add',
      '-m',
      '---\n{"prompts":[1,{"agent_id":{"id":{"x":1}}}]}',
      other,
    );
    await withLedger(repo, async (ledger) => {
      expect(groups(await planAdoption(ledger, HISTORY))).toEqual({
        'entire-checkpoint aaaaaaaaaaaa': [oid],
        [`commit ${other}`]: [other],
      });
    });
  });

  it('names commits nobody knows, and one that is in two transactions', async () => {
    const repo = await repoForTest();
    const oid = await repo.git('rev-parse', 'HEAD');
    // A branch called like an id is not meant.
    await repo.git('branch', 'abcdef1');
    const plan = (map: Record<string, string[]>) =>
      withLedger(repo, (ledger) =>
        planAdoption(ledger, { ...HISTORY, ranges: [], map: new Map(Object.entries(map)) }),
      );
    await expect(plan({ a: ['abcdef1', '2222222'] })).rejects.toThrow(/'abcdef1', '2222222'/);
    await expect(plan({ a: [oid], b: [oid.slice(0, 7)] })).rejects.toThrow(/is in 'a' and in 'b'/);
    expect(groups(await plan({ a: [oid, oid.slice(0, 9)] }))).toEqual({ 'txn-map a': [oid] });
  });
});

describe('applyAdoption', () => {
  it('changes nothing the second time, and goes on with a session later', async () => {
    const repo = await repoForTest();
    const trailers = `Claude-Session: https://claude.ai/code/session_1\n${BY_CLAUDE}`;
    await repo.commit(`One\n\n${trailers}`);
    await withLedger(repo, async (ledger) => {
      const words = { sponsor: null };
      const plan = await planAdoption(ledger, HISTORY);
      const [first] = await applyAdoption(ledger, plan, words, OPTIONS);
      // The very same plan again, as another process would have made it before.
      expect(await applyAdoption(ledger, plan, words, OPTIONS)).toEqual([]);
      const again = await planAdoption(ledger, HISTORY);
      expect([again.txns, again.left.recorded]).toEqual([[], 1]);
      expect(await applyAdoption(ledger, { ...plan, txns: again.txns }, words, OPTIONS)).toEqual([]);
      await repo.commit(`Two\n\n${trailers}`);
      const [second] = await applyAdoption(ledger, await planAdoption(ledger, HISTORY), words, OPTIONS);
      expect(second?.txn).toBe(first?.txn);
      expect(await records(ledger)).toBe(2);
    });
  });

  it('knows a session again when commits before those adopted turn up', async () => {
    const repo = await repoForTest();
    const trailers = `Claude-Session: https://claude.ai/code/session_1\n${BY_CLAUDE}`;
    for (const [i, subject] of ['One', 'Two'].entries())
      await repo.exec('git', ['commit', '-q', '--allow-empty', '-m', `${subject}\n\n${trailers}`], {
        env: { GIT_COMMITTER_DATE: `2026-01-0${i + 1}T00:00:00Z` },
      });
    await withLedger(repo, async (ledger) => {
      const newest = await planAdoption(ledger, { ...HISTORY, ranges: ['HEAD~1..HEAD'] });
      await applyAdoption(ledger, newest, { sponsor: null }, OPTIONS);
      const all = await planAdoption(ledger, HISTORY);
      expect(all.txns.map(({ txn }) => txn)).toEqual([newest.txns[0]?.txn]);
    });
  });

  it('leaves a commit alone that has a record of any kind', async () => {
    const repo = await repoForTest();
    await repo.commit(`One\n\n${BY_CLAUDE}`);
    await withLedger(repo, async (ledger) => {
      const bySession = await planAdoption(ledger, HISTORY);
      const byBranch = await planAdoption(ledger, { ...HISTORY, by: 'branch' });
      await applyAdoption(ledger, byBranch, { sponsor: null }, OPTIONS);
      await applyAdoption(ledger, bySession, { sponsor: null }, OPTIONS);
      expect(await records(ledger)).toBe(1);
    });
  });

  it('leaves a commit alone that a host made of a recorded one, whether it was linked or not', async () => {
    const repo = await recorded();
    await repo.git('checkout', '-q', '-b', 'topic');
    await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    await repo.git('checkout', '-q', 'main');
    await repo.commit('Meanwhile');
    await repo.git('-c', 'core.hooksPath=/dev/null', 'cherry-pick', 'topic');
    await repo.run(['list']);
    for (const link of [false, true]) {
      if (link) await repo.run(['relink', 'HEAD']);
      await withLedger(repo, async (ledger) => {
        const plan = await planAdoption(ledger, HISTORY);
        expect(plan).toMatchObject({ txns: [], left: { recorded: 1 } });
        const commits = [await repo.git('rev-parse', 'HEAD')];
        const named = await planAdoption(ledger, { ...HISTORY, ranges: [], commits });
        expect(named).toMatchObject({ txns: [], left: { recorded: 1 } });
      });
    }
  });

  it('comes to the same transactions in another clone', async () => {
    const repo = await repoForTest();
    await repo.commit(`One\n\n${BY_CLAUDE}`);
    await repo.commit(`Two\n\nClaude-Session: https://claude.ai/code/session_1\n${BY_CLAUDE}`);
    await repo.git('clone', '-q', repo.dir, '../clone');
    const plans = await Promise.all(
      [repo, repoAt(repo.path('..', 'clone'), repo.home)].map((at) =>
        withLedger(at, (ledger) => planAdoption(ledger, HISTORY)),
      ),
    );
    expect(plans[0]?.txns).toHaveLength(2);
    expect(plans[1]).toEqual(plans[0]);
  });
});
