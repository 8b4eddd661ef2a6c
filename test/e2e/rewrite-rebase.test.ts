import { join } from 'node:path';
import { expect } from 'vitest';
import { repoAt } from '../support/repo.ts';
import { type Case, FIRST, itRewrites } from '../support/rewriting/cases.ts';
import { noteResolution } from '../support/rewriting/resolution.ts';
import {
  BOTH,
  git,
  gitByAgent,
  noteWork,
  type Scene,
  shared,
  todo,
  types,
  work,
} from '../support/rewriting/scene.ts';

/** The topic branch as it was made. */
const TOPIC: readonly string[] = [
  ...FIRST,
  'One: exact one sealed',
  'Two: exact two sealed',
  'Hand: none',
  'Three: exact three sealed',
];

/** Each of its commits made again on top of another. */
const REPLAYED: readonly string[] = [
  'One: same-patch one sealed',
  'Two: same-patch two sealed',
  'Hand: none',
  'Three: same-patch three sealed',
];

const ON_MAIN: readonly string[] = [...FIRST, 'Upstream: none', ...REPLAYED];

const NO_HOOKS = ['-c', 'core.hooksPath=/dev/null'];

async function rebase(scene: Scene, lines: readonly string[], onto: string, wanted = 0): Promise<void> {
  await git(scene, ['rebase', '-q', '-i', onto], await todo(scene, ...lines), wanted);
}

const WHOLE: Case[] = [
  {
    name: 'onto a branch that went on',
    act: (scene) => git(scene, ['rebase', '-q', 'main']),
    want: { topic: ON_MAIN },
  },
  {
    name: 'onto a branch that changed lines nearby: the same work, and another patch',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', 'main']);
      await scene.repo.commit('Near', { 'shared.txt': shared({ 5: 'line 5 by hand' }) });
      await git(scene, ['rebase', '-q', 'main', 'topic']);
    },
    want: {
      topic: [
        ...FIRST,
        'Upstream: none',
        'Near: none',
        'One: same-patch one sealed',
        'Two: modified two sealed',
        'Hand: none',
        'Three: same-patch three sealed',
      ],
    },
  },
  {
    name: 'with the apply backend, which runs no post-commit',
    act: (scene) => git(scene, ['rebase', '-q', '--apply', 'main']),
    want: { topic: ON_MAIN },
  },
  {
    name: 'where no hook runs',
    act: (scene) => git(scene, [...NO_HOOKS, 'rebase', '-q', 'main']),
    want: { topic: ON_MAIN },
  },
  {
    name: 'by an agent: it made nothing new',
    act: (scene) => gitByAgent(scene, ['rebase', '-q', 'main']),
    want: { topic: ON_MAIN },
  },
  {
    name: 'with the worktree dirty (autostash)',
    act: async (scene) => {
      await scene.repo.write('hand.txt', 'not committed\n');
      await git(scene, ['rebase', '-q', '--autostash', 'main']);
    },
    want: { topic: ON_MAIN },
  },
  {
    name: 'and back again',
    act: async (scene) => {
      await git(scene, ['rebase', '-q', 'main']);
      await git(scene, ['rebase', '-q', '--onto', 'base', 'main']);
    },
    want: { topic: TOPIC },
  },
  {
    name: 'from the root, everything signed off',
    act: (scene) => git(scene, ['rebase', '-q', '--root', '--signoff']),
    want: { topic: TOPIC },
  },
  {
    name: 'from the root, onto an unrelated history',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', '--orphan', 'island']);
      await git(scene, ['rm', '-rfq', '.']);
      await scene.repo.commit('Island', { 'island.txt': 'alone\n' });
      await git(scene, ['rebase', '-q', '--root', '--onto', 'island', 'topic']);
    },
    want: { topic: ['Island: none', ...FIRST, ...REPLAYED] },
  },
  {
    name: 'onto, leaving a part behind',
    act: (scene) => git(scene, ['rebase', '-q', '--onto', 'main', scene.commits.get('One') ?? '']),
    want: { topic: [...FIRST, 'Upstream: none', ...REPLAYED.slice(1)] },
  },
  {
    name: 'where a part of it was picked upstream already',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', 'main']);
      await git(scene, ['cherry-pick', scene.commits.get('One') ?? '']);
      await git(scene, ['rebase', '-q', 'main', 'topic']);
    },
    want: {
      main: [...FIRST, 'Upstream: none', 'One: same-patch one sealed'],
      topic: [...FIRST, 'Upstream: none', ...REPLAYED],
    },
  },
  {
    name: 'a stack of branches (update-refs)',
    act: async (scene) => {
      await git(scene, ['branch', 'lower', scene.commits.get('Two') ?? '']);
      await git(scene, ['rebase', '-q', '--update-refs', 'main']);
    },
    want: { topic: ON_MAIN, lower: ON_MAIN.slice(0, -2) },
  },
  {
    name: 'pull --rebase',
    act: async (scene) => {
      const origin = join(scene.repo.home, 'origin');
      await git(scene, ['clone', '-q', '--bare', '.', origin]);
      await git(scene, ['remote', 'add', 'origin', origin]);
      const theirs = repoAt(join(scene.repo.home, 'theirs'), scene.repo.home);
      await git(scene, ['clone', '-q', '-b', 'topic', origin, theirs.dir]);
      await theirs.git('config', 'user.name', 'Bo');
      await theirs.git('config', 'user.email', 'bo@example.com');
      await theirs.git('reset', '-q', '--hard', 'origin/main');
      await theirs.commit('Theirs', { 'theirs.txt': 'theirs\n' });
      await theirs.git('push', '-q', '-f', 'origin', 'HEAD:topic');
      await git(scene, ['pull', '-q', '--rebase', 'origin', 'topic']);
    },
    want: { topic: [...FIRST, 'Upstream: none', 'Theirs: none', ...REPLAYED] },
  },
];

