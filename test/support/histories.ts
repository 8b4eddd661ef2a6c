import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { ExecutionRecord } from '../../lib/core/records/record.ts';
import type { TestRepo } from './repo.ts';
import { type Scene, scene } from './revert.ts';

export type Topic = 'x' | 'y' | 'z';
export type Branch = 'main' | Topic;
export type Who = 'one' | 'two' | 'person';

/** Everybody's commit adds a file of its own, so that whose work is where can be told from the files alone. */
export type Step =
  | { readonly do: 'commit'; readonly who: Who; readonly on: Branch }
  | { readonly do: Move; readonly branches: readonly Topic[]; readonly into: Branch };

/**
 * `merge` merges with a commit of its own, of two branches an octopus; `take` moves forward where that is possible, which may turn the
 * line of first parents round; `squash` makes one commit of each branch with the messages of its commits, `title` with none of them, `gitlab` on where the branch began, and merges that; `pick` takes over the newest
 * commit; `rebase` puts the branches on top of where they go; `revert` takes back the newest commit of where they would go.
 */
export type Move = 'merge' | 'take' | 'squash' | 'title' | 'gitlab' | 'pick' | 'rebase' | 'revert';

const TOPICS: readonly Topic[] = ['x', 'y', 'z'];
const branch: fc.Arbitrary<Branch> = fc.constantFrom('main', ...TOPICS);
const commit: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('commit' as const),
  who: fc.constantFrom('one' as const, 'two' as const, 'person' as const),
  on: branch,
});

/** Histories of commits on four branches, and of such moves between them. */
export function histories(moves: readonly Move[], maxLength = 14): fc.Arbitrary<Step[]> {
  const move = fc.record({
    do: fc.constantFrom(...moves),
    branches: fc.subarray([...TOPICS], { minLength: 1, maxLength: 2 }),
    into: fc.oneof(
      { weight: 3, arbitrary: fc.constant('main' as const) },
      { weight: 2, arbitrary: fc.constantFrom(...TOPICS) },
      { weight: 1, arbitrary: fc.constant('main' as const) },
    ),
  });
  return fc.array(fc.oneof({ weight: 3, arbitrary: commit }, { weight: 2, arbitrary: move }), {
    minLength: 4,
    maxLength,
    size: 'max',
  });
}

/** How many histories to draw, and which: `HISTORIES=200 SEED=7` draws others by hand, and more of them. */
export function drawing(few: number): { numRuns: number; seed: number; endOnFailure: boolean } {
  const { HISTORIES: most, SEED: seed = 20_261_123 } = process.env;
  return { numRuns: Number(most ?? few), seed: Number(seed), endOnFailure: most !== undefined };
}

/** Two agents and a person squashed into one commit, and one commit that was picked. */
const SQUASHED: Step[] = [
  { do: 'commit', who: 'one', on: 'x' },
  { do: 'commit', who: 'two', on: 'x' },
  { do: 'commit', who: 'person', on: 'x' },
  { do: 'commit', who: 'one', on: 'y' },
  { do: 'commit', who: 'person', on: 'main' },
  { do: 'squash', branches: ['x'], into: 'main' },
  { do: 'pick', branches: ['y'], into: 'main' },
];

/** Draws a few histories, and has something looked at in each; at the end there was some of everything it counted. */
export async function eachHolds(
  moves: readonly Move[],
  few: number,
  holds: (made: Scene) => Promise<void>,
  counted: Readonly<Record<string, number>>,
): Promise<void> {
  const property = fc.asyncProperty(histories(moves), async (steps) => holds(await madeOf(steps)));
  await fc.assert(property, { ...drawing(few), examples: [[SQUASHED]] });
  const none = Object.keys(counted).filter((what) => counted[what] === 0);
  if (none.length > 0) throw new Error(`of all histories none had ${none.join(', ')}`);
}

/** Makes a history; every branch begins at one commit of a person's. */
export async function madeOf(
  steps: readonly Step[],
  first: Readonly<Record<string, string>> = { begun: 'x\n' },
): Promise<Scene> {
  const made = await scene();
  await made.person(first);
  for (const topic of TOPICS) await made.repo.git('branch', topic);
  for (const [n, step] of steps.entries()) await act(made, step, n);
  await made.repo.git('checkout', '-q', 'main');
  return made;
}

export async function act(made: Scene, step: Step, n: number): Promise<void> {
  const { repo } = made;
  if (step.do === 'commit') {
    await repo.git('checkout', '-q', step.on);
    const [path, content] = [pathOf(step.who, n), `${n}\n`];
    const files = { [path]: content };
    await (step.who === 'person'
      ? made.person(files)
      : made.agent(files, step.who, {
          ...fieldsOf(step.who),
          files: [{ path, by: 'agent', change: 'added', blob: blobOf(content) }],
        }));
    return;
  }
  const branches = step.branches.filter((one) => one !== step.into);
  if (branches.length === 0) return;
  if (step.do === 'merge') {
    await repo.git('checkout', '-q', step.into);
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', ...branches);
  } else for (const one of branches) await withBranch(made, step.do, one, step.into);
}

