import { expect } from 'vitest';
import { type Case, FIRST, itRewrites } from '../support/rewriting/cases.ts';
import { git, gitByAgent, noteWork, type Scene, shared, work } from '../support/rewriting/scene.ts';

const MAIN: readonly string[] = [...FIRST, 'Upstream: none'];
const CLASH: readonly string[] = [...FIRST, 'Clash: none'];
const TOPIC: readonly string[] = [
  ...FIRST,
  'One: exact one sealed',
  'Two: exact two sealed',
  'Hand: none',
  'Three: exact three sealed',
];
const MERGED = shared({ 2: 'line 2 by both', 11: 'line 11 by an agent' });

const on = (scene: Scene, branch: string): Promise<void> => git(scene, ['checkout', '-q', branch]);

/** `main` where topic left it. */
async function unmoved(scene: Scene): Promise<void> {
  await on(scene, 'main');
  await git(scene, ['reset', '-q', '--hard', 'base']);
}

async function resolve({ repo }: Scene): Promise<void> {
  await repo.write('shared.txt', MERGED);
  await repo.git('add', '-A');
}

const MERGES: Case[] = [
  {
    name: 'fast-forward',
    act: async (scene) => {
      await unmoved(scene);
      await git(scene, ['merge', '-q', '--ff-only', 'topic']);
    },
    want: { main: TOPIC, topic: TOPIC },
  },
  {
    name: 'fast-forward before anybody had bound the record',
    act: async (scene) => {
      await work(scene, 'four', 'Four', { 'four.txt': 'four\n' });
      await unmoved(scene);
      await git(scene, ['merge', '-q', '--ff-only', 'topic']);
    },
    want: { main: [...TOPIC, 'Four: exact four sealed'] },
  },
  {
    name: "--no-ff: the merge is the person's, though it looks like the last commit",
    act: async (scene) => {
      await unmoved(scene);
      await git(scene, ['merge', '-q', '--no-ff', '-m', 'Join', 'topic']);
    },
    want: { main: [...FIRST, 'Join: none'], topic: TOPIC },
  },
  {
    name: '--no-ff with a message that repeats every trailer: a claim, no more',
    act: async (scene) => {
      await unmoved(scene);
      const all = await scene.repo.git('log', '--format=%B', 'base..topic');
      await git(scene, ['merge', '-q', '--no-ff', '-m', `Join\n\n${all}`, 'topic']);
    },
    want: { main: [...FIRST, 'Join: claimed three sealed'], topic: TOPIC },
  },
  {
    name: 'of two lines of work',
    act: async (scene) => {
      await on(scene, 'main');
      await git(scene, ['merge', '-q', '-m', 'Join', 'topic']);
    },
    want: { main: [...MAIN, 'Join: none'], topic: TOPIC },
  },
  {
    name: 'of three lines of work at once',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', '-b', 'side', 'base']);
      await work(scene, 'side', 'Side', { 'side.txt': 'side\n' });
      await on(scene, 'main');
      await git(scene, ['merge', '-q', '-m', 'Join', 'topic', 'side']);
    },
    want: { main: [...MAIN, 'Join: none'], topic: TOPIC, side: [...FIRST, 'Side: exact side sealed'] },
  },
  {
    name: 'that takes nothing over (-s ours)',
    act: async (scene) => {
      await on(scene, 'main');
      await git(scene, ['merge', '-q', '-s', 'ours', '-m', 'Join', 'topic']);
    },
    want: { main: [...MAIN, 'Join: none'], topic: TOPIC },
  },
  {
    name: 'with a conflict a person resolves',
    act: async (scene) => {
      await on(scene, 'clash');
      await git(scene, ['merge', '-q', '-m', 'Join', 'topic'], {}, 1);
      await resolve(scene);
      await git(scene, ['commit', '-q', '--no-edit']);
    },
    want: { clash: [...CLASH, 'Join: none'], topic: TOPIC },
  },
  {
    name: 'with a conflict an agent resolves: work of its own',
    act: async (scene) => {
      await on(scene, 'clash');
      await git(scene, ['merge', '-q', '-m', 'Join', 'topic'], {}, 1);
      await resolve(scene);
      await gitByAgent(scene, ['commit', '-q', '--no-edit']);
      await noteWork(scene, 'join');
    },
    want: { clash: [...CLASH, 'Join: exact join sealed'], topic: TOPIC },
  },
  {
    name: 'with a conflict, aborted',
    act: async (scene) => {
      await on(scene, 'clash');
      await git(scene, ['merge', '-q', 'topic'], {}, 1);
      await resolve(scene);
      await git(scene, ['merge', '--abort']);
    },
    want: { clash: CLASH, topic: TOPIC },
  },
  {
    name: 'reverted whole (-m 1)',
    act: async (scene) => {
      await on(scene, 'main');
      await git(scene, ['merge', '-q', '-m', 'Join', 'topic']);
      await git(scene, ['revert', '--no-edit', '-m', '1', 'HEAD']);
    },
    want: { main: [...MAIN, 'Join: none', 'Revert "Join": none'], topic: TOPIC },
  },
];

