import { describe, expect, it } from 'vitest';
import { parseNote } from '../../lib/core/records/note.ts';
import { isLanding, isReadable, type LandingRecord } from '../../lib/core/records/record.ts';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import {
  type Change,
  cloneOf,
  deleteBranch,
  elsewhereOnMain,
  type GitlabTemplate,
  gerritCherryPick,
  githubMerge,
  githubQueue,
  githubRebase,
  githubSquash,
  gitlabSemiLinear,
  gitlabSquashAndMerge,
  gitlabSquashFf,
  type Host,
  makeHost,
  newCommits,
  openChange,
  resolveInBrowser,
  type SquashText,
} from '../support/host.ts';
import { asAgent, install } from '../support/recorded.ts';
import type { TestRepo } from '../support/repo.ts';
import { noteOf, showOf } from '../support/seal.ts';

const LEDGER = 'refs/notes/agent-log';

/** A host, and a developer whose agents work for it. */
interface Scene {
  readonly host: Host;
  readonly dev: TestRepo;
  /** An agent's commit on the branch that is checked out; a session of another name is another transaction. */
  readonly agent: (files: Readonly<Record<string, string>>, session?: string) => Promise<string>;
}

/** A commit the host made, and the agent's commits whose work is in it. */
interface Landed {
  readonly commit: string;
  readonly from: readonly string[];
  readonly binding: ShowDocument['binding'] | readonly ShowDocument['binding'][];
  readonly sealed: boolean;
  /** Records of `from` whose digest the message does not have, by position. */
  readonly unsealed?: readonly number[];
}

type Case = [name: string, merge: (scene: Scene) => Promise<readonly Landed[]>];

async function makeScene(): Promise<Scene> {
  const host = await makeHost();
  const dev = await cloneOf(host);
  await install(dev);
  // The ledger gets to the host when a test says so, not with every push.
  await dev.git('config', 'agentLog.push', 'false');
  let number = 0;
  const agent: Scene['agent'] = async (files, session = 'session-1') => {
    number += 1;
    for (const [path, content] of Object.entries(files)) await dev.write(path, content);
    await dev.git('add', '-A');
    const message = `Agent's ${number}\n\nWhy it is done.`;
    const args = ['commit', '-q', '--allow-empty', '-m', message];
    const { code, stderr } = await asAgent(dev, args, { env: { CLAUDE_CODE_SESSION_ID: session } });
    if (code !== 0) throw new Error(stderr);
    return dev.git('rev-parse', 'HEAD');
  };
  await dev.git('checkout', '-q', '-b', 'open');
  await agent({ 'open.txt': 'of a change that is not merged\n' }, 'another');
  await dev.git('push', '-q', 'origin', 'open');
  await dev.git('checkout', '-q', '-b', 'topic', 'main');
  return { host, dev, agent };
}

/** Two commits of one session on `topic`, and the change that asks for them. */
async function twoCommits({ host, dev, agent }: Scene): Promise<{ change: Change; from: string[] }> {
  const from = [await agent({ 'a.txt': 'a\n' }), await agent({ 'b.txt': 'b\n', 'a.txt': 'a\nb\n' })];
  return { change: await propose(host, dev), from };
}

async function oneCommit({ host, dev, agent }: Scene): Promise<{ change: Change; from: string[] }> {
  const from = [await agent({ 'a.txt': 'a\n' })];
  return { change: await propose(host, dev), from };
}

/** Pushes the branch and the ledger, and opens the change. */
async function propose(host: Host, dev: TestRepo, branch = 'topic'): Promise<Change> {
  await dev.git('push', '-q', 'origin', branch);
  await pushLedger(dev);
  return openChange(host, branch);
}

async function pushLedger(repo: TestRepo): Promise<void> {
  await repo.run(['show', 'HEAD']);
  await repo.git('push', '-q', 'origin', LEDGER);
}

/** Three commits of an agent: a person folds fixes into the first two, and puts the branch on a main that moved on. */
async function reviewed({ host, dev, agent }: Scene): Promise<string[]> {
  const from = [
    await agent({ 'a.txt': 'a\n' }),
    await agent({ 'b.txt': 'b\n' }),
    await agent({ 'c.txt': 'c\n' }),
  ];
  for (const [i, name] of ['a.txt', 'b.txt'].entries()) {
    await dev.write(name, `${name}, as a person fixed it\n`);
    await dev.git('commit', '-q', '--all', `--fixup=${from[i]}`);
  }
  await dev.git('-c', 'sequence.editor=true', 'rebase', '-q', '-i', '--autosquash', 'main');
  await elsewhereOnMain(host, { 'meanwhile.txt': 'm\n' });
  await dev.git('fetch', '-q', 'origin');
  await dev.git('rebase', '-q', 'origin/main');
  return from;
}

