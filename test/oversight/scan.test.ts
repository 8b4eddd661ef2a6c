import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { openLedger } from '../../lib/ledger/ledger.ts';
import { newRiskiest, newSummary, type ScannedCommit, scanCommits } from '../../lib/oversight/scan.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

let repo: TestRepo;
let scanned: ScannedCommit[];

const ODD_PATHS = [
  'with space.txt',
  'with\nline.txt',
  '\nfirst.txt',
  '"quoted".txt',
  '\u0001x.txt',
  'ünï.txt',
];

beforeAll(async () => {
  repo = await makeRepo();
  await repo.commit('Odd names', Object.fromEntries(ODD_PATHS.map((path) => [path, 'x'])));
  await repo.commit('Bump\n\nCo-Authored-By: Claude <noreply@anthropic.com>', {
    'package.json': '{}',
    'src/a.js': '1',
  });
  await repo.commit('Roles\n\nCo-authored-by: Codex <noreply@openai.com>', {
    '.github/CODEOWNERS': '* @jane',
  });
  await repo.commit('Noted', { 'b.txt': 'b' });
  await repo.git('notes', '--ref=ai', 'add', '-m', 'authorship', 'HEAD');
  await repo.git('checkout', '-q', '-b', 'claude/topic');
  await repo.commit('On a branch', { 'c.txt': 'c' });
  await repo.git('checkout', '-q', 'main');
  await repo.git('merge', '-q', '--no-ff', '-m', 'Merge it', 'claude/topic');
  const ledger = openLedger(await findRepository({ cwd: repo.dir }));
  scanned = [];
  for await (const commit of scanCommits(ledger, ['HEAD'])) scanned.push(commit);
  ledger.close();
});

afterAll(() => repo.remove());

const bySubject = (subject: string): ScannedCommit | undefined =>
  scanned.find((commit) => commit.subject === subject);

describe('scan', () => {
  test('sees every commit once, newest first', async () => {
    expect(scanned.map(({ commit }) => commit)).toEqual((await repo.git('rev-list', 'HEAD')).split('\n'));
  });

  test('classifies by trailers, notes and branches', () => {
    expect(Object.fromEntries(scanned.map(({ subject, authorship }) => [subject, authorship]))).toEqual({
      'Merge it': 'human',
      'On a branch': 'unknown',
      Noted: 'agent',
      Roles: 'agent',
      Bump: 'agent',
      'Odd names': 'human',
      First: 'human',
    });
  });

  test('tells risk classes and the riskiest path', () => {
    expect(bySubject('Bump')).toMatchObject({ classes: ['dependency-manifest'], riskiest: 'package.json' });
    expect(bySubject('Roles')).toMatchObject({ classes: ['access-and-review-control'] });
    expect(bySubject('Bump')?.lacks).toEqual(['record', 'seal', 'sponsor', 'task', 'model']);
    expect(bySubject('Noted')?.has).toEqual(['other-tool']);
  });

  test('the riskiest come first, and the counts add up', () => {
    const totals = newSummary();
    const riskiest = newRiskiest(10);
    for (const commit of scanned) {
      totals.add(commit);
      riskiest.add(commit);
    }
    expect(riskiest.list().map(({ subject }) => subject)).toEqual(['Roles', 'Bump']);
    expect(totals.summary()).toMatchObject({ commits: 7, agent: 3, unknown: 1, human: 3, recorded: 0 });
  });
});

test('names with line feeds, quotes and control characters are read as they are', async () => {
  const { streamLog } = await import('../../lib/git/history/log-stream.ts');
  const paths: string[] = [];
  for await (const commit of streamLog({ cwd: repo.dir }, ['HEAD']))
    if (commit.message.startsWith('Odd')) paths.push(...commit.paths);
  expect(paths.sort()).toEqual([...ODD_PATHS].sort());
});

test('a range nobody knows is an answer, not a crash', async () => {
  const { code, stderr } = await repo.run(['scan', 'nothing..HEAD']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: no commits are called/);
});

describe('branches named after agents', () => {
  let other: TestRepo;

  beforeAll(async () => {
    other = await makeRepo();
    await other.commit('On main', { a: '1' });
    await other.git('branch', 'claude/unused');
    await other.git('checkout', '-q', '-b', 'codex/fix');
    await other.commit('First of the agent', { b: '1' });
    await other.commit('Second of the agent', { b: '2' });
    await other.git('checkout', '-q', '-b', 'jane/more');
    await other.commit('On top, by Jane', { c: '1' });
    await other.git('checkout', '-q', 'codex/fix');
    await other.commit('Third of the agent', { b: '3' });
  });

  afterAll(() => other.remove());

  const hints = async (cwd: string, range: string): Promise<Record<string, string[]>> => {
    const ledger = openLedger(await findRepository({ cwd }));
    const found: Record<string, string[]> = {};
    for await (const { subject, signals, authorship } of scanCommits(ledger, [range])) {
      expect(authorship).toBe(signals.length > 0 ? 'unknown' : 'human');
      found[subject] = signals.map(({ seen }) => seen);
    }
    ledger.close();
    return found;
  };

  test('have as theirs what no other branch has, and a branch nobody used has nothing', async () => {
    expect(await hints(other.dir, 'codex/fix')).toEqual({
      'Third of the agent': ['codex/fix'],
      'Second of the agent': [],
      'First of the agent': [],
      'On main': [],
      First: [],
    });
    await other.git('branch', '-D', '-q', 'jane/more');
    expect(await hints(other.dir, 'codex/fix')).toMatchObject({
      'Second of the agent': ['codex/fix'],
      'First of the agent': ['codex/fix'],
      'On main': [],
    });
  });

  test('prove nothing of all of history where the default branch was not cloned', async () => {
    const alone = other.path('../alone');
    await other.git('clone', '-q', '--single-branch', '-b', 'codex/fix', `file://${other.dir}`, alone);
    expect(await hints(alone, 'HEAD')).toMatchObject({
      'Third of the agent': ['codex/fix'],
      'On main': [],
      First: [],
    });
  });
});

test('notes that git-ai fetched from a remote count, notes of people on the same ref as a tool’s do not', async () => {
  const other = await makeRepo();
  try {
    const noted = await other.commit('Noted elsewhere', { a: '1' });
    await other.git('notes', '--ref=ai-remote/origin', 'add', '-m', 'x', noted);
    const reviewed = await other.commit('Reviewed', { a: '2' });
    await other.git('notes', 'add', '-m', 'Looks good', reviewed);
    const session = await other.commit('With a session', { a: '3' });
    await other.git('notes', 'add', '-m', '# Git Memento Session', session);
    const ledger = openLedger(await findRepository({ cwd: other.dir }));
    const found: Record<string, string[]> = {};
    for await (const { subject, signals } of scanCommits(ledger, ['HEAD']))
      found[subject] = signals.map(({ agent, seen }) => `${agent} ${seen}`);
    ledger.close();
    expect(found).toEqual({
      'With a session': ['memento refs/notes/commits'],
      Reviewed: [],
      'Noted elsewhere': ['git-ai refs/notes/ai-remote/origin'],
      First: [],
    });
  } finally {
    await other.remove();
  }
});