const ALL = 'squashed one+three+two';
const GITS_OWN = 'Squashed commit of the following:';

/** Squashes a branch into the one checked out, and commits with git's message or another. */
async function squash(scene: Scene, branch: string, message?: string): Promise<void> {
  await git(scene, ['merge', '-q', '--squash', branch]);
  await git(scene, ['commit', '-q', ...(message === undefined ? ['--no-edit'] : ['-m', message])]);
}

const SQUASHES: Case[] = [
  {
    name: "with git's own message, which names every record",
    act: async (scene) => {
      await unmoved(scene);
      await squash(scene, 'topic');
    },
    want: { main: [...FIRST, `${GITS_OWN}: ${ALL} sealed`], topic: TOPIC },
  },
  {
    name: "with git's own message, onto a branch that went on",
    act: async (scene) => {
      await on(scene, 'main');
      await squash(scene, 'topic');
    },
    want: { main: [...MAIN, `${GITS_OWN}: ${ALL} sealed`], topic: TOPIC },
  },
  {
    name: 'with a title alone: relink finds them',
    act: async (scene) => {
      await unmoved(scene);
      await squash(scene, 'topic', 'All of it');
    },
    want: { main: [...FIRST, 'All of it: none'], topic: TOPIC },
    relinked: { main: [...FIRST, `All of it: ${ALL} unsealed`], topic: TOPIC },
  },
  {
    name: 'with a title alone, onto a branch that went on: relink finds them',
    act: async (scene) => {
      await on(scene, 'main');
      await squash(scene, 'topic', 'All of it');
    },
    want: { main: [...MAIN, 'All of it: none'], topic: TOPIC },
    relinked: { main: [...MAIN, `All of it: ${ALL} unsealed`], topic: TOPIC },
  },
  {
    name: 'of one commit',
    act: async (scene) => {
      await on(scene, 'main');
      await squash(scene, scene.commits.get('One') ?? '');
    },
    want: { main: [...MAIN, `${GITS_OWN}: same-patch one sealed`], topic: TOPIC },
  },
  {
    name: 'of one commit with a title alone: relink finds it',
    act: async (scene) => {
      await on(scene, 'main');
      await squash(scene, scene.commits.get('One') ?? '', 'Mine');
    },
    want: { main: [...MAIN, 'Mine: none'], topic: TOPIC },
    relinked: { main: [...MAIN, 'Mine: same-patch one unsealed'], topic: TOPIC },
  },
  {
    name: 'with a conflict a person resolves: what its files still are as the record left them, is in it',
    act: async (scene) => {
      await on(scene, 'clash');
      await git(scene, ['merge', '-q', '--squash', 'topic'], {}, 1);
      await resolve(scene);
      await git(scene, ['commit', '-q', '--no-edit']);
    },
    want: { clash: [...CLASH, `${GITS_OWN}: modified one sealed`], topic: TOPIC },
  },
  {
    name: 'changed before it is committed, title alone: nobody can tell',
    act: async (scene) => {
      await on(scene, 'main');
      await git(scene, ['merge', '-q', '--squash', 'topic']);
      await scene.repo.write('one.txt', 'one, changed by hand\n');
      await git(scene, ['commit', '-q', '-a', '-m', 'Mine']);
    },
    want: { main: [...MAIN, 'Mine: none'], topic: TOPIC },
  },
  {
    name: 'by an agent: work of its own',
    act: async (scene) => {
      await on(scene, 'main');
      await git(scene, ['merge', '-q', '--squash', 'topic']);
      await gitByAgent(scene, ['commit', '-q', '-m', 'Theirs']);
      await noteWork(scene, 'own');
    },
    want: { main: [...MAIN, 'Theirs: exact own sealed'], topic: TOPIC },
  },
  {
    name: "a part, and then the rest, which begins with a person's commit: no record is in both",
    act: async (scene) => {
      await unmoved(scene);
      await squash(scene, scene.commits.get('Two') ?? '', 'First half');
      await squash(scene, 'topic', 'Second half');
    },
    want: { main: [...FIRST, 'First half: none', 'Second half: none'], topic: TOPIC },
    relinked: {
      main: [...FIRST, 'First half: squashed one+two unsealed', 'Second half: none'],
      topic: TOPIC,
    },
  },
  {
    name: "of a person's commit and an agent's, with a title alone: relink finds it",
    act: async (scene) => {
      await git(scene, ['checkout', '-q', '-b', 'other', scene.commits.get('Two') ?? '']);
      await squash(scene, 'topic', 'Both');
    },
    want: { other: [...TOPIC.slice(0, 4), 'Both: none'], topic: TOPIC },
    relinked: { other: [...TOPIC.slice(0, 4), 'Both: modified three unsealed'], topic: TOPIC },
  },
  {
    name: "of an agent's commit and a person's that takes it back: nothing of it is left",
    act: async (scene) => {
      await git(scene, ['rm', '-q', 'three.txt']);
      await git(scene, ['checkout', 'HEAD^', '--', 'shared.txt']);
      await scene.repo.commit('Back', { 'back.txt': 'by hand\n' });
      await git(scene, ['checkout', '-q', '-b', 'other', scene.commits.get('Hand') ?? '']);
      await squash(scene, 'topic', 'Both');
    },
    want: { other: [...TOPIC.slice(0, -1), 'Both: none'], topic: [...TOPIC, 'Back: none'] },
  },
  {
    name: 'then amended, title alone: relink finds them',
    act: async (scene) => {
      await unmoved(scene);
      await squash(scene, 'topic');
      await git(scene, ['commit', '-q', '--amend', '-m', 'All of it']);
    },
    want: { main: [...FIRST, 'All of it: none'], topic: TOPIC },
    relinked: { main: [...FIRST, `All of it: ${ALL} unsealed`], topic: TOPIC },
  },
  {
    name: 'then rebased',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', '-b', 'squashed', 'base']);
      await squash(scene, 'topic');
      await git(scene, ['rebase', '-q', 'main']);
    },
    want: { squashed: [...MAIN, `${GITS_OWN}: ${ALL} sealed`], topic: TOPIC },
  },
];