function squashed(text: SquashText, sealed: boolean): Case[1] {
  return async (scene) => {
    const { change, from } = await twoCommits(scene);
    const commit = await githubSquash(scene.host, change, text);
    return [{ commit, from, binding: 'squashed', sealed }];
  };
}

function afterMainMoved(text: SquashText, sealed: boolean): Case[1] {
  return async (scene) => {
    const { change, from } = await twoCommits(scene);
    await elsewhereOnMain(scene.host, { 'meanwhile.txt': 'm\n' });
    const commit = await githubSquash(scene.host, change, text);
    return [{ commit, from, binding: 'squashed', sealed }];
  };
}

function ofOne(text: SquashText, moved: boolean): Case[1] {
  return async (scene) => {
    const { change, from } = await oneCommit(scene);
    if (moved) await elsewhereOnMain(scene.host, { 'meanwhile.txt': 'm\n' });
    const commit = await githubSquash(scene.host, change, text);
    return [{ commit, from, binding: moved ? 'same-patch' : 'exact', sealed: text === 'commits' }];
  };
}

function gitlab(
  template: GitlabTemplate,
  sealed: boolean,
  unsealed: readonly number[] = [],
): (how: 'merge' | 'ff') => Case[1] {
  return (how) => async (scene) => {
    const { change, from } = await twoCommits(scene);
    await elsewhereOnMain(scene.host, { 'meanwhile.txt': 'm\n' });
    const commit =
      how === 'ff'
        ? await gitlabSquashFf(scene.host, change, template)
        : (await gitlabSquashAndMerge(scene.host, change, template))[0];
    return [{ commit: commit ?? '', from, binding: 'squashed', sealed, unsealed }];
  };
}

function resolvedInBrowser(text: SquashText): Case[1] {
  return async (scene) => {
    const { change, from } = await twoCommits(scene);
    await elsewhereOnMain(scene.host, { 'a.txt': 'theirs\n' });
    await resolveInBrowser(scene.host, change, { 'a.txt': 'theirs\nresolved\n' });
    const commit = await githubSquash(scene.host, change, text);
    const named = text === 'commits';
    const binding = named ? (['claimed', 'modified'] as const) : 'none';
    return [{ commit, from: named ? from : [], binding, sealed: named }];
  };
}

function withPerson(text: SquashText, sealed: boolean): Case[1] {
  return async (scene) => {
    const { host, dev, agent } = scene;
    const first = await agent({ 'a.txt': 'a\n' });
    await dev.commit('By hand', { 'human.txt': 'h\n', 'a.txt': 'a\nby hand\n' });
    const from = [first, await agent({ 'b.txt': 'b\n' })];
    const commit = await githubSquash(host, await propose(host, dev), text);
    return [{ commit, from, binding: 'squashed', sealed }];
  };
}

/** Two commits of an agent in a fork, whose ledger nobody but the fork has. */
async function forkedChange(host: Host): Promise<Change> {
  const fork = await cloneOf(host);
  await install(fork);
  await fork.git('checkout', '-q', '-b', 'from-fork');
  for (const name of ['one', 'two']) {
    await fork.write(`${name}.txt`, 'f\n');
    await fork.git('add', '-A');
    await asAgent(fork, ['commit', '-q', '-m', name]);
  }
  return openChange(host, 'from-fork', {}, fork);
}

