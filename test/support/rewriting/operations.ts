import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type TestRepo, writeScript } from '../repo.ts';
import { type Edit, edits, title, write } from './random-history.ts';

type Message = 'kept' | 'anew';
type OnConflict = 'resolve' | 'skip' | 'abort';

/** One thing a person does to history. Numbers are taken modulo what there is. */
export type Operation =
  | { readonly do: 'amend'; readonly message: Message; readonly edits: readonly Edit[] | null }
  | {
      readonly do: 'rebase';
      readonly onto: Branch | null;
      readonly commands: readonly Command[];
      readonly first: number;
      readonly message: Message;
      readonly conflict: OnConflict;
    }
  | {
      readonly do: 'pick';
      readonly from: Branch;
      readonly count: number;
      readonly message: Message;
      readonly conflict: OnConflict;
    }
  | {
      readonly do: 'merge';
      readonly from: Branch;
      readonly how: 'ff' | 'no-ff' | 'squash';
      readonly message: Message;
      readonly conflict: OnConflict;
    }
  | { readonly do: 'recommit'; readonly depth: number; readonly message: Message; readonly stashed: boolean }
  | { readonly do: 'revert'; readonly back: number; readonly conflict: OnConflict }
  | { readonly do: 'restack'; readonly depth: number; readonly message: Message }
  | { readonly do: 'filter'; readonly message: Message }
  | { readonly do: 'commit'; readonly edits: readonly Edit[] }
  | { readonly do: 'reset'; readonly back: number }
  | { readonly do: 'switch'; readonly to: Branch }
  | { readonly do: 'look' }
  | { readonly do: 'relink' };

const COMMANDS = ['pick', 'pick', 'pick', 'reword', 'squash', 'fixup', 'fixup -C', 'drop', 'edit'] as const;
type Command = (typeof COMMANDS)[number];

export const BRANCHES = ['main', 'topic', 'side'] as const;
type Branch = (typeof BRANCHES)[number];

const branch = fc.constantFrom(...BRANCHES);
const message = fc.constantFrom<Message>('kept', 'anew');
const conflict = fc.constantFrom<OnConflict>('resolve', 'resolve', 'skip', 'abort');
const few = fc.integer({ min: 1, max: 4 });

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('amend' as const), message, edits: fc.option(edits) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('rebase' as const),
      onto: fc.option(branch),
      commands: fc.array(fc.constantFrom(...COMMANDS), { minLength: 5, maxLength: 5 }),
      first: fc.nat(4),
      message,
      conflict,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pick' as const), from: branch, count: few, message, conflict }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('merge' as const),
      from: branch,
      how: fc.constantFrom('ff' as const, 'no-ff' as const, 'squash' as const, 'squash' as const),
      message,
      conflict,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('recommit' as const),
      depth: few,
      message,
      stashed: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('revert' as const), back: fc.nat(3), conflict }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restack' as const), depth: few, message }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('filter' as const), message }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('commit' as const), edits }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reset' as const), back: few }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('switch' as const), to: branch }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('relink' as const) }) },
);

/** What an operation did that the commits themselves don't tell. */
export interface Effect {
  /** Numbers of commits that went into the commit of another number. */
  readonly joined: ReadonlyMap<string, readonly string[]>;
  /** Git itself says which commit became which. */
  readonly paired: boolean;
}

const NOTHING: Effect = { joined: new Map(), paired: false };

/** A repository with a number for what is typed into it. */
export interface Desk {
  readonly repo: TestRepo;
  readonly mark: () => string;
}

/** Does it to the branch checked out, as a person with git would, and leaves no rebase or merge half done. */
export async function perform(desk: Desk, one: Operation): Promise<Effect> {
  const { repo } = desk;
  switch (one.do) {
    case 'amend':
      return amend(desk, one.message, one.edits);
    case 'rebase':
      return rebase(desk, one);
    case 'pick':
      return pick(desk, one.from, one.count, one.message, one.conflict);
    case 'merge':
      return merge(desk, one.from, one.how, one.message, one.conflict);
    case 'recommit':
      return recommit(desk, one.depth, one.message, one.stashed);
    case 'revert':
      return revert(desk, one.back, one.conflict);
    case 'restack':
      return restack(desk, one.depth, one.message);
    case 'filter':
      return filter(desk, one.message);
    case 'commit':
      await write(repo, one.edits, desk.mark());
      await repo.git('commit', '-q', '-a', '--allow-empty', '-m', title(desk.mark()));
      return NOTHING;
    case 'reset':
      await repo.git('reset', '-q', '--hard', `HEAD~${Math.min(one.back, (await ownCommits(repo)).length)}`);
      return NOTHING;
    case 'switch':
      await repo.git('checkout', '-q', one.to);
      return NOTHING;
    case 'look':
    case 'relink':
      return NOTHING;
  }
}

