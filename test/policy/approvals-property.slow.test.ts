import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AgentLogError } from '../../lib/core/errors.ts';
import { speakOfChange } from '../../lib/identity/approvals/speak.ts';
import { checkChange } from '../../lib/policy/check.ts';
import {
  act,
  type Drawn,
  drawing,
  drawn,
  histories,
  madeOf,
  reach,
  type Step,
  type Topic,
} from '../support/histories.ts';
import { IDENTITY, NOW } from '../support/records.ts';
import type { Scene } from '../support/revert.ts';

const POLICY = {
  '.agent-log/policy.yaml': 'version: 1\nrules: [{id: a, stage: [commit], require: [{expr: "true"}]}]\n',
};
const TOPICS: readonly Topic[] = ['x', 'y', 'z'];

const told = { holding: 0, ended: 0 };

/** A branch beside main as it is now: what it would bring, and what git says of it. */
interface Change {
  readonly head: string;
  readonly base: string;
  readonly tree: string;
  readonly main: string;
  readonly files: readonly string[];
}

/** Null where there is nothing in it, or it leaves main in several places. */
async function changeOf({ repo }: Scene, topic: Topic): Promise<Change | null> {
  const [head = '', tree = '', main = ''] = (
    await repo.git('rev-parse', topic, `${topic}^{tree}`, 'main')
  ).split('\n');
  const [base = '', ...others] = (await repo.git('merge-base', '--all', 'main', topic)).split('\n');
  if (others.length > 0 || base === head) return null;
  const files = (await repo.git('diff', '--name-only', base, head)).split('\n').filter(Boolean);
  return files.length === 0 ? null : { head, base, tree, main, files };
}

/** Each is somebody else's, by whose address it is told from the others. */
interface Approved extends Change {
  readonly by: string;
}

async function approve(made: Scene, topic: Topic, now: number): Promise<Approved | null> {
  const change = await changeOf(made, topic);
  const request = { kind: 'approval', txn: null, withdraw: false, note: null } as const;
  const named = { revision: topic, target: 'main' };
  const by = { name: 'Olga Poe', email: `olga-${now}@example.com` };
  const speaker = { by, identity: IDENTITY, now, sign: null };
  const spoken = await speakOfChange(made.ledger, { ...request, named }, speaker).catch((error: unknown) => {
    if (error instanceof AgentLogError && change === null) return null;
    throw error;
  });
  return spoken === null || change === null ? null : { ...change, by: by.email };
}

/** What a push does that says the same otherwise: one commit with what the branch had. */
async function foldTogether(made: Scene, topic: Topic): Promise<void> {
  const change = await changeOf(made, topic);
  if (change === null) return;
  const messages = await made.repo.git(
    'log',
    '--reverse',
    '--no-merges',
    '--format=* %B',
    `${change.base}..${topic}`,
  );
  const text = `All of it\n\n${messages}`;
  const one = await made.repo.git('commit-tree', change.tree, '-p', change.base, '-m', text);
  await made.repo.git('checkout', '-q', topic);
  await made.repo.git('reset', '-q', '--hard', one);
}

async function holds(made: Scene, approved: readonly Approved[]): Promise<void> {
  const graph = await drawn(made);
  for (const topic of TOPICS) {
    const change = await changeOf(made, topic);
    if (change === null) continue;
    const request = { revision: topic, target: 'main', stage: 'mr' as const, now: NOW + 100_000 };
    const { facts } = await checkChange(made.ledger, request);
    const found = new Map(facts.change.approvals.map((one) => [one.by, one.holds]));
    for (const one of approved) {
      const hadIt = await hasHad(made, one, change);
      judge(one, change, { held: found.get(one.by), hadIt, isApart: isApart(graph, change) });
    }
  }
}