const CASES: Case[] = [
  ['GitHub squash with the messages of the commits', squashed('commits', true)],
  ['GitHub squash with its title only', squashed('title', false)],
  ['GitHub squash with title and description', squashed('description', false)],
  ['GitHub squash after main moved on', afterMainMoved('commits', true)],
  ['GitHub squash after main moved on, with its title only', afterMainMoved('title', false)],
  ['GitHub squash of one commit', ofOne('commits', false)],
  ['GitHub squash of one commit, with its title only', ofOne('title', false)],
  ['GitHub squash of one commit after main moved on', ofOne('commits', true)],
  ['GitHub squash of one commit after main moved on, with its title only', ofOne('title', true)],
  ['GitHub squash with a conflict resolved in the browser', resolvedInBrowser('commits')],
  ['GitHub squash with a conflict resolved in the browser, with its title only', resolvedInBrowser('title')],
  ["GitHub squash of an agent's and a person's commits", withPerson('commits', true)],
  ["GitHub squash of an agent's and a person's commits, with its title only", withPerson('title', false)],
  [
    'GitHub squash of two transactions',
    async ({ host, dev, agent }) => {
      const from = [
        await agent({ 'a.txt': 'a\n' }, 'session-1'),
        await agent({ 'b.txt': 'b\n' }, 'session-2'),
        await agent({ 'a.txt': 'a\na\n' }, 'session-1'),
        await agent({ 'b.txt': 'b\nb\n' }, 'session-2'),
      ];
      const commit = await githubSquash(host, await propose(host, dev), 'title');
      return [{ commit, from, binding: 'squashed', sealed: false }];
    },
  ],
  [
    'GitHub squash of a branch with an empty commit',
    async ({ host, dev, agent }) => {
      const from = [await agent({ 'a.txt': 'a\n' }), await agent({}), await agent({ 'b.txt': 'b\n' })];
      const commit = await githubSquash(host, await propose(host, dev));
      return [{ commit, from, binding: 'squashed', sealed: true }];
    },
  ],
  [
    'GitHub squash of a branch pushed anew: what was dropped from it lands nowhere',
    async (scene) => {
      const { host, dev, agent } = scene;
      await agent({ 'dropped.txt': 'd\n' });
      await propose(host, dev);
      await dev.git('reset', '-q', '--hard', 'main');
      const from = [await agent({ 'a.txt': 'a\n' }), await agent({ 'b.txt': 'b\n' })];
      await dev.git('push', '-q', '--force', 'origin', 'topic');
      await pushLedger(dev);
      const commit = await githubSquash(host, await openChange(host, 'topic'), 'title');
      return [{ commit, from, binding: 'squashed', sealed: false }];
    },
  ],
  [
    'GitHub squash, its title only, of work that was fixed up in review and rebased before',
    async (scene) => {
      const { host, dev } = scene;
      const from = await reviewed(scene);
      const commit = await githubSquash(host, await propose(host, dev), 'title');
      return [{ commit, from, binding: 'squashed', sealed: false }];
    },
  ],
  [
    'GitHub squash, with the messages, of work that was fixed up in review and rebased before',
    async (scene) => {
      const { host, dev } = scene;
      const from = await reviewed(scene);
      const commit = await githubSquash(host, await propose(host, dev));
      return [{ commit, from, binding: 'squashed', sealed: true }];
    },
  ],
  [
    "GitHub squash of a person's branch: nobody's record",
    async ({ host, dev }) => {
      await dev.commit('By hand', { 'human.txt': 'h\n' });
      await dev.commit('By hand again', { 'human.txt': 'hh\n' });
      await githubSquash(host, await propose(host, dev));
      return [];
    },
  ],
  [
    'GitHub squash of work that was reverted in the change: what is left of it',
    async ({ host, dev, agent }) => {
      await agent({ 'a.txt': 'a\n' });
      await dev.git('revert', '--no-edit', 'HEAD');
      const from = [await agent({ 'b.txt': 'b\n' })];
      const commit = await githubSquash(host, await propose(host, dev), 'title');
      return [{ commit, from, binding: 'exact', sealed: false }];
    },
  ],
  [
    "GitHub squash of a fork's change, whose ledger is not there: its trailers are a claim",
    async ({ host }) => {
      const commit = await githubSquash(host, await forkedChange(host));
      return [{ commit, from: [], binding: 'claimed', sealed: false }];
    },
  ],
  [
    "GitHub squash of a fork's change that carries copied trailers of this project's records",
    async ({ host, dev, agent }) => {
      const mine = await agent({ 'a.txt': 'a\n' });
      await propose(host, dev);
      const message = await dev.git('log', '-1', '--format=%B', mine);
      const fork = await cloneOf(host);
      await fork.git('checkout', '-q', '-b', 'from-fork');
      await fork.commit(message, { 'evil.txt': 'not the work it names\n' });
      const commit = await githubSquash(host, await openChange(host, 'from-fork', {}, fork));
      return [{ commit, from: [], binding: 'claimed', sealed: true }];
    },
  ],
  [
    'GitHub rebase: each commit made anew',
    async (scene) => {
      const { change, from } = await twoCommits(scene);
      const commits = await githubRebase(scene.host, change);
      return commits.map((commit, i) => ({
        commit,
        from: from.slice(i, i + 1),
        binding: 'exact',
        sealed: true,
      }));
    },
  ],
  [
    'GitHub rebase after main moved on',
    async (scene) => {
      const { change, from } = await twoCommits(scene);
      await elsewhereOnMain(scene.host, { 'meanwhile.txt': 'm\n' });
      const commits = await githubRebase(scene.host, change);
      return commits.map((commit, i) => ({
        commit,
        from: from.slice(i, i + 1),
        binding: 'same-patch',
        sealed: true,
      }));
    },
  ],
  [
    'GitHub merge commit: the commits are the same, and the merge is nobody’s',
    async (scene) => {
      const { change, from } = await twoCommits(scene);
      await elsewhereOnMain(scene.host, { 'meanwhile.txt': 'm\n' });
      await githubMerge(scene.host, change);
      return from.map((commit) => ({ commit, from: [commit], binding: 'exact', sealed: true }));
    },
  ],
  [
    'GitHub merge queue: two squashes in one step',
    async (scene) => {
      const { host, dev, agent } = scene;
      const first = await twoCommits(scene);
      await dev.git('checkout', '-q', '-b', 'second', 'main');
      const from = [
        await agent({ 'c.txt': 'c\n' }, 'session-2'),
        await agent({ 'd.txt': 'd\n' }, 'session-2'),
      ];
      const second = await propose(host, dev, 'second');
      const [one = '', two = ''] = await githubQueue(host, [first.change, second]);
      return [
        { commit: one, from: first.from, binding: 'squashed', sealed: true },
        { commit: two, from, binding: 'squashed', sealed: true },
      ];
    },
  ],
  ['GitLab squash and merge commit, %{all_commits}', gitlab('%{all_commits}', true)('merge')],
  ['GitLab squash and merge commit, %{title}', gitlab('%{title}', false)('merge')],
  [
    "GitLab squash and merge commit, %{first_multiline_commit}: only the first record's digest is there",
    gitlab('%{first_multiline_commit}', true, [1])('merge'),
  ],
  ['GitLab squash as a fast-forward, %{all_commits}', gitlab('%{all_commits}', true)('ff')],
  ['GitLab squash as a fast-forward, %{description}', gitlab('%{description}', false)('ff')],
  [
    'GitLab semi-linear: rebased, then a merge commit',
    async (scene) => {
      const { change, from } = await twoCommits(scene);
      await elsewhereOnMain(scene.host, { 'meanwhile.txt': 'm\n' });
      const commits = await gitlabSemiLinear(scene.host, change);
      return commits
        .slice(0, 2)
        .map((commit, i) => ({ commit, from: from.slice(i, i + 1), binding: 'same-patch', sealed: true }));
    },
  ],
  [
    'Gerrit cherry-pick, with its footers',
    async (scene) => {
      const { change, from } = await twoCommits(scene);
      await elsewhereOnMain(scene.host, { 'meanwhile.txt': 'm\n' });
      const commits = await gerritCherryPick(scene.host, change);
      return commits.map((commit, i) => ({
        commit,
        from: from.slice(i, i + 1),
        binding: 'same-patch',
        sealed: true,
      }));
    },
  ],
  [
    'a squash of one commit whose branch and head are gone',
    async (scene) => {
      const { change, from } = await oneCommit(scene);
      await elsewhereOnMain(scene.host, { 'meanwhile.txt': 'm\n' });
      const commit = await githubSquash(scene.host, change, 'title');
      await deleteBranch(scene.host, change, true);
      return [{ commit, from, binding: 'same-patch', sealed: false }];
    },
  ],
  [
    'a squash of two whose branch and head are gone: by its trees, as main had not moved',
    async (scene) => {
      const { change, from } = await twoCommits(scene);
      const commit = await githubSquash(scene.host, change);
      await deleteBranch(scene.host, change, true);
      return [{ commit, from, binding: 'squashed', sealed: true }];
    },
  ],
  [
    'a squash of two with its title only, whose branch and head are gone after main moved on: not to be found',
    async (scene) => {
      const { change } = await twoCommits(scene);
      await elsewhereOnMain(scene.host, { 'meanwhile.txt': 'm\n' });
      await githubSquash(scene.host, change, 'title');
      await deleteBranch(scene.host, change, true);
      return [];
    },
  ],
];