const INTERACTIVE: Case[] = [
  {
    name: 'reorder',
    act: (scene) => rebase(scene, ['pick Two', 'pick One', 'pick Hand', 'pick Three'], 'base'),
    want: {
      topic: [
        ...FIRST,
        'Two: same-patch two sealed',
        'One: same-patch one sealed',
        'Hand: none',
        'Three: exact three sealed',
      ],
    },
  },
  {
    name: 'reword, trailers kept',
    act: async (scene) => {
      const message = await scene.repo.git('log', '-1', '--format=%B', scene.commits.get('One') ?? '');
      const env = {
        ...(await todo(scene, 'reword One', 'pick Two', 'pick Hand', 'pick Three')),
        ...(await types(scene, message.replace('One', 'First of all'))),
      };
      await git(scene, ['rebase', '-q', '-i', 'base'], env);
    },
    want: { topic: [...FIRST, 'First of all: exact one sealed', ...TOPIC.slice(3)] },
  },
  {
    name: 'reword, trailers typed away',
    act: async (scene) => {
      const list = await todo(scene, 'reword One', 'pick Two', 'pick Hand', 'reword Three');
      await git(scene, ['rebase', '-q', '-i', 'base'], { ...list, ...(await types(scene, 'Mine')) });
    },
    want: {
      topic: [
        ...FIRST,
        'Mine: exact one unsealed',
        'Two: exact two sealed',
        'Hand: none',
        'Mine: exact three unsealed',
      ],
    },
  },
  {
    name: "reword of a person's commit",
    act: async (scene) => {
      const list = await todo(scene, 'pick One', 'pick Two', 'reword Hand', 'pick Three');
      await git(scene, ['rebase', '-q', '-i', 'base'], { ...list, ...(await types(scene, 'By hand')) });
    },
    want: { topic: [...TOPIC.slice(0, 4), 'By hand: none', 'Three: exact three sealed'] },
  },
  {
    name: 'squash: the message names both',
    act: (scene) => rebase(scene, ['pick One', 'squash Two', 'pick Hand', 'pick Three'], 'base'),
    want: {
      topic: [...FIRST, 'One: squashed one+two sealed', 'Hand: none', 'Three: exact three sealed'],
    },
  },
  {
    name: 'squash, trailers typed away',
    act: async (scene) => {
      const list = await todo(scene, 'pick One', 'squash Two', 'pick Hand', 'pick Three');
      await git(scene, ['rebase', '-q', '-i', 'base'], { ...list, ...(await types(scene, 'Mine')) });
    },
    want: {
      topic: [...FIRST, 'Mine: squashed one+two unsealed', 'Hand: none', 'Three: exact three sealed'],
    },
  },
  {
    name: 'fixup: the message names one of them',
    act: (scene) => rebase(scene, ['pick One', 'fixup Two', 'pick Hand', 'pick Three'], 'base'),
    want: {
      topic: [...FIRST, 'One: squashed one+two sealed', 'Hand: none', 'Three: exact three sealed'],
    },
  },
  {
    name: 'fixup -C: the message of the second',
    act: (scene) => rebase(scene, ['pick One', 'fixup -C Two', 'pick Hand', 'pick Three'], 'base'),
    want: {
      topic: [...FIRST, 'Two: squashed one+two sealed', 'Hand: none', 'Three: exact three sealed'],
    },
  },
  {
    name: "fixup of an agent's commit into a person's",
    act: (scene) => rebase(scene, ['pick One', 'pick Two', 'pick Hand', 'fixup Three'], 'base'),
    want: { topic: [...TOPIC.slice(0, 4), 'Hand: modified three unsealed'] },
  },
  {
    name: "fixup of a person's commit into an agent's",
    act: (scene) => rebase(scene, ['pick One', 'pick Two', 'fixup Hand', 'pick Three'], 'base'),
    want: {
      topic: [...TOPIC.slice(0, 3), 'Two: modified two sealed', 'Three: exact three sealed'],
    },
  },
  {
    name: "autosquash of a person's fixup!",
    act: async (scene) => {
      await scene.repo.write('one.txt', 'one, by hand\n');
      await git(scene, ['commit', '-q', '-a', `--fixup=${scene.commits.get('One') ?? ''}`]);
      await git(scene, ['rebase', '-q', '-i', '--autosquash', 'base'], { GIT_SEQUENCE_EDITOR: 'true' });
    },
    want: { topic: [...FIRST, 'One: modified one sealed', ...REPLAYED.slice(1)] },
  },
  {
    name: "autosquash of a person's amend! that only tells it otherwise",
    act: async (scene) => {
      const one = scene.commits.get('One') ?? '';
      await git(scene, ['commit', '-q', `--fixup=reword:${one}`], await types(scene, 'amend! One\n\nMine'));
      await git(scene, ['rebase', '-q', '-i', '--autosquash', 'base'], { GIT_SEQUENCE_EDITOR: 'true' });
    },
    want: { topic: [...FIRST, 'Mine: exact one unsealed', ...TOPIC.slice(3)] },
  },
  {
    name: 'drop',
    act: (scene) => rebase(scene, ['pick One', 'drop Two', 'pick Hand', 'pick Three'], 'base'),
    want: { topic: [...FIRST, 'One: exact one sealed', 'Hand: none', 'Three: same-patch three sealed'] },
  },
  {
    name: "drop of a person's commit",
    act: (scene) => rebase(scene, ['pick One', 'pick Two', 'pick Three'], 'base'),
    want: { topic: [...TOPIC.slice(0, 4), 'Three: same-patch three sealed'] },
  },
  {
    name: 'drop, and a person writes the same file anew',
    act: async (scene) => {
      await rebase(scene, ['pick Two', 'pick Hand', 'pick Three'], 'base');
      await scene.repo.commit('Mine', { 'one.txt': 'one, by hand\n' });
    },
    want: {
      topic: [
        ...FIRST,
        'Two: same-patch two sealed',
        'Hand: none',
        'Three: same-patch three sealed',
        'Mine: none',
      ],
    },
  },
  {
    name: 'exec that commits and exec that amends',
    act: async (scene) => {
      const commit = 'exec git commit -q --allow-empty -m Executed';
      const amend = 'exec git commit -q --amend -m Amended';
      await rebase(scene, ['pick One', commit, 'pick Two', 'pick Hand', 'pick Three', amend], 'base');
    },
    want: {
      topic: [
        ...FIRST,
        'One: exact one sealed',
        'Executed: none',
        'Two: exact two sealed',
        'Hand: none',
        'Amended: exact three unsealed',
      ],
    },
  },
  {
    name: 'an exec that fails, and then goes on',
    act: async (scene) => {
      const env = await todo(scene, 'pick Two', 'exec false', 'pick One', 'pick Hand', 'pick Three');
      await git(scene, ['rebase', '-q', '-i', 'base'], env, 1);
      await git(scene, ['rebase', '--continue']);
    },
    want: {
      topic: [
        ...FIRST,
        'Two: same-patch two sealed',
        'One: same-patch one sealed',
        'Hand: none',
        'Three: exact three sealed',
      ],
    },
  },
];