/** What the second agent adds is of a risk class. */
function pathOf(who: Who, n: number): string {
  return who === 'two' ? `two-${n}.tf` : `${who}-${n}`;
}

function blobOf(content: string): string {
  return createHash('sha1').update(`blob ${content.length}\0${content}`).digest('hex');
}

/** What tells one transaction's records from the other's. */
export function fieldsOf(who: Who): Partial<ExecutionRecord> {
  return {
    sponsor: { name: who, email: `${who}@example.com`, source: 'flag' },
    model: { provider: null, name: `model-${who}` },
  };
}

async function withBranch(
  { repo }: Scene,
  what: Exclude<Move, 'merge'>,
  from: Topic,
  into: Branch,
): Promise<void> {
  await repo.git('checkout', '-q', what === 'rebase' ? from : into);
  if (what === 'rebase') await repo.git('rebase', '-q', into);
  else if (what === 'take') await repo.tryGit(['merge', '-q', '--ff-only', from]);
  else if (what === 'pick') {
    const { code } = await repo.tryGit(['cherry-pick', from]);
    // It is there already, or a merge.
    if (code !== 0) await repo.tryGit(['cherry-pick', '--abort']);
  } else if (what === 'revert') {
    const [file = ''] = (await repo.git('log', '-1', '--format=', '--name-only')).split('\n');
    // What all branches begin at stays.
    if (whoOf(file) === null) return;
    const { code } = await repo.tryGit(['revert', '--no-edit', 'HEAD']);
    if (code !== 0) await repo.tryGit(['revert', '--abort']);
  } else if (what === 'gitlab') await squashBelow(repo, from, into);
  else await squash(repo, from, into, what === 'title');
}

async function squash(repo: TestRepo, from: Topic, into: Branch, isTitleOnly: boolean): Promise<void> {
  const messages = isTitleOnly ? '' : await messagesOf(repo, from, into);
  await repo.git('merge', '-q', '--squash', from);
  const { code } = await repo.tryGit(['diff', '--cached', '--quiet']);
  if (code !== 0) await repo.git('commit', '-q', '-m', `The topic (#1)\n\n${messages}`);
}

async function squashBelow(repo: TestRepo, from: Topic, into: Branch): Promise<void> {
  const [base = '', ...others] = (await repo.git('merge-base', '--all', into, from)).split('\n');
  const [fork, tip] = await Promise.all([base, from].map((one) => repo.git('rev-parse', `${one}^{commit}`)));
  if (others.length > 0 || fork === tip) return;
  const text = `The topic\n\n${await messagesOf(repo, from, into)}`;
  const one = await repo.git('commit-tree', `${from}^{tree}`, '-p', base, '-m', text);
  await repo.git('merge', '-q', '--no-ff', '-m', 'Merge branch', one);
}

function messagesOf(repo: TestRepo, from: Topic, into: Branch): Promise<string> {
  return repo.git('log', '--reverse', '--no-merges', '--format=* %B', `${into}..${from}`);
}

/** A commit as git has it, with the files that it adds and those it takes away; of a merge none. */
export interface Drawn {
  readonly oid: string;
  readonly parents: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** All commits that branches lead to, by id. */
export async function drawn({ repo }: Scene): Promise<Map<string, Drawn>> {
  const log = await repo.git('log', '--branches', '--format=%x01%H %P', '--name-status', '--no-renames');
  return new Map(
    log
      .split('\u0001')
      .filter(Boolean)
      .map((text) => {
        const [ids = '', ...changes] = text.split('\n').filter(Boolean);
        const [oid = '', ...parents] = ids.trim().split(' ');
        const withLetter = (letter: string): string[] =>
          parents.length > 1
            ? []
            : changes.filter((line) => line.startsWith(letter)).map((line) => line.slice(2));
        return [oid, { oid, parents, added: withLetter('A'), removed: withLetter('D') }] as const;
      }),
  );
}

/** The files that a message names records of: its own, and those of the messages it repeats. */
export function namedBy(message: string): string[] {
  return [...message.matchAll(/^\W*Change (\S+)$/gm)].map(([, file = '']) => file);
}

export function whoOf(file: string): Who | null {
  const [who] = file.split('-');
  return who === 'one' || who === 'two' || who === 'person' ? who : null;
}

/** Commits one leads to, itself among them. */
export function reach(graph: ReadonlyMap<string, Drawn>, from: string): Set<string> {
  const found = new Set<string>();
  const waiting = [from];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    waiting.push(...(graph.get(at)?.parents ?? []));
  }
  return found;
}