/** What a pipeline has: the whole history, the heads of changes where the host has them, and the ledger. */
async function pipelineOf(host: Host): Promise<TestRepo> {
  const clone = await cloneOf(host);
  await clone.git('fetch', '-q', 'origin', '+refs/pull/*/head:refs/agent-log/heads/*');
  await clone.tryGit(['fetch', '-q', 'origin', `${LEDGER}:${LEDGER}`]);
  return clone;
}

/** The ledger's tip; '' where there is none. */
async function tipOf(repo: TestRepo): Promise<string> {
  return (await repo.tryGit(['rev-parse', '-q', '--verify', LEDGER])).stdout.trim();
}

async function freshClone(host: Host): Promise<TestRepo> {
  const clone = await cloneOf(host);
  await clone.tryGit(['fetch', '-q', 'origin', `${LEDGER}:${LEDGER}`]);
  return clone;
}

async function relink(repo: TestRepo, range: string): Promise<void> {
  const { code, stderr } = await repo.run(['relink', range]);
  expect(code, stderr).toBe(0);
}

/** The landings a commit's note has of the work in it. */
async function landedIn(repo: TestRepo, commit: string): Promise<LandingRecord[]> {
  const lines = parseNote(await noteOf(repo, commit));
  const landings = lines.filter(isReadable).filter(isLanding);
  return landings.map(({ record }) => record).filter((landing) => landing.commit === commit);
}

