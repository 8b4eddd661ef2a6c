import { join } from 'node:path';
import { expect } from 'vitest';
import { repoAt, type TestRepo } from '../support/repo.ts';
import { type Case, FIRST, itRewrites } from '../support/rewriting/cases.ts';
import { expectHistory } from '../support/rewriting/history.ts';
import { noteResolution } from '../support/rewriting/resolution.ts';
import {
  git,
  gitByAgent,
  noteWork,
  quiet,
  type Scene,
  shared,
  types,
  work,
} from '../support/rewriting/scene.ts';

const MAIN: readonly string[] = [...FIRST, 'Upstream: none'];
const CLASH: readonly string[] = [...FIRST, 'Clash: none'];
const TOPIC: readonly string[] = [
  ...FIRST,
  'One: exact one sealed',
  'Two: exact two sealed',
  'Hand: none',
  'Three: exact three sealed',
];
const MERGED = shared({ 2: 'line 2 by both' });

const at = ({ commits }: Scene, subject: string): string => commits.get(subject) ?? '';

/** Goes to a branch and picks; fails unless git ends with this code. */
async function pick(scene: Scene, branch: string, what: readonly string[], wanted = 0): Promise<void> {
  await git(scene, ['checkout', '-q', branch]);
  await git(scene, ['cherry-pick', ...what], {}, wanted);
}

async function resolve({ repo }: Scene): Promise<void> {
  await repo.write('shared.txt', MERGED);
  await repo.git('add', '-A');
}

const CLEAN: Case[] = [
  {
    name: 'one commit',
    act: (scene) => pick(scene, 'main', [at(scene, 'Three')]),
    want: { main: [...MAIN, 'Three: same-patch three sealed'], topic: TOPIC },
  },
  {
    name: 'one commit, and where it came from said (-x)',
    act: (scene) => pick(scene, 'main', ['-x', at(scene, 'Three')]),
    want: { main: [...MAIN, 'Three: same-patch three sealed'], topic: TOPIC },
  },
  {
    name: 'a range',
    act: (scene) => pick(scene, 'main', ['base..topic']),
    want: {
      main: [
        ...MAIN,
        'One: same-patch one sealed',
        'Two: same-patch two sealed',
        'Hand: none',
        'Three: same-patch three sealed',
      ],
      topic: TOPIC,
    },
  },
  {
    name: 'onto two branches',
    act: async (scene) => {
      await pick(scene, 'main', [at(scene, 'One')]);
      await pick(scene, 'clash', [at(scene, 'One')]);
    },
    want: { main: [...MAIN, 'One: same-patch one sealed'], clash: [...CLASH, 'One: same-patch one sealed'] },
  },
  {
    name: 'onto what it was made on',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', '-b', 'again', 'base']);
      await git(scene, ['cherry-pick', at(scene, 'One')]);
    },
    want: { again: [...FIRST, 'One: exact one sealed'], topic: TOPIC },
  },
  {
    name: 'fast-forward',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', '-b', 'again', 'base']);
      await git(scene, ['cherry-pick', '--ff', 'base..topic']);
    },
    want: { again: TOPIC, topic: TOPIC },
  },
  {
    name: 'in a linked worktree',
    act: async (scene) => {
      const side = repoAt(join(scene.repo.home, 'side'), scene.repo.home);
      await git(scene, ['worktree', 'add', '-q', side.dir, 'main']);
      await git({ repo: side }, ['cherry-pick', at(scene, 'Three')]);
    },
    want: { main: [...MAIN, 'Three: same-patch three sealed'] },
  },
  {
    name: 'trailers typed away',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', 'main']);
      await git(scene, ['cherry-pick', '-e', at(scene, 'Three')], await types(scene, 'Mine'));
    },
    want: { main: [...MAIN, 'Mine: same-patch three unsealed'], topic: TOPIC },
  },
  {
    name: 'where lines nearby are others: the same work, and another patch',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', 'main']);
      await scene.repo.commit('Near', { 'shared.txt': shared({ 5: 'line 5 by hand' }) });
      await git(scene, ['cherry-pick', at(scene, 'Two')]);
    },
    want: { main: [...MAIN, 'Near: none', 'Two: modified two sealed'], topic: TOPIC },
  },
  {
    name: 'by an agent: it made nothing new',
    act: async (scene) => {
      await git(scene, ['checkout', '-q', 'main']);
      await gitByAgent(scene, ['cherry-pick', at(scene, 'Three')]);
    },
    want: { main: [...MAIN, 'Three: same-patch three sealed'], topic: TOPIC },
  },
  {
    name: "a person's commit beside an agent's",
    act: (scene) => pick(scene, 'main', [at(scene, 'Hand')]),
    want: { main: [...MAIN, 'Hand: none'], topic: TOPIC },
  },
  {
    name: "an agent's merge, as one commit (-m 1): what a merge does to one parent is no patch of its own",
    act: async (scene) => {
      await git(scene, ['checkout', '-q', '-b', 'side', 'base']);
      await scene.repo.commit('Side', { 'side.txt': 'side\n' });
      await git(scene, ['checkout', '-q', 'topic']);
      await gitByAgent(scene, ['merge', '-q', '--no-ff', '-m', 'Join', 'side']);
      await noteWork(scene, 'join');
      await quiet(scene.repo);
      await scene.repo.run(['list']);
      await pick(scene, 'main', ['-m', '1', 'topic']);
    },
    want: { main: [...MAIN, 'Join: modified join sealed'] },
  },
];