/** Commits of the branch checked out that are not the base's, oldest first, first parents alone. */
async function ownCommits(repo: TestRepo, ...range: string[]): Promise<string[]> {
  const what = range.length > 0 ? range : ['HEAD', '^base'];
  const list = await repo.git('rev-list', '--reverse', '--first-parent', ...what);
  return list.split('\n').filter(Boolean);
}

async function isMerge(repo: TestRepo, revision: string): Promise<boolean> {
  return (await repo.tryGit(['rev-parse', '-q', '--verify', `${revision}^2`])).code === 0;
}

/** The numbers a commit's message tells, wherever in it. */
export function numbersIn(text: string): string[] {
  return [...text.matchAll(/^\s*\[([\w+]+)\] changed/gm)].flatMap((match) => (match[1] ?? '').split('+'));
}

async function numbersOf(repo: TestRepo, ...range: string[]): Promise<string[]> {
  const text = await repo.git('log', '--reverse', '--format=%B', ...range);
  return [...new Set(numbersIn(text))];
}

async function amend(
  { repo, mark }: Desk,
  message: Message,
  changes: readonly Edit[] | null,
): Promise<Effect> {
  if ((await ownCommits(repo)).length === 0) return NOTHING;
  if (changes !== null) {
    // Beside what is there, not in place of it: what was made stays in the commit.
    await repo.write(`${mark()}.txt`, 'by hand\n');
    await repo.git('add', '-A');
  }
  const numbers = await numbersOf(repo, '-1', 'HEAD');
  const how = message === 'kept' ? ['--no-edit'] : ['-m', title(...numbers)];
  await repo.tryGit(['commit', '-q', '--amend', '--allow-empty', ...how]);
  return { ...NOTHING, paired: true };
}

/** Keeps a message, or all but its first line away. */
async function editorFor(repo: TestRepo, message: Message): Promise<Record<string, string>> {
  if (message === 'kept') return { GIT_EDITOR: 'true' };
  const path = join(repo.home, 'first-line');
  await writeScript(path, '#!/bin/sh\nl=$(grep -m1 "^\\[" "$1") || exit 0\nprintf "%s\\n" "$l" >"$1"\n');
  return { GIT_EDITOR: path };
}

async function rebase(
  { repo, mark }: Desk,
  { onto, commands, first, message, conflict }: Extract<Operation, { do: 'rebase' }>,
): Promise<Effect> {
  const own = await ownCommits(repo, 'HEAD', onto === null ? '^base' : `^${onto}`);
  if (own.length === 0 || own.length > 8) return NOTHING;
  for (const oid of own) if (await isMerge(repo, oid)) return NOTHING;
  const picked = own.map((oid, i) => ({ oid, command: commands[i % commands.length] ?? 'pick' }));
  const turn = first % own.length;
  const list = [...picked.slice(turn), ...picked.slice(0, turn)];
  const todo = list.filter(({ command }) => command !== 'drop');
  if (todo.length === 0) return NOTHING;
  const lines = todo.map(({ oid, command }, i) => `${i === 0 && joins(command) ? 'pick' : command} ${oid}`);
  const path = join(repo.home, 'todo');
  await writeScript(path, `#!/bin/sh\ncat >"$1" <<'END'\n${lines.join('\n')}\nEND\n`);
  const env = { GIT_SEQUENCE_EDITOR: path, ...(await editorFor(repo, message)) };
  // What is joined where all before it was skipped goes into what the rebase began on.
  const below = await numbersOf(repo, '-1', onto ?? 'base');
  await repo.tryGit(['rebase', '-q', '-i', onto ?? 'base'], { env });
  const stops = await finish({ repo, mark }, conflict, env);
  // Of a commit it stopped at, git may say that it became the one a person put on top.
  const isStraight = todo.every(({ command }) => command !== 'edit');
  return { joined: await joinedIn(repo, todo, below, stops), paired: isStraight };
}