/** Whether main was at a commit, since somebody spoke, in which all of the change's files are as it leaves them. */
async function hasHad(made: Scene, then: Approved, now: Change): Promise<boolean> {
  const range = [now.main, `^${then.main}`, `^${now.head}`];
  const line = await made.repo.git('rev-list', '--first-parent', ...range);
  for (const commit of line.split('\n').filter(Boolean)) {
    const { code } = await made.repo.tryGit(['diff', '--quiet', commit, now.head, '--', ...now.files]);
    if (code === 0) return true;
  }
  return false;
}

/** Nothing of the change was ever on main, but by its own commits. */
function isApart(graph: ReadonlyMap<string, Drawn>, { main, head, files }: Change): boolean {
  const own = reach(graph, head);
  const others = [...reach(graph, main)]
    .filter((oid) => !own.has(oid))
    .flatMap((oid) => graph.get(oid) ?? []);
  const touched = new Set(others.flatMap(({ added, removed }) => [...added, ...removed]));
  return files.every((file) => !touched.has(file));
}

interface Answer {
  /** Undefined where the approval is not told of. */
  readonly held: boolean | undefined;
  readonly hadIt: boolean;
  readonly isApart: boolean;
}

function judge(then: Approved, now: Change, { held, hadIt, isApart: isNew }: Answer): void {
  const isSame = then.base === now.base && then.tree === now.tree;
  const isSamePush = then.head === now.head;
  const about = { files: now.files, isSamePush, hadIt };
  if (!isSame || hadIt) expect({ ...about, held: held === true }).toEqual({ ...about, held: false });
  // What was rewritten since has its approval on another commit's note: it is found by a transaction, where there is one.
  else if (isNew) expect({ ...about, held: held ?? !isSamePush }).toEqual({ ...about, held: true });
  if (held === true) told.holding++;
  if (held === false) told.ended++;
}

/** What happens, with whoever approves a branch after it, and a branch that was folded together before that. */
interface Said {
  readonly step: Step;
  readonly approved: Topic | null;
  readonly folded: Topic | null;
}

/** A topic, so many times as often as none. */
const some = (weight: number): fc.Arbitrary<Topic | null> =>
  fc.oneof({ weight, arbitrary: fc.constantFrom(...TOPICS) }, { weight: 4, arbitrary: fc.constant(null) });

const saying: fc.Arbitrary<Said[]> = histories([
  'merge',
  'take',
  'squash',
  'gitlab',
  'pick',
  'rebase',
  'revert',
]).chain((steps) =>
  fc.tuple(
    ...steps.map((step) => fc.record({ step: fc.constant(step), approved: some(4), folded: some(1) })),
  ),
);

/** A person's commit is approved, and lands as part of another branch that went on from it. */
const IN_A_LARGER_ONE: Said[] = (
  [
    { do: 'commit', who: 'person', on: 'x' },
    { do: 'take', branches: ['x'], into: 'z' },
    { do: 'commit', who: 'one', on: 'z' },
    { do: 'commit', who: 'person', on: 'main' },
    { do: 'squash', branches: ['z'], into: 'main' },
  ] as const satisfies Step[]
).map((step, n) => ({ step, approved: n === 0 ? 'x' : null, folded: null }));

it('an approval holds for the change it was given for, and for no other', async () => {
  await fc.assert(
    fc.asyncProperty(saying, async (all) => {
      const made = await madeOf([], POLICY);
      const approved: Approved[] = [];
      for (const [n, { step, approved: topic, folded }] of all.entries()) {
        await act(made, step, n);
        if (folded !== null) await foldTogether(made, folded);
        const one = topic === null ? null : await approve(made, topic, NOW + 1000 + n);
        if (one !== null) approved.push(one);
      }
      await made.repo.git('checkout', '-q', 'main');
      await holds(made, approved);
    }),
    { ...drawing(8), examples: [[IN_A_LARGER_ONE]] },
  );
  expect(told.holding).toBeGreaterThan(0);
  expect(told.ended).toBeGreaterThan(0);
}, 600_000);