const NOT_COMMITTED: Case[] = [
  {
    name: 'one, committed by a person under another name: relink finds it',
    act: async (scene) => {
      await pick(scene, 'main', ['-n', at(scene, 'Three')]);
      await git(scene, ['commit', '-q', '-m', 'Mine']);
    },
    want: { main: [...MAIN, 'Mine: none'], topic: TOPIC },
    relinked: { main: [...MAIN, 'Mine: same-patch three unsealed'], topic: TOPIC },
  },
  {
    name: 'one, committed by a person under its own message',
    act: async (scene) => {
      await pick(scene, 'main', ['-n', at(scene, 'Three')]);
      await git(scene, ['commit', '-q', '-C', at(scene, 'Three')]);
    },
    want: { main: [...MAIN, 'Three: same-patch three sealed'], topic: TOPIC },
  },
  {
    name: 'several, committed by a person as one: relink finds them',
    act: async (scene) => {
      await pick(scene, 'main', ['-n', at(scene, 'One'), at(scene, 'Two')]);
      await git(scene, ['commit', '-q', '-m', 'Mine']);
    },
    want: { main: [...MAIN, 'Mine: none'], topic: TOPIC },
    relinked: { main: [...MAIN, 'Mine: squashed one+two unsealed'], topic: TOPIC },
  },
  {
    name: 'one, changed before a person committed it: nobody can tell',
    act: async (scene) => {
      await pick(scene, 'main', ['-n', at(scene, 'Three')]);
      await scene.repo.write('three.txt', 'three, changed by hand\n');
      await git(scene, ['commit', '-q', '-a', '-m', 'Mine']);
    },
    want: { main: [...MAIN, 'Mine: none'], topic: TOPIC },
  },
  {
    name: 'one, committed by an agent: work of its own',
    act: async (scene) => {
      await pick(scene, 'main', ['-n', at(scene, 'Three')]);
      await gitByAgent(scene, ['commit', '-q', '-m', 'Theirs']);
      await noteWork(scene, 'own');
    },
    want: { main: [...MAIN, 'Theirs: exact own sealed'], topic: TOPIC },
  },
];