function joins(command: Command): boolean {
  return command === 'squash' || command === 'fixup' || command === 'fixup -C';
}

/** Numbers of what a list joins, under every number the result may be called by. */
async function joinedIn(
  repo: TestRepo,
  todo: readonly { readonly oid: string; readonly command: Command }[],
  below: readonly string[],
  { skipped, put }: Stops,
): Promise<Map<string, string[]>> {
  const groups: string[][] = [[...below]];
  for (const [i, { oid, command }] of todo.entries()) {
    if (skipped.has(oid)) continue;
    const numbers = await numbersOf(repo, '-1', oid);
    if (i > 0 && joins(command)) groups.at(-1)?.push(...numbers);
    else groups.push(numbers);
    const onTop = put.get(oid);
    if (onTop !== undefined) groups.push([onTop]);
  }
  return new Map(groups.filter(({ length }) => length > 1).flatMap((all) => all.map((one) => [one, all])));
}

async function pick(
  desk: Desk,
  from: Branch,
  count: number,
  message: Message,
  conflict: OnConflict,
): Promise<Effect> {
  const { repo } = desk;
  const there = (await ownCommits(repo, from, '^HEAD')).slice(0, count);
  for (const oid of there) if (await isMerge(repo, oid)) return NOTHING;
  if (there.length === 0) return NOTHING;
  const env = await editorFor(repo, message);
  await repo.tryGit(['cherry-pick', '--allow-empty', ...(message === 'anew' ? ['-e'] : []), ...there], {
    env,
  });
  await finish(desk, conflict, env);
  return NOTHING;
}

async function merge(
  { repo, mark }: Desk,
  from: Branch,
  how: 'ff' | 'no-ff' | 'squash',
  message: Message,
  conflict: OnConflict,
): Promise<Effect> {
  if (how === 'ff') await repo.tryGit(['merge', '-q', '--ff-only', from]);
  if (how === 'no-ff') {
    await repo.tryGit(['merge', '-q', '--no-ff', '-m', title(mark()), from]);
    await finish({ repo, mark }, conflict);
  }
  if (how === 'squash') {
    const numbers = await numbersOf(repo, `HEAD..${from}`);
    if (numbers.length === 0) return NOTHING;
    const { code } = await repo.tryGit(['merge', '-q', '--squash', from]);
    if (code !== 0 && conflict !== 'resolve') await repo.git('reset', '-q', '--hard');
    else {
      await repo.git('add', '-A');
      const said = message === 'kept' ? ['--no-edit'] : ['-m', title(...numbers)];
      await repo.tryGit(['commit', '-q', ...said], { env: { GIT_EDITOR: 'true' } });
      await repo.git('reset', '-q', '--hard');
    }
  }
  return NOTHING;
}

async function revert(desk: Desk, back: number, conflict: OnConflict): Promise<Effect> {
  const own = await ownCommits(desk.repo);
  const oid = own.at(-1 - back);
  if (oid === undefined || (await isMerge(desk.repo, oid))) return NOTHING;
  await desk.repo.tryGit(['revert', '--no-edit', oid]);
  await finish(desk, conflict);
  return NOTHING;
}

async function recommit({ repo }: Desk, depth: number, message: Message, stashed: boolean): Promise<Effect> {
  const own = await ownCommits(repo);
  const count = Math.min(depth, own.length);
  if (count === 0) return NOTHING;
  const range = `HEAD~${count}..HEAD`;
  const all = await repo.git('log', '--reverse', '--format=%B', range);
  const numbers = await numbersOf(repo, range);
  if (numbers.length === 0) return NOTHING;
  await repo.git('reset', '-q', '--soft', `HEAD~${count}`);
  if (stashed && (await repo.tryGit(['stash', '-q'])).code === 0)
    await repo.tryGit(['stash', 'pop', '-q', '--index']);
  const said = message === 'kept' ? `${title(...numbers)}\n\n${all}` : title(...numbers);
  await repo.tryGit(['commit', '-q', '--allow-empty', '-m', said]);
  return NOTHING;
}