/** Stops a rebase at a commit. */
async function editing(scene: Scene, subject: string): Promise<void> {
  const list = ['One', 'Two', 'Hand', 'Three'].map((one) => `${one === subject ? 'edit' : 'pick'} ${one}`);
  await rebase(scene, list, 'base');
}

/** A person's commit, put on Three with its trailers typed away while a rebase stands still; then another goes into it. */
async function joinedOnTop(scene: Scene, before: readonly string[], joined: string): Promise<void> {
  await git(scene, ['commit', '-q', '--amend', '-m', 'Mine']);
  const mine = await scene.repo.git('rev-parse', 'HEAD');
  await rebase(scene, [...before, `edit ${mine}`, joined], 'base');
  await scene.repo.commit('Between', { 'three.txt': 'three, and by hand\n' });
  await git(scene, ['rebase', '--continue']);
}

const EDITS: Case[] = [
  {
    name: 'edit: content changed',
    act: async (scene) => {
      await editing(scene, 'Two');
      await scene.repo.write('shared.txt', shared({ 2: 'line 2 by an agent, changed by hand' }));
      await git(scene, ['commit', '-q', '-a', '--amend', '--no-edit']);
      await git(scene, ['rebase', '--continue']);
    },
    want: {
      topic: [
        ...TOPIC.slice(0, 3),
        'Two: modified two sealed',
        'Hand: none',
        'Three: same-patch three sealed',
      ],
    },
  },
  {
    name: 'edit: content changed, trailers typed away',
    act: async (scene) => {
      await editing(scene, 'One');
      await scene.repo.write('one.txt', 'one, changed by hand\n');
      await git(scene, ['commit', '-q', '-a', '--amend', '-m', 'Mine']);
      await git(scene, ['rebase', '--continue']);
    },
    want: { topic: [...FIRST, 'Mine: modified one unsealed', ...REPLAYED.slice(1)] },
  },
  {
    name: 'edit: content changed, left for --continue to amend',
    act: async (scene) => {
      await editing(scene, 'One');
      await scene.repo.write('one.txt', 'one, changed by hand\n');
      await git(scene, ['add', '-A']);
      await git(scene, ['rebase', '--continue']);
    },
    want: { topic: [...FIRST, 'One: modified one sealed', ...REPLAYED.slice(1)] },
  },
  {
    name: "edit: a person's commit put in between is nobody else's",
    act: async (scene) => {
      await editing(scene, 'Two');
      await scene.repo.commit('Between', { 'between.txt': 'by hand\n' });
      await git(scene, ['rebase', '--continue']);
    },
    want: {
      topic: [...TOPIC.slice(0, 4), 'Between: none', 'Hand: none', 'Three: same-patch three sealed'],
    },
  },
  {
    name: "edit: a person's commit put in between, of the same file, while moving",
    act: async (scene) => {
      const env = await todo(scene, 'pick One', 'edit Two', 'pick Hand', 'pick Three');
      await git(scene, ['rebase', '-q', '-i', 'main'], env);
      await scene.repo.commit('Between', {
        'shared.txt': shared({ 2: 'line 2 by an agent', 6: 'line 6 by hand' }),
      });
      await git(scene, ['rebase', '--continue']);
    },
    want: {
      topic: [
        ...FIRST,
        'Upstream: none',
        'One: same-patch one sealed',
        'Two: same-patch two sealed',
        'Between: none',
        'Hand: none',
        'Three: same-patch three sealed',
      ],
    },
  },
  {
    name: "edit: a person's commit put in between, after one that had taken in another, while moving",
    act: async (scene) => {
      await rebase(scene, ['pick One', 'pick Two', 'fixup Three', 'pick Hand'], 'base');
      await scene.repo.run(['list']);
      const [, two = '', hand = ''] = (await scene.repo.git('rev-list', '--reverse', 'base..topic')).split(
        '\n',
      );
      await rebase(scene, ['pick One', `edit ${two}`, `pick ${hand}`], 'main');
      await scene.repo.commit('Between', { 'shared.txt': `${BOTH}line 13 by hand\n` });
      await git(scene, ['rebase', '--continue']);
    },
    want: {
      topic: [
        ...FIRST,
        'Upstream: none',
        'One: same-patch one sealed',
        'Two: modified two sealed, beside three',
        'Between: none',
        'Hand: none',
      ],
    },
  },
  {
    name: "edit: a person's commit put on one that met a conflict, trailers typed away",
    act: async (scene) => {
      await git(scene, ['rebase', '-q', '-i', 'clash'], await todo(scene, 'edit Two', 'pick Hand'), 1);
      await scene.repo.write('shared.txt', shared({ 2: 'line 2 by both' }));
      await git(scene, ['commit', '-q', '-a', '-m', 'Mine']);
      await scene.repo.commit('Between', { 'shared.txt': shared({ 2: 'line 2 by both', 6: 'by hand' }) });
      await git(scene, ['rebase', '--continue']);
    },
    want: {
      topic: [...FIRST, 'Clash: none', 'Mine: modified two unsealed', 'Between: none', 'Hand: none'],
    },
  },
  {
    name: "edit: a person's commit put on one that stayed, trailers typed away, and joined with another",
    act: (scene) => joinedOnTop(scene, ['pick One', 'pick Two', 'pick Hand'], 'fixup Upstream'),
    want: { topic: [...TOPIC.slice(0, 5), 'Mine: exact three unsealed', 'Between: none'] },
  },
  {
    name: "edit: a person's commit put on one that moved, trailers typed away, and joined with another",
    act: (scene) => joinedOnTop(scene, ['pick One', 'pick Two'], 'fixup Hand'),
    want: { topic: [...TOPIC.slice(0, 4), 'Mine: same-patch three unsealed', 'Between: none'] },
  },
  {
    name: 'split, trailers typed away: git tells of the last part alone',
    act: async (scene) => {
      await editing(scene, 'Three');
      await git(scene, ['reset', '-q', 'HEAD^']);
      await git(scene, ['add', 'shared.txt']);
      await git(scene, ['commit', '-q', '-m', 'Part 1']);
      await git(scene, ['add', '-A']);
      await git(scene, ['commit', '-q', '-m', 'Part 2']);
      await git(scene, ['rebase', '--continue']);
    },
    want: { topic: [...TOPIC.slice(0, 5), 'Part 1: none', 'Part 2: modified three unsealed'] },
  },
  {
    name: 'split, trailers kept in both parts',
    act: async (scene) => {
      const three = scene.commits.get('Three') ?? '';
      await editing(scene, 'Three');
      await git(scene, ['reset', '-q', 'HEAD^']);
      await git(scene, ['add', 'shared.txt']);
      await git(scene, ['commit', '-q', '-C', three]);
      await git(scene, ['add', '-A']);
      await git(scene, ['commit', '-q', '-C', three]);
      await git(scene, ['rebase', '--continue']);
    },
    want: {
      topic: [...TOPIC.slice(0, 5), 'Three: modified three sealed', 'Three: modified three sealed'],
    },
  },
  {
    name: "split, trailers kept in the first part: the rest is a person's",
    act: async (scene) => {
      const three = scene.commits.get('Three') ?? '';
      await editing(scene, 'Three');
      await git(scene, ['reset', '-q', 'HEAD^']);
      await git(scene, ['add', 'shared.txt']);
      await git(scene, ['commit', '-q', '-C', three]);
      await git(scene, ['add', '-A']);
      await git(scene, ['commit', '-q', '-m', 'Rest']);
      await git(scene, ['rebase', '--continue']);
    },
    want: { topic: [...TOPIC.slice(0, 5), 'Three: modified three sealed', 'Rest: none'] },
  },
];

