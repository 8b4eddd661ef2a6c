import { join } from 'node:path';
import { expect } from 'vitest';
import { writeScript } from '../support/repo.ts';
import { type Case, FIRST, itRewrites } from '../support/rewriting/cases.ts';
import { git, type Scene } from '../support/rewriting/scene.ts';
import { showOf } from '../support/seal.ts';

const TOPIC: readonly string[] = [
  ...FIRST,
  'One: exact one sealed',
  'Two: exact two sealed',
  'Hand: none',
  'Three: exact three sealed',
];
const REPLAYED: readonly string[] = [
  'One: same-patch one sealed',
  'Two: same-patch two sealed',
  'Hand: none',
  'Three: same-patch three sealed',
];
const UNNAMED: readonly string[] = [
  ...FIRST,
  'One: exact one unsealed',
  'Two: exact two unsealed',
  'Hand: none',
  'Three: exact three unsealed',
];
const FORGOTTEN: readonly string[] = [...FIRST, 'One: none', 'Two: none', 'Hand: none', 'Three: none'];

const SUBJECTS = ['One', 'Two', 'Hand', 'Three'];
const at = ({ commits }: Scene, subject: string): string => commits.get(subject) ?? '';

/** Makes every commit of topic anew with plumbing alone, as stacking tools do. */
async function restack(scene: Scene, onto: string, message: (subject: string) => string): Promise<void> {
  const { repo } = scene;
  let tip = await repo.git('rev-parse', onto);
  for (const subject of SUBJECTS) {
    const old = at(scene, subject);
    const tree = await merged(scene, `${old}^`, tip, old);
    const { stdout } = await repo.tryGit(['commit-tree', '-p', tip, '-F', '-', tree], {
      input: message(await repo.git('log', '-1', '--format=%B', old)),
    });
    tip = stdout.trim();
  }
  await git(scene, ['update-ref', '-m', 'restack', 'refs/heads/topic', tip]);
  await git(scene, ['reset', '-q', '--hard']);
}

/** The tree of a pick, made in an index of its own. */
async function merged({ repo }: Scene, base: string, ours: string, theirs: string): Promise<string> {
  const env = { GIT_INDEX_FILE: join(repo.home, 'index') };
  const read = ['read-tree', '-i', '-m', '--aggressive', base, ours, theirs];
  expect((await repo.tryGit(read, { env })).code).toBe(0);
  // What both sides changed is merged file by file; the scene needs that nowhere.
  const { stdout, stderr } = await repo.tryGit(['write-tree'], { env });
  expect(stderr).toBe('');
  return stdout.trim();
}

const RESTACKS: Case[] = [
  {
    name: 'on another commit, messages kept',
    act: (scene) => restack(scene, 'main', (message) => message),
    want: { topic: [...FIRST, 'Upstream: none', ...REPLAYED] },
  },
  {
    name: 'on another commit, titles alone: relink finds them',
    act: (scene) => restack(scene, 'main', (message) => message.split('\n', 1)[0] ?? ''),
    want: { topic: [...FORGOTTEN.slice(0, 2), 'Upstream: none', ...FORGOTTEN.slice(2)] },
    relinked: {
      topic: [...FIRST, 'Upstream: none', ...REPLAYED.map((row) => row.replace(' sealed', ' unsealed'))],
    },
  },
  {
    name: 'where it stood, titles alone: relink finds them',
    act: (scene) => restack(scene, 'base', (message) => message.split('\n', 1)[0] ?? ''),
    want: { topic: FORGOTTEN },
    relinked: { topic: UNNAMED },
  },
  {
    name: 'the branch moved to an old commit and back',
    act: async (scene) => {
      const tip = await scene.repo.git('rev-parse', 'topic');
      await git(scene, ['update-ref', 'refs/heads/topic', 'base']);
      await git(scene, ['update-ref', 'refs/heads/topic', tip]);
    },
    want: { topic: TOPIC },
  },
];

const filter = (scene: Scene, ...args: string[]): Promise<void> =>
  git(scene, ['filter-branch', '-f', ...args, '--', 'topic'], { FILTER_BRANCH_SQUELCH_WARNING: '1' });