const CONFLICTS: Case[] = [
  {
    name: 'resolved by a person (--continue)',
    act: async (scene) => {
      await pick(scene, 'clash', [at(scene, 'Two')], 1);
      await resolve(scene);
      await git(scene, ['cherry-pick', '--continue']);
    },
    want: { clash: [...CLASH, 'Two: modified two sealed'], topic: TOPIC },
  },
  {
    name: 'resolved by a person (commit), trailers typed away',
    act: async (scene) => {
      await pick(scene, 'clash', [at(scene, 'Two')], 1);
      await resolve(scene);
      await git(scene, ['commit', '-q', '-m', 'Mine']);
    },
    want: { clash: [...CLASH, 'Mine: modified two unsealed'], topic: TOPIC },
  },
  {
    name: 'resolved by a person in the middle of a range',
    act: async (scene) => {
      await pick(scene, 'clash', ['base..topic'], 1);
      await resolve(scene);
      await git(scene, ['cherry-pick', '--continue']);
    },
    want: {
      clash: [
        ...CLASH,
        'One: same-patch one sealed',
        'Two: modified two sealed',
        'Hand: none',
        'Three: same-patch three sealed',
      ],
      topic: TOPIC,
    },
  },
  {
    name: 'resolved by an agent: what it wrote is work of its own',
    act: async (scene) => {
      await pick(scene, 'clash', [at(scene, 'Two')], 1);
      await resolve(scene);
      await gitByAgent(scene, ['cherry-pick', '--continue']);
      await noteResolution(scene);
    },
    want: { clash: [...CLASH, 'Two: exact resolution sealed, beside two'], topic: TOPIC },
  },
  {
    name: 'resolved by a person where no hook runs: a claim, no more',
    act: async (scene) => {
      await pick(scene, 'clash', [at(scene, 'Two')], 1);
      await resolve(scene);
      await git(scene, ['-c', 'core.hooksPath=/dev/null', 'cherry-pick', '--continue']);
    },
    want: { clash: [...CLASH, 'Two: claimed two sealed'], topic: TOPIC },
  },
  {
    name: 'skipped',
    act: async (scene) => {
      await pick(scene, 'clash', ['base..topic'], 1);
      await git(scene, ['cherry-pick', '--skip']);
    },
    want: {
      clash: [...CLASH, 'One: same-patch one sealed', 'Hand: none', 'Three: same-patch three sealed'],
      topic: TOPIC,
    },
  },
  {
    name: 'aborted',
    act: async (scene) => {
      await pick(scene, 'clash', ['base..topic'], 1);
      await git(scene, ['cherry-pick', '--abort']);
    },
    want: { clash: CLASH, topic: TOPIC },
  },
  {
    name: 'given up where it stands (quit), and a person goes on with something else',
    act: async (scene) => {
      await pick(scene, 'clash', ['base..topic'], 1);
      await git(scene, ['cherry-pick', '--quit']);
      await git(scene, ['reset', '-q', '--hard']);
      await scene.repo.commit('Mine', { 'mine.txt': 'mine\n' });
    },
    want: { clash: [...CLASH, 'One: same-patch one sealed', 'Mine: none'], topic: TOPIC },
  },
];

const REVERTS: Case[] = [
  {
    name: 'by a person: the work is taken back, by nobody but them',
    act: (scene) => git(scene, ['revert', '--no-edit', at(scene, 'Three')]),
    want: { topic: [...TOPIC, 'Revert "Three": none'] },
  },
  {
    name: 'and reverted again: made anew on top of itself, by a person',
    act: async (scene) => {
      await git(scene, ['revert', '--no-edit', at(scene, 'Three')]);
      await git(scene, ['revert', '--no-edit', 'HEAD']);
    },
    want: { topic: [...TOPIC, 'Revert "Three": none', 'Revert "Revert "Three"": none'] },
  },
  {
    name: 'and picked again: the message names it',
    act: async (scene) => {
      await git(scene, ['revert', '--no-edit', at(scene, 'Three')]);
      await git(scene, ['cherry-pick', at(scene, 'Three')]);
    },
    want: {
      topic: [...TOPIC, 'Revert "Three": none', 'Three: exact three sealed'],
    },
  },
  {
    name: 'of a range',
    act: (scene) => git(scene, ['revert', '--no-edit', 'base..topic']),
    want: {
      topic: [
        ...TOPIC,
        'Revert "Three": none',
        'Revert "Hand": none',
        'Revert "Two": none',
        'Revert "One": none',
      ],
    },
  },
  {
    name: 'with a conflict, resolved by a person',
    act: async (scene) => {
      await scene.repo.commit('Later', { 'shared.txt': shared({ 2: 'line 2 later', 11: 'line 11 later' }) });
      await git(scene, ['revert', '--no-edit', at(scene, 'Two')], {}, 1);
      await scene.repo.write('shared.txt', shared({ 11: 'line 11 later' }));
      await git(scene, ['add', '-A']);
      await git(scene, ['revert', '--continue']);
    },
    want: { topic: [...TOPIC, 'Later: none', 'Revert "Two": none'] },
  },
  {
    name: 'by an agent: work of its own',
    act: async (scene) => {
      await gitByAgent(scene, ['revert', '--no-edit', at(scene, 'Three')]);
      await noteWork(scene, 'taken back');
    },
    want: { topic: [...TOPIC, 'Revert "Three": exact taken back sealed'] },
  },
  {
    name: 'of a range by an agent: work of its own, each of them',
    act: async (scene) => {
      await gitByAgent(scene, ['revert', '--no-edit', `${at(scene, 'One')}..topic`]);
      await noteWork(scene, 'first', 'HEAD~2');
      await noteWork(scene, 'second', 'HEAD~1');
      await noteWork(scene, 'third');
    },
    want: {
      topic: [
        ...TOPIC,
        'Revert "Three": exact first sealed',
        'Revert "Hand": exact second sealed',
        'Revert "Two": exact third sealed',
      ],
    },
  },
];