const CONFLICTED: readonly string[] = [...FIRST, 'Clash: none', 'One: same-patch one sealed'];
const MERGED = shared({ 2: 'line 2 by both' });

/** Rebases onto the branch that has another opinion, up to where git asks. */
async function intoConflict(scene: Scene, ...args: string[]): Promise<void> {
  await git(scene, ['rebase', '-q', ...args, 'clash'], {}, 1);
}

async function resolve({ repo }: Scene, content = MERGED): Promise<void> {
  await repo.write('shared.txt', content);
  await repo.git('add', '-A');
}

/** An agent's commit on Two's line, with an author line that others have as well. */
async function inOneSecond(scene: Scene, name: string): Promise<string> {
  await scene.repo.write('shared.txt', shared({ 2: `line 2 by ${name}` }));
  await gitByAgent(scene, ['commit', '-q', '-a', '-m', name], { GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z' });
  return noteWork(scene, name);
}

const CONFLICTS: Case[] = [
  {
    name: 'resolved by a person',
    act: async (scene) => {
      await intoConflict(scene);
      await resolve(scene);
      await git(scene, ['rebase', '--continue']);
    },
    want: {
      topic: [...CONFLICTED, 'Two: modified two sealed', 'Hand: none', 'Three: same-patch three sealed'],
    },
  },
  {
    name: 'resolved by a person, with the apply backend',
    act: async (scene) => {
      await intoConflict(scene, '--apply');
      await resolve(scene);
      await git(scene, ['rebase', '--continue']);
    },
    want: {
      topic: [...CONFLICTED, 'Two: modified two sealed', 'Hand: none', 'Three: same-patch three sealed'],
    },
  },
  {
    name: 'resolved by a person who commits in the middle, trailers typed away',
    act: async (scene) => {
      await intoConflict(scene);
      await resolve(scene);
      await git(scene, ['commit', '-q', '-m', 'Mine']);
      await git(scene, ['rebase', '--continue']);
    },
    want: {
      topic: [...CONFLICTED, 'Mine: modified two unsealed', 'Hand: none', 'Three: same-patch three sealed'],
    },
  },
  {
    name: 'resolved by an agent: what it wrote is work of its own',
    act: async (scene) => {
      await intoConflict(scene);
      await resolve(scene);
      await gitByAgent(scene, ['rebase', '--continue']);
      await noteResolution(scene, 'HEAD~2');
    },
    want: {
      topic: [
        ...CONFLICTED,
        'Two: exact resolution sealed, beside two',
        'Hand: none',
        'Three: same-patch three sealed',
      ],
    },
  },
  {
    name: 'resolved in favour of the other side: nothing of it is left, and git drops it',
    act: async (scene) => {
      await intoConflict(scene);
      await resolve(scene, shared({ 2: 'line 2 by hand' }));
      await git(scene, ['rebase', '--continue']);
    },
    want: { topic: [...CONFLICTED, 'Hand: none', 'Three: same-patch three sealed'] },
  },
  {
    name: 'skipped',
    act: async (scene) => {
      await intoConflict(scene);
      await git(scene, ['rebase', '--skip']);
    },
    want: { topic: [...CONFLICTED, 'Hand: none', 'Three: same-patch three sealed'] },
  },
  {
    name: 'skipped, before a fixup of the same file: that goes into the one before',
    act: async (scene) => {
      await rebase(scene, ['pick One', 'pick Two', 'fixup Three', 'pick Hand'], 'clash', 1);
      await git(scene, ['rebase', '--skip']);
    },
    want: { topic: [...FIRST, 'Clash: none', 'One: modified one sealed, beside three', 'Hand: none'] },
  },
  {
    name: 'skipped, before a fixup of the same file, after one that stayed what it was',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', '-b', 'pair', 'base']);
      const first = await inOneSecond(scene, 'first');
      await inOneSecond(scene, 'second');
      const third = await inOneSecond(scene, 'third');
      await scene.repo.write('shared.txt', shared({ 2: 'line 2 by third', 11: 'line 11 by fourth' }));
      await gitByAgent(scene, ['commit', '-q', '-a', '-m', 'fourth']);
      const fourth = await noteWork(scene, 'fourth');
      await rebase(scene, [`pick ${first}`, `pick ${third}`, `fixup ${fourth}`], 'base', 1);
      await git(scene, ['rebase', '--skip']);
    },
    want: { pair: [...FIRST, 'first: modified first sealed, beside fourth'], topic: TOPIC },
  },
  {
    name: 'skipped, a fixup: what it was to go into is what it was',
    act: async (scene) => {
      await rebase(scene, ['pick One', 'pick Three', 'fixup Two', 'pick Hand'], 'clash', 1);
      await git(scene, ['rebase', '--skip']);
    },
    want: {
      topic: [
        ...FIRST,
        'Clash: none',
        'One: same-patch one sealed',
        'Three: same-patch three sealed',
        'Hand: none',
      ],
    },
  },
  {
    name: "skipped at the start: what it began on stays a person's",
    act: async (scene) => {
      await git(scene, ['rebase', '-q', '--onto', 'clash', scene.commits.get('One') ?? ''], {}, 1);
      await git(scene, ['rebase', '--skip']);
    },
    want: { topic: [...FIRST, 'Clash: none', 'Hand: none', 'Three: same-patch three sealed'] },
  },
  {
    name: 'aborted',
    act: async (scene) => {
      await intoConflict(scene);
      await resolve(scene);
      await git(scene, ['rebase', '--abort']);
    },
    want: { topic: TOPIC },
  },
  {
    name: 'given up where it stands (quit)',
    act: async (scene) => {
      await intoConflict(scene);
      await git(scene, ['rebase', '--quit']);
      await git(scene, ['reset', '-q', '--hard']);
    },
    want: { topic: TOPIC, HEAD: CONFLICTED },
  },
  {
    name: 'aborted, and done again with the resolution remembered (rerere)',
    act: async (scene) => {
      await scene.repo.git('config', 'rerere.enabled', 'true');
      await scene.repo.git('config', 'rerere.autoUpdate', 'true');
      await intoConflict(scene);
      await resolve(scene);
      await git(scene, ['rerere']);
      await git(scene, ['rebase', '--abort']);
      await intoConflict(scene);
      await git(scene, ['rebase', '--continue']);
    },
    want: {
      topic: [...CONFLICTED, 'Two: modified two sealed', 'Hand: none', 'Three: same-patch three sealed'],
    },
  },
  {
    name: 'aborted, and done again in another order: of commits made in one second each keeps its own record',
    act: async (scene) => {
      const { repo } = scene;
      await git(scene, ['checkout', '-q', '-b', 'pair', 'base']);
      const first = await inOneSecond(scene, 'first');
      const second = await inOneSecond(scene, 'second');
      await rebase(scene, [`pick ${second}`, `pick ${first}`], 'clash', 1);
      await resolve(scene);
      await git(scene, ['rebase', '--continue'], {}, 1);
      await git(scene, ['rebase', '--abort']);
      await rebase(scene, [`pick ${first}`, `pick ${second}`], 'clash', 1);
      await resolve(scene, shared({ 2: 'line 2 by hand and first' }));
      await git(scene, ['rebase', '--continue'], {}, 1);
      await resolve(scene);
      await git(scene, ['rebase', '--continue']);
      expect(await repo.git('rev-parse', 'pair~2')).toBe(await repo.git('rev-parse', 'clash'));
    },
    want: {
      pair: [...FIRST, 'Clash: none', 'first: modified first sealed', 'second: modified second sealed'],
      topic: TOPIC,
    },
  },
  {
    name: 'resolved by a person, then moved once more without a conflict',
    act: async (scene) => {
      await intoConflict(scene);
      await resolve(scene);
      await git(scene, ['rebase', '--continue']);
      await git(scene, ['checkout', '-q', 'clash']);
      await scene.repo.commit('Clash again', { 'clash.txt': 'by hand\n' });
      await git(scene, ['rebase', '-q', 'clash', 'topic']);
    },
    want: {
      topic: [
        ...CONFLICTED.slice(0, 3),
        'Clash again: none',
        'One: same-patch one sealed',
        'Two: modified two sealed',
        'Hand: none',
        'Three: same-patch three sealed',
      ],
    },
  },
];

const SHAPES: Case[] = [
  {
    name: "merges kept (rebase-merges): a person's merge",
    act: async (scene) => {
      await merged(scene);
      await git(scene, ['merge', '-q', '--no-ff', '-m', 'Join', 'side']);
      await git(scene, ['rebase', '-q', '--rebase-merges', 'main']);
    },
    want: { topic: [...ON_MAIN, 'Join: none'], 'topic^2': [...ON_MAIN, 'Side: same-patch side sealed'] },
  },
  {
    name: "merges kept (rebase-merges): an agent's merge",
    act: async (scene) => {
      await merged(scene);
      await gitByAgent(scene, ['merge', '-q', '--no-ff', '-m', 'Join', 'side']);
      await noteWork(scene, 'join');
      await git(scene, ['rebase', '-q', '--rebase-merges', 'main']);
    },
    want: {
      topic: [...ON_MAIN, 'Join: modified join sealed'],
      'topic^2': [...ON_MAIN, 'Side: same-patch side sealed'],
    },
  },
  {
    name: 'merges flattened',
    act: async (scene) => {
      await merged(scene);
      await git(scene, ['merge', '-q', '--no-ff', '-m', 'Join', 'side']);
      await git(scene, ['rebase', '-q', 'main']);
    },
    want: { topic: [...ON_MAIN, 'Side: same-patch side sealed'] },
  },
  {
    name: 'an empty commit, kept',
    act: async (scene) => {
      await work(scene, 'empty', 'Nothing');
      await git(scene, ['rebase', '-q', '--keep-empty', 'main']);
    },
    want: { topic: [...ON_MAIN, 'Nothing: same-patch empty sealed'] },
  },
  {
    name: 'an empty commit, not kept',
    act: async (scene) => {
      await work(scene, 'empty', 'Nothing');
      await git(scene, ['rebase', '-q', '--no-keep-empty', 'main']);
    },
    want: { topic: ON_MAIN },
  },
  {
    name: 'an empty commit whose place stays what it was',
    act: async (scene) => {
      await work(scene, 'empty', 'Nothing');
      await git(scene, ['rebase', '-q', '--root', '--signoff']);
    },
    want: { topic: [...TOPIC, 'Nothing: exact empty sealed'] },
  },
  {
    name: 'before anybody had bound the record',
    act: async (scene) => {
      await work(scene, 'four', 'Four', { 'four.txt': 'four\n' });
      await git(scene, ['rebase', '-q', 'main']);
    },
    want: { topic: [...ON_MAIN, 'Four: same-patch four sealed'] },
  },
];

/** A branch off topic with one more commit of an agent; topic is checked out. */
async function merged(scene: Scene): Promise<void> {
  await git(scene, ['checkout', '-q', '-b', 'side']);
  await work(scene, 'side', 'Side', { 'side.txt': 'side\n' });
  await git(scene, ['checkout', '-q', 'topic']);
}

itRewrites({
  'a branch is rebased': WHOLE,
  'rebase -i': INTERACTIVE,
  'rebase -i, stopped at a commit': EDITS,
  'a rebase with a conflict': CONFLICTS,
  'a rebase of other shapes': SHAPES,
});
