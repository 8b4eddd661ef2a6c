import { join } from 'node:path';
import { repoAt } from '../support/repo.ts';
import { type Case, FIRST, itRewrites } from '../support/rewriting/cases.ts';
import { asSession, git, gitByAgent, noteWork, type Scene, types, work } from '../support/rewriting/scene.ts';

const BELOW: readonly string[] = [...FIRST, 'One: exact one sealed', 'Two: exact two sealed', 'Hand: none'];

const amend = (scene: Scene, ...more: string[]): Promise<void> =>
  git(scene, ['commit', '-q', '--amend', ...more]);

/** Changes what Three made. */
async function change({ repo }: Scene, content = 'three, changed by hand\n'): Promise<void> {
  await repo.write('three.txt', content);
  await repo.git('add', '-A');
}

const MESSAGES: Case[] = [
  {
    name: 'nothing but the date',
    act: (scene) => amend(scene, '--no-edit', '--date=2001-01-01T00:00:00'),
    want: { topic: [...BELOW, 'Three: exact three sealed'] },
  },
  {
    name: 'the message, trailers kept',
    act: async (scene) => {
      const message = await scene.repo.git('log', '-1', '--format=%B');
      await amend(scene, '-m', message.replace('Three', 'Three, said better'));
    },
    want: { topic: [...BELOW, 'Three, said better: exact three sealed'] },
  },
  {
    name: 'the message, trailers typed away',
    act: (scene) => amend(scene, '-m', 'Mine'),
    want: { topic: [...BELOW, 'Mine: exact three unsealed'] },
  },
  {
    name: 'the message in an editor, trailers typed away',
    act: async (scene) => git(scene, ['commit', '-q', '--amend'], await types(scene, 'Mine')),
    want: { topic: [...BELOW, 'Mine: exact three unsealed'] },
  },
  {
    name: 'the author',
    act: (scene) => amend(scene, '--no-edit', '--author=Bo <bo@example.com>'),
    want: { topic: [...BELOW, 'Three: exact three sealed'] },
  },
  {
    name: 'ten messages in a row, trailers typed away',
    act: async (scene) => {
      for (let i = 1; i <= 10; i++) await amend(scene, '-m', `Try ${i}`);
    },
    want: { topic: [...BELOW, 'Try 10: exact three unsealed'] },
  },
  {
    name: 'trailers typed away, then the old message again',
    act: async (scene) => {
      await amend(scene, '-m', 'Mine');
      await amend(scene, '-C', 'HEAD@{1}');
    },
    want: { topic: [...BELOW, 'Three: exact three sealed'] },
  },
  {
    name: 'the message, trailers typed away, where no hook runs: relink finds it',
    act: (scene) => git(scene, ['-c', 'core.hooksPath=/dev/null', 'commit', '-q', '--amend', '-m', 'Mine']),
    want: { topic: [...BELOW, 'Mine: none'] },
    relinked: { topic: [...BELOW, 'Mine: exact three unsealed'] },
  },
  {
    name: "a message that takes another record's trailers: its own work it stays",
    act: (scene) => amend(scene, '-C', scene.commits.get('One') ?? ''),
    want: { topic: [...BELOW, 'One: exact three unsealed'] },
  },
];

const CONTENT: Case[] = [
  {
    name: 'content, trailers kept',
    act: async (scene) => {
      await change(scene);
      await amend(scene, '--no-edit');
    },
    want: { topic: [...BELOW, 'Three: modified three sealed'] },
  },
  {
    name: 'content and message, trailers typed away',
    act: async (scene) => {
      await change(scene);
      await amend(scene, '-m', 'Mine');
    },
    want: { topic: [...BELOW, 'Mine: modified three unsealed'] },
  },
  {
    name: 'content ten times in a row',
    act: async (scene) => {
      for (let i = 1; i <= 10; i++) {
        await change(scene, `three, try ${i}\n`);
        await amend(scene, '--no-edit');
      }
    },
    want: { topic: [...BELOW, 'Three: modified three sealed'] },
  },
  {
    name: 'content ten times in a row, trailers typed away by the first',
    act: async (scene) => {
      for (let i = 1; i <= 10; i++) {
        await change(scene, `three, try ${i}\n`);
        await amend(scene, '-m', `Try ${i}`);
      }
    },
    want: { topic: [...BELOW, 'Try 10: modified three unsealed'] },
  },
  {
    name: 'content there and back, trailers typed away',
    act: async (scene) => {
      await change(scene);
      await amend(scene, '-m', 'Mine');
      await change(scene, 'three\n');
      await amend(scene, '--no-edit');
    },
    want: { topic: [...BELOW, 'Mine: exact three unsealed'] },
  },
  {
    name: 'content, where no hook runs',
    act: async (scene) => {
      await change(scene);
      await git(scene, ['-c', 'core.hooksPath=/dev/null', 'commit', '-q', '--amend', '--no-edit']);
    },
    want: { topic: [...BELOW, 'Three: modified three sealed'] },
  },
  {
    name: 'all of the work taken out: nothing of it is left to be claimed',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', 'HEAD^', '--', 'shared.txt']);
      await git(scene, ['rm', '-q', 'three.txt']);
      await amend(scene, '--no-edit', '--allow-empty');
    },
    want: { topic: [...BELOW, 'Three: claimed three sealed'] },
  },
  {
    name: 'one of its files taken out',
    act: async (scene) => {
      await git(scene, ['rm', '-q', 'three.txt']);
      await amend(scene, '--no-edit');
    },
    want: { topic: [...BELOW, 'Three: modified three sealed'] },
  },
];

