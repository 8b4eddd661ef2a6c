import { readdir, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { endLanded } from '../../../lib/capture/transaction/until-landed.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { appendLandings } from '../../../lib/ledger/binding/landings.ts';
import { openLedger } from '../../../lib/ledger/ledger.ts';
import { agentCommit, agentGit, asAgent, recorded } from '../../support/recorded.ts';
import { IDENTITY, landing } from '../../support/records.ts';
import type { TestRepo } from '../../support/repo.ts';
import { showOf } from '../../support/seal.ts';
import { ask, payload, spool } from '../../support/spool.ts';
import { eventually } from '../../support/wait.ts';

/** A session at work on `topic`, which has one commit of it. */
async function onTopic(): Promise<{ repo: TestRepo; first: string }> {
  const repo = await recorded();
  await repo.git('checkout', '-q', '-b', 'topic');
  await ask(repo, 'Write a.txt');
  return { repo, first: await agentCommit(repo, 'One', { 'a.txt': 'a\n' }) };
}

let number = 0;

async function nextTxn(repo: TestRepo): Promise<string> {
  number += 1;
  return txnOf(repo, await agentCommit(repo, `Next ${number}`, { [`next-${number}.txt`]: 'n\n' }));
}

async function txnOf(repo: TestRepo, commit: string): Promise<string> {
  return (await showOf(repo, commit)).txn ?? '';
}

/** What relink writes once it has found a record's work in another commit. */
async function land(repo: TestRepo, from: string, commit: string): Promise<void> {
  const { txn, record } = await showOf(repo, from);
  const ledger = openLedger(await findRepository({ cwd: repo.dir }));
  const fields = { txn: txn ?? newUlid(0), record: record ?? '', from, commit, grade: 'squashed' } as const;
  await appendLandings(ledger, [landing(fields)], { identity: IDENTITY, message: 'land\n', patience: 5000 });
  ledger.close();
}

/** The commit a host makes of a branch: one, with everything in it. */
async function squash(repo: TestRepo, ...commits: string[]): Promise<string> {
  const tree = await repo.git('rev-parse', `${commits.at(-1) ?? ''}^{tree}`);
  const made = await repo.git('commit-tree', tree, '-p', 'main', '-m', 'Squashed');
  await repo.git('update-ref', 'refs/heads/main', made);
  const { code, stderr } = await repo.run(['relink', 'main']);
  expect(code, stderr).toBe(0);
  return made;
}

type Case = [name: string, act: (repo: TestRepo, first: string) => Promise<unknown>];

const LANDED: Case[] = [
  ['a fast-forward', (repo) => repo.git('update-ref', 'refs/heads/main', 'topic')],
  [
    'a merge commit',
    async (repo) => {
      await repo.git('checkout', '-q', 'main');
      await repo.commit('Theirs', { 'b.txt': 'b\n' });
      await repo.git('merge', '-q', '--no-ff', '--no-edit', 'topic');
      await repo.git('checkout', '-q', 'topic');
    },
  ],
  ['a squash that relink found', (repo, first) => squash(repo, first)],
  [
    'a rebase by the host that relink found',
    async (repo, first) => {
      await repo.git('checkout', '-q', 'main');
      await repo.commit('Theirs', { 'b.txt': 'b\n' });
      await repo.git('cherry-pick', first);
      await land(repo, first, await repo.git('rev-parse', 'main'));
      await repo.git('checkout', '-q', 'topic');
    },
  ],
  [
    'a remote that has it on its default branch, whatever that is called',
    async (repo) => {
      await repo.git('update-ref', 'refs/remotes/origin/trunk', 'topic');
      await repo.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk');
    },
  ],
  [
    'a branch of the same name, made again after the merge',
    async (repo) => {
      await repo.git('checkout', '-q', 'main');
      await repo.git('merge', '-q', 'topic');
      await repo.git('branch', '-q', '-d', 'topic');
      await repo.git('checkout', '-q', '-b', 'topic');
    },
  ],
  [
    'an amended commit, of which the old one is nowhere',
    async (repo) => {
      await repo.write('a.txt', 'better\n');
      await agentGit(repo, 'commit', '-q', '-a', '--amend', '--no-edit');
      await repo.git('update-ref', 'refs/heads/main', 'topic');
    },
  ],
];

const NOT_LANDED: Case[] = [
  ['nothing', () => Promise.resolve()],
  [
    'a default branch that moved without it',
    async (repo) => {
      await repo.git('checkout', '-q', 'main');
      await repo.commit('Theirs', { 'b.txt': 'b\n' });
      await repo.git('checkout', '-q', 'topic');
    },
  ],
  [
    'a pick of one of two commits',
    async (repo, first) => {
      await agentCommit(repo, 'Two', { 'b.txt': 'b\n' });
      await repo.git('checkout', '-q', 'main');
      await repo.git('cherry-pick', first);
      await land(repo, first, await repo.git('rev-parse', 'main'));
      await repo.git('checkout', '-q', 'topic');
    },
  ],
  [
    'a merge of the first of two commits',
    async (repo, first) => {
      await agentCommit(repo, 'Two', { 'b.txt': 'b\n' });
      await repo.git('update-ref', 'refs/heads/main', first);
    },
  ],
  ['a merge into another branch', (repo) => repo.git('branch', 'release', 'topic')],
  [
    'a branch of the same name, made again without a merge',
    async (repo) => {
      await repo.git('checkout', '-q', 'main');
      await repo.git('branch', '-q', '-D', 'topic');
      await repo.git('checkout', '-q', '-b', 'topic');
    },
  ],
];

describe('work on a topic branch that has landed is over', () => {
  it.each(LANDED)(
    '%s: the next commit begins a transaction, and the one after is in it',
    async (_name, act) => {
      const { repo, first } = await onTopic();
      const before = await txnOf(repo, first);
      await act(repo, first);
      const next = await nextTxn(repo);
      expect(next).not.toBe(before);
      expect(next > before).toBe(true);
      expect(await nextTxn(repo)).toBe(next);
      expect(await txnOf(repo, first)).toBe(before);
      expect(await showOf(repo)).toMatchObject({ binding: 'exact', sealed: true, integrity: { ok: true } });
    },
  );

  it.each(NOT_LANDED)('%s: the transaction goes on', async (_name, act) => {
    const { repo, first } = await onTopic();
    await act(repo, first);
    expect(await nextTxn(repo)).toBe(await txnOf(repo, first));
  });

  it('ends as often as work lands', async () => {
    const { repo } = await onTopic();
    const txns: string[] = [];
    for (let i = 0; i < 3; i++) {
      await repo.git('update-ref', 'refs/heads/main', 'topic');
      txns.push(await nextTxn(repo));
    }
    expect(new Set(txns).size).toBe(3);
    expect(txns.toSorted()).toEqual(txns);
  });

  it('begins its records anew: the first of the next has no record before it, and tells what was asked since', async () => {
    const { repo, first } = await onTopic();
    await repo.git('update-ref', 'refs/heads/main', 'topic');
    await spool(repo, payload(repo, 'UserPromptSubmit', { prompt: 'Write b.txt', prompt_id: 'p2' }), 'look');
    await nextTxn(repo);
    const [before, after] = [await showOf(repo, first), await showOf(repo)];
    expect(after.seq).toBe(1);
    expect(after.task?.digest).not.toBe(before.task?.digest);
    expect(after.prompts.map(({ digest }) => digest)).toEqual([after.task?.digest]);
  });

  it('is seen in the background where a landing came without the default branch moving', async () => {
    const { repo, first } = await onTopic();
    const before = await txnOf(repo, first);
    const tree = await repo.git('rev-parse', 'topic^{tree}');
    const made = await repo.git('commit-tree', tree, '-p', 'main', '-m', 'Squashed');
    await repo.git('update-ref', 'refs/heads/main', made);
    const second = await agentCommit(repo, 'Two', { 'b.txt': 'b\n' });
    expect(await txnOf(repo, second)).toBe(before);
    await land(repo, first, made);
    await land(repo, second, made);
    await spool(repo, payload(repo, 'Stop', { stop_hook_active: false }), 'stop');
    const [state = ''] = await readdir(repo.path('.git/agent-log/txns'));
    await eventually(async () =>
      (await repo.read(`.git/agent-log/txns/${state}`)).includes('"hasLanded":true'),
    );
    expect(await nextTxn(repo)).not.toBe(before);
  });

  it('is not kept open by a commit that was thrown away', async () => {
    const { repo, first } = await onTopic();
    const before = await txnOf(repo, first);
    await agentCommit(repo, 'Thrown away', { 'b.txt': 'b\n' });
    await repo.git('reset', '-q', '--hard', first);
    await repo.git('update-ref', 'refs/heads/main', 'topic');
    await spool(repo, payload(repo, 'Stop', { stop_hook_active: false }), 'stop');
    const [state = ''] = await readdir(repo.path('.git/agent-log/txns'));
    await eventually(async () =>
      (await repo.read(`.git/agent-log/txns/${state}`)).includes('"hasLanded":true'),
    );
    expect(await nextTxn(repo)).not.toBe(before);
  });

  it('goes on where what is kept was read before the commit it stands on was told of', async () => {
    const { repo, first } = await onTopic();
    const before = await txnOf(repo, first);
    await agentCommit(repo, 'Two', { 'b.txt': 'b\n' });
    const [name = ''] = await readdir(repo.path('.git/agent-log/txns'));
    const path = `.git/agent-log/txns/${name}`;
    const second = await repo.git('rev-parse', 'HEAD');
    await eventually(async () => (await repo.read(path)).includes(second));
    const state = JSON.parse(await repo.read(path)) as { topic: { commits: string[] } };
    state.topic.commits = [first];
    await repo.write(path, JSON.stringify(state));
    await repo.git('update-ref', 'refs/heads/main', first);
    expect(await nextTxn(repo)).toBe(before);
  });

  it('is not said to be over in the background while a record of it waits for its commit', async () => {
    const { repo } = await onTopic();
    await repo.write('b.txt', 'b\n');
    await repo.git('add', '-A');
    const refuses = { GIT_EDITOR: 'false' };
    expect((await asAgent(repo, ['commit', '-q', '-e', '-m', 'Two'], { env: refuses })).code).not.toBe(0);
    await repo.git('update-ref', 'refs/heads/main', 'topic');
    const [name = ''] = await readdir(repo.path('.git/agent-log/txns'));
    const ledger = openLedger(await findRepository({ cwd: repo.dir }));
    const isOver = async (): Promise<boolean> => {
      await endLanded(ledger, new Map(), Date.now());
      return (await repo.read(`.git/agent-log/txns/${name}`)).includes('"hasLanded":true');
    };
    expect(await isOver()).toBe(false);
    await rm(repo.path('.git/agent-log/pending'), { recursive: true });
    expect(await isOver()).toBe(true);
    ledger.close();
  });

  it.each([
    ['session', true],
    ['branch', false],
  ])('with agentLog.boundary %s it %s goes on', async (unit, goesOn) => {
    const { repo } = await onTopic();
    await repo.git('config', 'agentLog.boundary', unit);
    const before = await nextTxn(repo);
    await repo.git('update-ref', 'refs/heads/main', 'topic');
    expect((await nextTxn(repo)) === before).toBe(goesOn);
  });

  it('does not end on the default branch, where a configured branch is the unit', async () => {
    const { repo } = await onTopic();
    await repo.git('config', 'agentLog.boundary', 'branch');
    await repo.git('checkout', '-q', 'main');
    expect(await nextTxn(repo)).toBe(await nextTxn(repo));
  });

  it('starts git for it only when the default branch moved', async () => {
    const { repo } = await onTopic();
    const traced = async (): Promise<number> => {
      const log = repo.path('.git/trace');
      await repo.write('.git/trace', '');
      number += 1;
      await repo.write(`traced-${number}.txt`, 't\n');
      await repo.git('add', '-A');
      const env = {
        CLAUDECODE: '1',
        CLAUDE_CODE_SESSION_ID: '98ba7ee1-54c8-47bb-b1fc-899fbd63f387',
        GIT_TRACE: log,
      };
      await repo.tryGit(['commit', '-q', '-m', 'Traced'], { env });
      return (await repo.read('.git/trace')).split('\n').filter((line) => / rev-list /.test(line)).length;
    };
    await traced();
    expect(await traced()).toBe(0);
    await repo.git('update-ref', 'refs/heads/main', 'topic~1');
    expect(await traced()).toBe(1);
    expect(await traced()).toBe(0);
  });
});
