import { appendFile, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { placeOf } from '../../lib/capture/place.ts';
import { landRewound } from '../../lib/capture/rewound/index.ts';
import { loadTips, mayHaveMoved, parseTips } from '../../lib/capture/rewound/tips.ts';
import { readConfig } from '../../lib/git/repository/config.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { landingsOf } from '../../lib/ledger/binding/landings.ts';
import { type Ledger, openLedger, readNote } from '../../lib/ledger/ledger.ts';
import { agentCommit } from '../support/agent-commits.ts';
import { repoForTest } from '../support/recorded.ts';
import type { TestRepo } from '../support/repo.ts';

interface Scene {
  readonly repo: TestRepo;
  readonly ledger: Ledger;
  readonly look: () => Promise<string[]>;
  /** Grades of the landings in a commit. */
  readonly grades: (revision?: string) => Promise<string[]>;
}

async function scene(): Promise<Scene> {
  const repo = await repoForTest();
  const ledger = openLedger(await findRepository({ cwd: repo.dir }));
  const env = { GIT_COMMITTER_NAME: 'Jane Doe', GIT_COMMITTER_EMAIL: 'jane@example.com' };
  const config = await readConfig(ledger.repo, ['user']);
  return {
    repo,
    ledger,
    look: () => landRewound(ledger, { via: 'test', env, config, now: Date.now(), patience: 5000 }),
    grades: async (revision = 'HEAD') => {
      const oid = await repo.git('rev-parse', revision);
      const landings = landingsOf(await readNote(ledger, oid));
      return landings.filter(({ commit }) => commit === oid).map(({ grade }) => grade);
    },
  };
}

describe('a branch that was rewritten where no hook told', () => {
  it('reset and commit again: the record goes along', async () => {
    const { repo, ledger, look, grades } = await scene();
    await agentCommit(repo, ledger, { 'a.txt': 'a\n' });
    await look();
    await repo.git('reset', '-q', '--soft', 'HEAD^');
    await repo.git('commit', '-q', '-m', 'Typed anew');
    expect(await look()).toHaveLength(1);
    expect(await grades()).toEqual(['exact']);
    expect(await look()).toEqual([]);
    ledger.close();
  });

  it('also when somebody looked between the reset and the commit', async () => {
    const { repo, ledger, look, grades } = await scene();
    await agentCommit(repo, ledger, { 'a.txt': 'a\n' });
    await look();
    await repo.git('reset', '-q', '--soft', 'HEAD^');
    await look();
    await repo.commit('Something else first', { 'b.txt': 'b\n', 'a.txt': '' });
    await look();
    await repo.commit('Typed anew', { 'c.txt': 'c\n' });
    expect(await look()).toEqual([]);
    await repo.git('reset', '-q', '--hard', 'HEAD~2');
    await repo.commit('Typed anew', { 'a.txt': 'a\n' });
    await look();
    expect(await grades()).toEqual(['exact']);
    ledger.close();
  });

  it('commit-tree and update-ref: each commit of a restack', async () => {
    const { repo, ledger, look, grades } = await scene();
    await agentCommit(repo, ledger, { 'a.txt': 'a\n' });
    await agentCommit(repo, ledger, { 'b.txt': 'b\n' });
    await look();
    const one = await repo.git('commit-tree', '-m', 'One', '-p', 'HEAD~2', 'HEAD^^{tree}');
    const two = await repo.git('commit-tree', '-m', 'Two', '-p', one, 'HEAD^{tree}');
    await repo.git('update-ref', 'refs/heads/main', two);
    await look();
    expect([await grades(one), await grades(two)]).toEqual([['exact'], ['exact']]);
    ledger.close();
  });

  it('several reset into one', async () => {
    const { repo, ledger, look, grades } = await scene();
    const first = await agentCommit(repo, ledger, { 'a.txt': 'a\n' });
    await agentCommit(repo, ledger, { 'b.txt': 'b\n' }, { after: first });
    await look();
    await repo.git('reset', '-q', '--soft', 'HEAD~2');
    await repo.git('commit', '-q', '-m', 'Both');
    await look();
    expect(await grades()).toEqual(['squashed', 'squashed']);
    ledger.close();
  });

  it('a branch that only grew, a revert and its revert land nothing', async () => {
    const { repo, ledger, look, grades } = await scene();
    await agentCommit(repo, ledger, { 'a.txt': 'a\n' });
    await look();
    await repo.commit('By hand', { 'b.txt': 'b\n' });
    await repo.git('revert', '--no-edit', 'HEAD^');
    await repo.git('revert', '--no-edit', 'HEAD');
    expect(await look()).toEqual([]);
    expect(await grades()).toEqual([]);
    ledger.close();
  });

  it('another change by a person after a reset is nobody else’s', async () => {
    const { repo, ledger, look, grades } = await scene();
    await agentCommit(repo, ledger, { 'a.txt': 'a\n' });
    await look();
    await repo.git('reset', '-q', '--hard', 'HEAD^');
    await repo.commit('By hand', { 'a.txt': 'a by hand\n' });
    expect(await look()).toEqual([]);
    expect(await grades()).toEqual([]);
    ledger.close();
  });
});

describe('where branches were', () => {
  it('is asked again only after HEAD’s log was written', async () => {
    const { repo, ledger, look } = await scene();
    const place = placeOf(ledger.repo);
    expect(await mayHaveMoved(ledger.repo, place)).toBe(false);
    await look();
    const past = new Date(Date.now() - 60_000);
    await utimes(repo.path('.git/logs/HEAD'), past, past);
    expect(await mayHaveMoved(ledger.repo, place)).toBe(false);
    await appendFile(repo.path('.git/logs/HEAD'), '');
    await utimes(repo.path('.git/logs/HEAD'), new Date(), new Date(Date.now() + 1000));
    expect(await mayHaveMoved(ledger.repo, place)).toBe(true);
    ledger.close();
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no lists', '{"tips":{},"left":{}}'],
    ['null', 'null'],
  ])('a file with %s is no state', (_, text) => {
    expect(parseTips(text)).toBeNull();
  });

  it('what is no id never gets to git as a revision', async () => {
    const { ledger, look } = await scene();
    const place = placeOf(ledger.repo);
    await look();
    const oid = 'a'.repeat(40);
    const tips = [['refs/heads/main', '--all'], ['refs/heads/x', oid], 'HEAD', [1, oid]];
    await writeFile(place.tips, JSON.stringify({ tips, left: ['--output=x', oid, 7] }));
    expect(await loadTips(place)).toEqual({ tips: new Map([['refs/heads/x', oid]]), left: [oid] });
    expect(await look()).toEqual([]);
    ledger.close();
  });
});