/** Another clone in which an agent goes on, with our ledger as it is now. */
async function otherClone({ repo }: Scene): Promise<TestRepo> {
  const other = repoAt(join(repo.home, 'other'), repo.home);
  await repo.git('clone', '-q', '-b', 'topic', repo.dir, other.dir);
  await other.git('config', 'user.name', 'Jane Doe');
  await other.git('config', 'user.email', 'jane@example.com');
  await other.git('fetch', '-q', repo.dir, 'refs/notes/agent-log:refs/notes/agent-log');
  const { code, stderr } = await other.run(['init', '--agents', 'none']);
  expect(code, stderr).toBe(0);
  return other;
}

const ELSEWHERE: Case[] = [
  {
    name: 'from a branch whose ledger was not fetched: a claim, until it is',
    act: async (scene) => {
      const other = await otherClone(scene);
      const there = { repo: other, works: [] as Scene['works'] };
      await work(there, 'far', 'Far', { 'far.txt': 'far\n' });
      await quiet(other);
      await other.run(['list']);
      await git(scene, ['fetch', '-q', other.dir, 'topic']);
      await pick(scene, 'main', ['FETCH_HEAD']);
      await expectHistory(scene, { main: [...MAIN, 'Far: claimed'], topic: TOPIC });
      await git(scene, ['fetch', '-q', other.dir, 'refs/notes/agent-log:refs/notes/agent-log']);
      scene.works.push(...there.works);
    },
    want: { main: [...MAIN, 'Far: same-patch far sealed'], topic: TOPIC },
  },
  {
    name: 'as a patch by mail (format-patch and am)',
    act: async (scene) => {
      const { stdout } = await scene.repo.tryGit(['format-patch', '--stdout', 'base..topic']);
      await git(scene, ['checkout', '-q', 'main']);
      expect((await scene.repo.tryGit(['am', '-q'], { input: stdout })).code).toBe(0);
    },
    want: {
      main: [
        ...MAIN,
        'One: same-patch one sealed',
        'Two: same-patch two sealed',
        'Hand: none',
        'Three: same-patch three sealed',
      ],
      topic: TOPIC,
    },
  },
  {
    name: 'as a patch by mail with a conflict a person resolves: a claim, for git tells nobody',
    act: async (scene) => {
      const { stdout } = await scene.repo.tryGit(['format-patch', '--stdout', '-1', at(scene, 'Two')]);
      await git(scene, ['checkout', '-q', 'clash']);
      expect((await scene.repo.tryGit(['am', '-q', '-3'], { input: stdout })).code).toBe(128);
      await resolve(scene);
      await git(scene, ['am', '--continue']);
    },
    want: { clash: [...CLASH, 'Two: claimed two sealed'], topic: TOPIC },
  },
];

itRewrites({
  'cherry-pick': CLEAN,
  'cherry-pick --no-commit': NOT_COMMITTED,
  'cherry-pick with a conflict': CONFLICTS,
  revert: REVERTS,
  'work from elsewhere': ELSEWHERE,
});