const RESETS: Case[] = [
  {
    name: 'one commit, made again under its own message',
    act: async (scene) => {
      await git(scene, ['reset', '-q', 'HEAD^']);
      await git(scene, ['add', '-A']);
      await git(scene, ['commit', '-q', '-C', 'ORIG_HEAD']);
    },
    want: { topic: TOPIC },
  },
  {
    name: 'one commit, made again under another name: relink finds it',
    act: async (scene) => {
      await git(scene, ['reset', '-q', '--soft', 'HEAD^']);
      await git(scene, ['commit', '-q', '-m', 'Mine']);
    },
    want: { topic: [...TOPIC.slice(0, -1), 'Mine: none'] },
    relinked: { topic: [...TOPIC.slice(0, -1), 'Mine: exact three unsealed'] },
  },
  {
    name: 'one commit, made again by an agent: work of its own',
    act: async (scene) => {
      await git(scene, ['reset', '-q', '--soft', 'HEAD^']);
      await gitByAgent(scene, ['commit', '-q', '-m', 'Theirs']);
      await noteWork(scene, 'own');
    },
    want: { topic: [...TOPIC.slice(0, -1), 'Theirs: exact own sealed'] },
  },
  {
    name: 'several commits, made again as one: relink finds them',
    act: async (scene) => {
      await git(scene, ['reset', '-q', '--soft', 'base']);
      await git(scene, ['commit', '-q', '-m', 'All of it']);
    },
    want: { topic: [...FIRST, 'All of it: none'] },
    relinked: { topic: [...FIRST, `All of it: ${ALL} unsealed`] },
  },
  {
    name: 'several commits, made again as one that names them',
    act: async (scene) => {
      const all = await scene.repo.git('log', '--reverse', '--format=%B', 'base..topic');
      await git(scene, ['reset', '-q', '--soft', 'base']);
      await git(scene, ['commit', '-q', '-m', `All of it\n\n${all}`]);
    },
    want: { topic: [...FIRST, `All of it: ${ALL} sealed`] },
  },
  {
    name: 'several commits, made again as one under the message of the last',
    act: async (scene) => {
      await git(scene, ['reset', '-q', '--soft', scene.commits.get('One') ?? '']);
      await git(scene, ['commit', '-q', '-C', 'ORIG_HEAD']);
    },
    want: { topic: [...FIRST, 'One: exact one sealed', 'Three: modified three sealed'] },
    relinked: { topic: [...FIRST, 'One: exact one sealed', 'Three: squashed three+two sealed'] },
  },
  {
    name: "a person's commit and an agent's, made again as one under the message of the last",
    act: async (scene) => {
      await git(scene, ['reset', '-q', '--soft', scene.commits.get('Two') ?? '']);
      await git(scene, ['commit', '-q', '-C', 'ORIG_HEAD']);
    },
    want: { topic: [...TOPIC.slice(0, 4), 'Three: modified three sealed'] },
  },
  {
    name: "a person's commit and an agent's, made again as one under another name: relink finds it",
    act: async (scene) => {
      await git(scene, ['reset', '-q', '--soft', scene.commits.get('Two') ?? '']);
      await git(scene, ['commit', '-q', '-m', 'Mine']);
    },
    want: { topic: [...TOPIC.slice(0, 4), 'Mine: none'] },
    relinked: { topic: [...TOPIC.slice(0, 4), 'Mine: modified three unsealed'] },
  },
  {
    name: 'and something else made in its place, under its message',
    act: async (scene) => {
      await git(scene, ['reset', '-q', '--hard', 'HEAD^']);
      await scene.repo.write('else.txt', 'by hand\n');
      await git(scene, ['add', '-A']);
      await git(scene, ['commit', '-q', '-C', 'ORIG_HEAD']);
    },
    want: { topic: [...TOPIC.slice(0, -1), 'Three: claimed three sealed'] },
  },
  {
    name: 'and something else made in its place',
    act: async (scene) => {
      await git(scene, ['reset', '-q', '--hard', 'HEAD^']);
      await scene.repo.commit('Mine', { 'three.txt': 'three, by hand\n' });
    },
    want: { topic: [...TOPIC.slice(0, -1), 'Mine: none'] },
  },
  {
    name: 'and back again from the reflog',
    act: async (scene) => {
      await git(scene, ['reset', '-q', '--hard', 'base']);
      await git(scene, ['reset', '-q', '--hard', 'HEAD@{1}']);
    },
    want: { topic: TOPIC },
  },
  {
    name: 'in another order and other parts',
    act: async (scene) => {
      await git(scene, ['reset', '-q', 'base']);
      await git(scene, ['add', 'three.txt', 'hand.txt']);
      await git(scene, ['commit', '-q', '-m', 'Some']);
      await git(scene, ['add', '-A']);
      await git(scene, ['commit', '-q', '-m', 'Others']);
    },
    want: { topic: [...FIRST, 'Some: none', 'Others: none'] },
  },
];