async function restack({ repo, mark }: Desk, depth: number, message: Message): Promise<Effect> {
  const own = (await ownCommits(repo)).slice(-depth);
  for (const oid of own) if (await isMerge(repo, oid)) return NOTHING;
  const [lowest] = own;
  if (lowest === undefined) return NOTHING;
  let tip = await repo.git('rev-parse', `${lowest}^`);
  for (const oid of own) {
    const said = await repo.git('log', '-1', '--format=%B', oid);
    const text = message === 'kept' ? `${said}\n\nRestacked: ${mark()}` : title(...numbersIn(said));
    tip = await repo.git('commit-tree', '-p', tip, '-m', text, `${oid}^{tree}`);
  }
  await repo.git('update-ref', 'HEAD', tip);
  return NOTHING;
}

async function filter({ repo }: Desk, message: Message): Promise<Effect> {
  if ((await ownCommits(repo)).length === 0) return NOTHING;
  const edit = message === 'kept' ? "sed '$a Filtered: yes'" : "sed '/^ *Agent-/d'";
  const env = { FILTER_BRANCH_SQUELCH_WARNING: '1' };
  const branchName = await repo.git('symbolic-ref', '--short', 'HEAD');
  await repo.tryGit(['filter-branch', '-f', '--msg-filter', edit, '--', `base..${branchName}`], { env });
  return NOTHING;
}

const STATES = [
  ['rebase-merge', 'rebase'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['sequencer', 'cherry-pick'],
  ['MERGE_HEAD', 'merge'],
] as const;

/** Where git stopped, and a person did something about it. */
interface Stops {
  /** Commits that were to be made and were not. */
  readonly skipped: ReadonlySet<string>;
  /** Numbers of commits that were put on top of others. */
  readonly put: ReadonlyMap<string, string>;
}

/** Goes on until git is done: resolves by keeping what both sides wrote, skips, or gives up. */
async function finish(
  { repo, mark }: Desk,
  conflict: OnConflict,
  env: Readonly<Record<string, string>> = {},
): Promise<Stops> {
  const skipped = new Set<string>();
  const put = new Map<string, string>();
  for (let i = 0; i < 16; i++) {
    const state = STATES.find(([name]) => existsSync(repo.path('.git', name)))?.[1];
    if (state === undefined) return { skipped, put };
    const isConflict = (await repo.git('ls-files', '-u')) !== '';
    const isEdit = !isConflict && existsSync(repo.path('.git/rebase-merge/amend'));
    const at = await commandAt(repo);
    if (isEdit) put.set(at.oid, await putBetween(repo, mark()));
    if (isConflict && conflict === 'abort') break;
    // Which of several that were to be joined was skipped, nobody can tell.
    const resolves = isEdit || (isConflict && (conflict === 'resolve' || at.joins));
    if (resolves) await repo.git('add', '-A');
    else if (!at.joins) skipped.add(at.oid);
    const how = state === 'merge' ? mergeWords(resolves) : [state, resolves ? '--continue' : '--skip'];
    await repo.tryGit(how, { env: { GIT_EDITOR: 'true', ...env } });
  }
  for (const name of ['rebase', 'cherry-pick', 'revert', 'merge']) await repo.tryGit([name, '--abort']);
  await repo.git('reset', '-q', '--hard');
  return { skipped, put };
}

/** What a rebase that stands still was about to do. */
async function commandAt(repo: TestRepo): Promise<{ readonly oid: string; readonly joins: boolean }> {
  const done = await repo.read('.git/rebase-merge/done').catch(() => '');
  const [command = '', oid = ''] = (done.trimEnd().split('\n').at(-1) ?? '').replace(' -C', '').split(' ');
  return { oid, joins: command === 'squash' || command === 'fixup' };
}

function mergeWords(resolves: boolean): string[] {
  return resolves ? ['commit', '--no-edit'] : ['merge', '--abort'];
}

/** A commit of the person's own, on top of the one a rebase stopped at. */
async function putBetween(repo: TestRepo, number: string): Promise<string> {
  await repo.write(`${number}.txt`, 'by hand\n');
  await repo.git('add', '-A');
  await repo.git('commit', '-q', '-m', title(number));
  return number;
}