async function annotated(repo: TestRepo): Promise<string[]> {
  const notes = (await repo.tryGit(['notes', `--ref=${LEDGER}`, 'list'])).stdout.trimEnd();
  return notes.split('\n').map((line) => line.split(' ')[1] ?? '');
}

/** What an agent's commit was sealed with. */
async function sealOf(dev: TestRepo, commit: string): Promise<{ txn: string; record: string }> {
  const message = await dev.git('log', '-1', '--format=%B', commit);
  const [txn = '', record = ''] = ['Txn', 'Record'].map(
    (key) => new RegExp(`^Agent-${key}: (.+)$`, 'm').exec(message)?.[1],
  );
  return { txn, record };
}

async function expectLanded(repo: TestRepo, dev: TestRepo, landed: Landed): Promise<void> {
  const { commit, from, sealed, unsealed = [] } = landed;
  const shown = await showOf(repo, commit);
  const bindings = [landed.binding].flat();
  expect(bindings, `${commit} is ${shown.binding}`).toContain(shown.binding);
  const origins = await Promise.all(from.map((one) => sealOf(dev, one)));
  expect(shown.sealed).toBe(sealed);
  if (origins.length === 0) return;
  expect(origins.map(({ txn }) => txn)).toContain(shown.txn);
  if (shown.binding === 'claimed' || from.includes(commit)) return;
  const landings = await landedIn(repo, commit);
  const wanted = origins.map(({ txn, record }, i) => ({
    txn,
    record,
    sealed: sealed && !unsealed.includes(i),
  }));
  const found = landings.map(({ txn, record, sealed: named }) => ({ txn, record, sealed: named }));
  expect(found).toHaveLength(wanted.length);
  expect(found).toEqual(expect.arrayContaining(wanted));
}

describe('what a host rewrites is found again', () => {
  it.each(CASES)('%s', async (_name, merge) => {
    const scene = await makeScene();
    const before = await scene.host.git('rev-parse', 'main');
    const landed = await merge(scene);
    const range = `${before}..origin/main`;
    const pipeline = await pipelineOf(scene.host);
    const annotatedBefore = await annotated(pipeline);
    await relink(pipeline, range);
    const tip = await tipOf(pipeline);
    await relink(pipeline, range);
    expect(await tipOf(pipeline)).toBe(tip);
    if (tip !== '') await pipeline.git('push', '-q', 'origin', LEDGER);

    const fresh = await freshClone(scene.host);
    for (const one of landed) await expectLanded(fresh, scene.dev, one);
    const gained = (await annotated(fresh)).filter((object) => !annotatedBefore.includes(object));
    const made = landed.filter(({ commit, from }) => from.length > 0 && !from.includes(commit));
    const allowed = made.map(({ commit }) => commit);
    expect(gained.filter((object) => !allowed.includes(object))).toEqual([]);
    for (const commit of await newCommits(scene.host, before)) {
      if (landed.some((one) => one.commit === commit)) continue;
      expect(await showOf(fresh, commit)).toMatchObject({ binding: 'none', sealed: false, record: null });
    }
  });
});

describe('what a host squashed and somebody picks', () => {
  it('is the work of the same records, also where only what the squash was made of shows that', async () => {
    const scene = await makeScene();
    const { host, dev } = scene;
    const from = await reviewed(scene);
    const squash = await githubSquash(host, await propose(host, dev), 'title');
    await dev.git('fetch', '-q', 'origin');
    await relink(dev, 'origin/main');
    await dev.git('checkout', '-q', '-b', 'release', 'main');
    await dev.git('cherry-pick', '-x', squash);
    expect((await showOf(dev, 'HEAD')).binding).toBe('squashed');
    const seals = await Promise.all(from.map((one) => sealOf(dev, one)));
    const landed = await landedIn(dev, await dev.git('rev-parse', 'HEAD'));
    expect(landed.map(({ record }) => record).sort()).toEqual(seals.map(({ record }) => record).sort());
  });
});