const PLACES: Case[] = [
  {
    name: "a person's commit on top of an agent's",
    act: async (scene) => {
      await scene.repo.commit('Mine', { 'mine.txt': 'mine\n' });
      await amend(scene, '-m', 'Mine, said better');
    },
    want: { topic: [...BELOW, 'Three: exact three sealed', 'Mine, said better: none'] },
  },
  {
    name: 'without a branch',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', '--detach']);
      await amend(scene, '-m', 'Mine');
    },
    want: { HEAD: [...BELOW, 'Mine: exact three unsealed'] },
  },
  {
    name: 'in a linked worktree',
    act: async (scene) => {
      const side = repoAt(join(scene.repo.home, 'side'), scene.repo.home);
      await git(scene, ['checkout', '-q', 'main']);
      await git(scene, ['worktree', 'add', '-q', side.dir, 'topic']);
      await git({ repo: side }, ['commit', '-q', '--amend', '-m', 'Mine']);
    },
    want: { topic: [...BELOW, 'Mine: exact three unsealed'] },
  },
  {
    name: 'before anybody had bound the record',
    act: async (scene) => {
      await work(scene, 'four', 'Four', { 'four.txt': 'four\n' });
      await amend(scene, '-m', 'Mine');
    },
    want: { topic: [...BELOW, 'Three: exact three sealed', 'Mine: exact four unsealed'] },
  },
  {
    name: 'before anybody had bound the record, content too',
    act: async (scene) => {
      await work(scene, 'four', 'Four', { 'four.txt': 'four\n' });
      await scene.repo.write('four.txt', 'four, changed by hand\n');
      await amend(scene, '-a', '-m', 'Mine');
    },
    want: { topic: [...BELOW, 'Three: exact three sealed', 'Mine: modified four unsealed'] },
  },
  {
    name: 'of an amend of an amend of a merge',
    act: async (scene) => {
      await git(scene, ['merge', '-q', '--no-edit', 'main']);
      await amend(scene, '-m', 'Joined');
      await amend(scene, '-m', 'Joined again');
    },
    want: { topic: [...BELOW, 'Three: exact three sealed', 'Joined again: none'] },
  },
];

const BY_AGENTS: Case[] = [
  {
    name: 'the message',
    act: async (scene) => {
      await gitByAgent(scene, ['commit', '-q', '--amend', '-m', 'Three, said better']);
      await noteWork(scene, 'four');
    },
    want: { topic: [...BELOW, 'Three, said better: exact four sealed, beside three'] },
  },
  {
    name: 'content of its own work',
    act: async (scene) => {
      await change(scene);
      const { code } = await asSession(scene.repo, 1, ['commit', '-q', '--amend', '--no-edit']);
      if (code === 0) await noteWork(scene, 'four');
    },
    want: { topic: [...BELOW, 'Three: exact four sealed, beside three'] },
  },
  {
    name: "content of another agent's work, then a person's message without trailers",
    act: async (scene) => {
      await change(scene);
      await gitByAgent(scene, ['commit', '-q', '--amend', '--no-edit']);
      await noteWork(scene, 'four');
      await amend(scene, '-m', 'Mine');
    },
    want: { topic: [...BELOW, 'Mine: exact four unsealed, beside three'] },
  },
  {
    name: "of a person's commit, then the person's again",
    act: async (scene) => {
      await scene.repo.commit('Mine', { 'mine.txt': 'mine\n' });
      await scene.repo.write('mine.txt', 'and theirs\n');
      await gitByAgent(scene, ['commit', '-q', '-a', '--amend', '--no-edit']);
      await noteWork(scene, 'four');
      await scene.repo.write('mine.txt', 'mine again\n');
      await amend(scene, '-a', '-m', 'Mine again');
    },
    want: { topic: [...BELOW, 'Three: exact three sealed', 'Mine again: modified four unsealed'] },
  },
];

itRewrites({
  'a person amends the message': MESSAGES,
  'a person amends the content': CONTENT,
  'a person amends': PLACES,
  'an agent amends': BY_AGENTS,
});
