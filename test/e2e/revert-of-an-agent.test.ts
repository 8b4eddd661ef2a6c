import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RevertPlan } from '../../lib/revert/plan.ts';
import { commits, haveClaude, SETUP_MS, session, writes } from '../support/clients/claude-stage.ts';
import {
  cloneOf,
  deleteBranch,
  elsewhereOnMain,
  githubMerge,
  githubRebase,
  githubSquash,
  type Host,
  makeHost,
  openChange,
} from '../support/host.ts';
import type { Step } from '../support/models/anthropic.ts';
import { install } from '../support/recorded.ts';
import { repoAt, type TestRepo } from '../support/repo.ts';
import { lines } from '../support/revert.ts';
import { REVERT } from '../support/revert-outcome.ts';
import { eventually } from '../support/wait.ts';

type Lines = Readonly<Record<number, string>>;

/** A file of forty lines, some of them replaced. */
function prices(replaced: Lines = {}): string {
  return lines(
    Array.from({ length: 40 }, (_, i) => replaced[i + 1] ?? `export const price${i + 1} = ${i + 1};`),
  );
}

const AGENT: Lines = { 5: 'export const price5 = withTax(5);', 25: 'export const price25 = withTax(25);' };
const PERSON: Lines = { 15: 'export const price15 = 16;' };
const LATER: Lines = { 35: 'export const price35 = 36;' };

/** An edit of the model's: it has to have read the file. */
function edits(path: string, from: string, to: string): Step[] {
  return [
    { tool: 'Read', input: { file_path: path } },
    { tool: 'Edit', input: { file_path: path, old_string: from, new_string: to } },
  ];
}

/** Claude Code commits three times on a branch, and a person between. Gives the transaction. */
async function workTogether(dev: TestRepo): Promise<string> {
  const at = (path: string): string => dev.path(path);
  const [five = '', twentyFive = ''] = Object.values(AGENT);
  await dev.git('checkout', '-q', '-b', 'topic');
  const { sessionId } = await session(dev, 'Prices need their tax.', [
    ...edits(at('prices.js'), 'export const price5 = 5;', five),
    writes(at('src/tax.js'), 'export const withTax = (price) => price * 1.2;\n'),
    commits('Add the tax'),
    { text: 'Done.' },
  ]);
  await dev.commit('Correct a price', { 'prices.js': prices({ ...PERSON, 5: five }), 'notes.md': 'Mine.\n' });
  const resume = { extraArgs: ['--resume', sessionId] };
  await session(
    dev,
    'And the other one.',
    [
      ...edits(at('prices.js'), 'export const price25 = 25;', twentyFive),
      commits('Tax the other one'),
      { text: 'Done.' },
    ],
    resume,
  );
  await dev.commit('Say where it is sold', { 'README.md': 'A shop.\nIn Oslo.\n' });
  await session(
    dev,
    'Write a test.',
    [
      writes(at('test/tax.test.js'), 'test("tax", () => withTax(1) === 1.2);\n'),
      commits('Test the tax', 'printf "test: node --test\\n" >> tasks.yaml && '),
      { text: 'Done.' },
    ],
    resume,
  );
  const txns = new Set<string>();
  for (const subject of ['Add the tax', 'Tax the other one', 'Test the tax']) {
    const oid = await dev.git('log', '-1', '--format=%H', `--grep=^${subject}$`);
    await eventually(async () => /exact/.test((await dev.run(['show', oid])).stdout));
    txns.add((JSON.parse((await dev.run(['show', oid, '--json'])).stdout) as { txn: string }).txn);
  }
  expect(txns.size).toBe(1);
  return [...txns][0] ?? '';
}

/** What CI does once a change has landed. */
async function relinked(host: Host): Promise<void> {
  const ci = await cloneOf(host, '--config', 'remote.origin.fetch=+refs/pull/*:refs/pull/*');
  for (const args of [['sync', '--fetch'], ['relink'], ['sync']]) {
    const { code, stderr } = await ci.run(args);
    expect(code, stderr).toBe(0);
  }
}