const FILTERS: Case[] = [
  {
    name: 'every message, trailers kept',
    act: (scene) => filter(scene, '--msg-filter', "sed '1s/^/[x] /'"),
    want: { topic: TOPIC.map((row) => `[x] ${row}`) },
  },
  {
    name: 'every message, trailers taken out: relink finds them',
    act: (scene) => filter(scene, '--msg-filter', "sed '/^Agent-/d; /^Assisted-by/d'"),
    want: { topic: FORGOTTEN },
    relinked: { topic: UNNAMED },
  },
  {
    name: 'every author',
    act: (scene) => filter(scene, '--env-filter', 'GIT_AUTHOR_NAME=Bo; export GIT_AUTHOR_NAME'),
    want: { topic: TOPIC },
  },
  {
    name: 'a file put into every commit: each changes what it did before',
    act: (scene) => filter(scene, '--tree-filter', 'echo MIT >LICENSE'),
    want: { topic: [...FIRST, ...REPLAYED] },
  },
  {
    name: 'a file taken out of every commit: what was made of it alone is empty now',
    act: (scene) => filter(scene, '--index-filter', 'git rm -q --cached --ignore-unmatch one.txt three.txt'),
    want: {
      topic: [
        ...FIRST,
        'One: claimed one sealed',
        'Two: same-patch two sealed',
        'Hand: none',
        'Three: claimed three sealed',
      ],
    },
  },
  {
    name: 'a file taken out, and the commits that are empty then',
    act: (scene) =>
      filter(scene, '--prune-empty', '--index-filter', 'git rm -q --cached --ignore-unmatch one.txt'),
    want: {
      topic: [...FIRST, 'Two: same-patch two sealed', 'Hand: none', 'Three: same-patch three sealed'],
    },
  },
];

/** What git-filter-repo does: a stream of the whole history, edited on its way. */
async function stream(scene: Scene, script: string): Promise<void> {
  const path = join(scene.repo.home, 'edit');
  await writeScript(path, `#!/bin/sh\n${script}\n`);
  const run =
    'git fast-export --signed-tags=strip --reencode=yes topic | "$1" | git fast-import --force --quiet';
  const { code, stderr } = await scene.repo.exec('sh', ['-c', run, 'sh', path]);
  expect(code, stderr).toBe(0);
  await git(scene, ['reset', '-q', '--hard']);
}

const STREAMS: Case[] = [
  {
    name: 'every author',
    act: (scene) => stream(scene, 'sed "s/^\\(author\\|committer\\) Jane Doe <.*>/\\1 Bo <bo@example.com>/"'),
    want: { topic: TOPIC },
  },
  {
    name: 'everything moved into a folder: no change is the same, and the trailers claim',
    act: (scene) => stream(scene, "sed 's,^M \\([0-9]*\\) \\(:[0-9]*\\) ,M \\1 \\2 sub/,'"),
    want: {
      topic: [
        ...FIRST,
        'One: claimed one sealed',
        'Two: claimed two sealed',
        'Hand: none',
        'Three: claimed three sealed',
      ],
    },
  },
];

const OTHERS: Case[] = [
  {
    name: 'git replace: the commit stays what it was',
    act: async (scene) => {
      const { repo } = scene;
      const tree = await repo.git('rev-parse', 'main^{tree}');
      const other = await repo.git('commit-tree', '-p', 'base', '-m', 'Other', tree);
      await git(scene, ['replace', at(scene, 'Three'), other]);
    },
    want: { topic: TOPIC },
  },
  {
    name: 'git replace --graft: the commit stays where it was',
    act: (scene) => git(scene, ['replace', '--graft', at(scene, 'Two'), 'main']),
    want: { topic: TOPIC },
  },
  {
    name: 'git replace --graft, made permanent by filter-branch',
    act: async (scene) => {
      await git(scene, ['replace', '--graft', at(scene, 'Two'), 'base']);
      await filter(scene, '--msg-filter', 'cat');
      await git(scene, ['replace', '-d', at(scene, 'Two')]);
    },
    want: {
      topic: [...FIRST, 'Two: squashed one+two sealed', 'Hand: none', 'Three: exact three sealed'],
    },
  },
  {
    name: 'amended, and the old commit pruned: its id still tells its record and what came after it',
    act: async (scene) => {
      const { repo } = scene;
      const old = at(scene, 'Three');
      await git(scene, ['commit', '-q', '--amend', '-m', 'Mine']);
      await repo.run(['list']);
      const made = await repo.git('rev-parse', 'HEAD');
      await git(scene, ['reflog', 'expire', '--expire=now', '--all']);
      await git(scene, ['gc', '-q', '--prune=now']);
      expect((await repo.tryGit(['cat-file', '-e', old])).code).toBe(1);
      const three = scene.works.find(({ name }) => name === 'three');
      const shown = await showOf(repo, old);
      expect(shown).toMatchObject({ commit: old, record: three?.record, txn: three?.txn });
      expect(shown.landings).toMatchObject([{ commit: made }]);
    },
    want: { topic: [...TOPIC.slice(0, -1), 'Mine: exact three unsealed'] },
  },
];

itRewrites({
  'commit-tree and update-ref': RESTACKS,
  'filter-branch': FILTERS,
  'fast-export and fast-import': STREAMS,
  'other plumbing': OTHERS,
});