const STASHES: Case[] = [
  {
    name: "a person's changes, away and back",
    act: async (scene) => {
      await scene.repo.write('hand.txt', 'not committed\n');
      await git(scene, ['stash', '-q']);
      await git(scene, ['stash', 'pop', '-q']);
      await git(scene, ['commit', '-q', '-a', '-m', 'Mine']);
    },
    want: { topic: [...TOPIC, 'Mine: none'] },
  },
  {
    name: "an agent's commit taken apart, stashed and made again elsewhere: relink finds it",
    act: async (scene) => {
      await git(scene, ['reset', '-q', '--soft', 'HEAD^']);
      await git(scene, ['stash', '-q']);
      await on(scene, 'main');
      await git(scene, ['stash', 'pop', '-q', '--index']);
      await git(scene, ['commit', '-q', '-m', 'Mine']);
    },
    want: { main: [...MAIN, 'Mine: none'], topic: TOPIC.slice(0, -1) },
    relinked: { main: [...MAIN, 'Mine: same-patch three unsealed'], topic: TOPIC.slice(0, -1) },
  },
  {
    name: "an agent's changes, away and back, then committed by the agent",
    act: async (scene) => {
      await scene.repo.write('four.txt', 'four\n');
      await git(scene, ['add', '-A']);
      await git(scene, ['stash', '-q']);
      await scene.repo.commit('Mine', { 'mine.txt': 'mine\n' });
      await git(scene, ['stash', 'pop', '-q', '--index']);
      await gitByAgent(scene, ['commit', '-q', '-m', 'Four']);
      await noteWork(scene, 'four');
    },
    want: { topic: [...TOPIC, 'Mine: none', 'Four: exact four sealed'] },
  },
  {
    name: 'the stash itself has no record',
    act: async (scene) => {
      await scene.repo.write('three.txt', 'three, not committed\n');
      await git(scene, ['stash', 'push', '-q', '-m', 'Away']);
      await git(scene, ['branch', 'kept', 'refs/stash']);
      expect(await scene.repo.git('rev-parse', 'kept^1')).toBe(scene.commits.get('Three'));
    },
    want: { topic: TOPIC, kept: [...TOPIC, 'On topic: Away: none'] },
  },
];

itRewrites({ merge: MERGES, 'merge --squash': SQUASHES, reset: RESETS, stash: STASHES });