/** The tree of these files and nothing else, made without any history. */
async function treeOf(repo: TestRepo, files: Readonly<Record<string, string>>): Promise<string> {
  const env = { GIT_INDEX_FILE: join(repo.dir, '..', 'index') };
  for (const [path, content] of Object.entries(files)) {
    const blob = await repo.exec('git', ['hash-object', '-w', '--stdin'], { input: content });
    const entry = `100644,${blob.stdout.trim()},${path}`;
    expect((await repo.exec('git', ['update-index', '--add', '--cacheinfo', entry], { env })).code).toBe(0);
  }
  return (await repo.exec('git', ['write-tree'], { env })).stdout.trim();
}

const WITHOUT_AGENT = {
  'README.md': 'A shop.\nIn Oslo.\n',
  'notes.md': 'Mine.\nAnd more.\n',
  'prices.js': prices({ ...PERSON, ...LATER }),
  'tasks.yaml': 'build: make\n',
  'new.md': 'Later.\n',
};

type Landing = readonly [how: string, land: (host: Host) => Promise<unknown>, kinds: readonly string[]];

const LANDINGS: readonly Landing[] = [
  ['squash', async (host) => githubSquash(host, await openChange(host, 'topic')), ['part']],
  [
    'squash with a title only',
    async (host) => githubSquash(host, await openChange(host, 'topic'), 'title'),
    ['part'],
  ],
  [
    'rebase',
    async (host) => githubRebase(host, await openChange(host, 'topic')),
    ['commit', 'commit', 'commit'],
  ],
  ['merge commit', async (host) => githubMerge(host, await openChange(host, 'topic')), ['part']],
];

describe.skipIf(!haveClaude('undoing what Claude Code did'))('undoing what Claude Code did', () => {
  test(
    'three commits between a person’s, landed by a server, two more follow: a fresh clone gives the tree without them',
    async () => {
      const host = await makeHost();
      await elsewhereOnMain(host, {
        'prices.js': prices(),
        'README.md': 'A shop.\n',
        'tasks.yaml': 'build: make\n',
      });
      const dev = await cloneOf(host);
      await install(dev);
      await dev.git('config', 'agentLog.push', 'false');
      const txn = await workTogether(dev);
      await dev.git('push', '-q', 'origin', 'topic');
      expect((await dev.run(['sync'])).code).toBe(0);
      for (const landing of LANDINGS) await landAndRevert(host, txn, landing);
    },
    SETUP_MS * 2,
  );
});

async function landAndRevert(origin: Host, txn: string, [how, land, kinds]: Landing): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-landing-'));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  await cp(origin.dir, join(root, 'host'), { recursive: true });
  const host = repoAt(join(root, 'host'), root);
  await land(host);
  await relinked(host);
  await deleteBranch(host, {
    number: 1,
    title: '',
    description: '',
    branch: 'topic',
    ref: 'refs/pull/1/head',
  });
  const both = { ...AGENT, ...PERSON, ...LATER };
  await elsewhereOnMain(host, { 'prices.js': prices(both), 'new.md': 'Later.\n' });
  await elsewhereOnMain(host, { 'notes.md': 'Mine.\nAnd more.\n' });
  const clone = await cloneOf(host);
  expect((await clone.run(['sync', '--fetch'])).code, how).toBe(0);
  const planned = await clone.exec(REVERT, [txn, '--plan', '--json']);
  const plan = JSON.parse(planned.stdout) as RevertPlan;
  expect(plan, `${how}: ${plan.why.join('; ')}`).toMatchObject({
    verdict: 'clean',
    claimed: [],
    residue: [],
    superseded: [],
  });
  expect(
    plan.units.map(({ kind }) => kind),
    how,
  ).toEqual(kinds);
  const head = await clone.git('rev-parse', 'HEAD');
  const done = await clone.exec(REVERT, [txn, '--reason', 'Prices are sold without tax.']);
  expect(done.code, done.stderr).toBe(0);
  expect(await clone.git('rev-parse', 'HEAD^'), how).toBe(head);
  expect(await clone.git('status', '--porcelain'), how).toBe('');
  expect(await clone.git('rev-parse', 'HEAD^{tree}'), how).toBe(await treeOf(clone, WITHOUT_AGENT));
  const again = JSON.parse((await clone.exec(REVERT, [txn, '--plan', '--json'])).stdout) as RevertPlan;
  expect(['already-reverted', 'noop'], how).toContain(again.verdict);
}
