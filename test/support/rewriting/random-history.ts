import fc from 'fast-check';
import type { ExecutionRecord, StoredRecord } from '../../../lib/core/records/record.ts';
import { patchIds } from '../../../lib/git/diffs/patch-id.ts';
import { appendToNotes } from '../../../lib/ledger/notes/append.ts';
import { IDENTITY, storedBinding, storedExecution } from '../records.ts';
import type { TestRepo } from '../repo.ts';
import { inLedger } from './scene.ts';

/** A line of a file told otherwise, so that two of these collide, touch or pass each other by. */
export interface Edit {
  readonly file: number;
  readonly line: number;
}

/** A commit of a random history: a person's, or an agent's in one of two transactions. */
export interface Planned {
  readonly by: 'person' | 0 | 1;
  readonly edits: readonly Edit[];
}

/** A record of the history, by what its own commit does. */
export interface Recorded {
  readonly commit: string;
  readonly record: string;
  readonly txn: string;
}

export interface RandomHistory {
  readonly base: readonly Planned[];
  readonly side: readonly Planned[];
}

const FILES = 3;
const LINES = 12;

const edit: fc.Arbitrary<Edit> = fc.record({ file: fc.nat(FILES - 1), line: fc.nat(LINES - 1) });
export const edits: fc.Arbitrary<readonly Edit[]> = fc.array(edit, { minLength: 1, maxLength: 3 });

const planned: fc.Arbitrary<Planned> = fc.record({
  by: fc.constantFrom<Planned['by']>(0, 0, 1, 'person'),
  edits,
});

export const randomHistory: fc.Arbitrary<RandomHistory> = fc.record({
  base: fc.array(planned, { minLength: 2, maxLength: 4 }),
  side: fc.array(fc.record({ by: fc.constant<Planned['by']>('person'), edits }), {
    minLength: 1,
    maxLength: 2,
  }),
});

/** What each file holds before anybody changes it. */
export function untouched(): Record<string, string> {
  const files = Array.from({ length: FILES }, (_, file) => fileName(file));
  return Object.fromEntries(
    files.map((name, file) => [name, Array.from({ length: LINES }, (_, i) => `${file}.${i}\n`).join('')]),
  );
}

function fileName(file: number): string {
  return `f${file}.txt`;
}

/** Writes edits into the worktree; every line is told from every other, whoever wrote it. */
export async function write(repo: TestRepo, changes: readonly Edit[], mark: string): Promise<void> {
  for (const [i, { file, line }] of changes.entries()) {
    const lines = (await repo.read(fileName(file)).catch(() => '')).split('\n');
    lines[Math.min(line, Math.max(0, lines.length - 2))] = `${mark}.${i}`;
    await repo.write(fileName(file), lines.join('\n'));
  }
}

/** The number a commit is known by, whatever becomes of it: the first line of its message begins with it. */
export function title(...numbers: readonly (number | string)[]): string {
  return `[${numbers.join('+')}] changed`;
}

/**
 * Makes the branches: `topic` with the random history, `side` with some of a person's commits, and `main` where both
 * began. `topic` is checked out. Gives the records by the number of their commit.
 */
export async function build(repo: TestRepo, history: RandomHistory): Promise<Map<string, Recorded>> {
  const base = await headOf(repo);
  let tip = base;
  for (const [i, { edits: changes }] of history.side.entries())
    tip = await commit(repo, tip, changes, `side${i}`, () => title(`s${i}`));
  await repo.git('update-ref', 'refs/heads/side', tip.oid);
  await repo.git('checkout', '-q', '-f', '-b', 'topic', 'main');
  tip = base;
  const made: Made[] = [];
  for (const [i, { by, edits: changes }] of history.base.entries()) {
    const before = made.findLast((one) => one.by === by)?.record;
    let record: Made['record'] | undefined;
    const seal = (tree: string): string => {
      if (by === 'person') return title(i);
      record = executionOf(changes, tip, tree, before);
      return `${title(i)}\n\nAgent-Txn: ${record.record.txn}\nAgent-Record: ${record.digest}`;
    };
    tip = await commit(repo, tip, changes, `topic${i}`, seal);
    if (record !== undefined) made.push({ number: String(i), by, record, ...tip });
  }
  await repo.git('update-ref', 'refs/heads/topic', tip.oid);
  await bind(repo, made);
  return new Map(
    made.map(({ number, oid, record }) => [
      number,
      { commit: oid, record: record.digest, txn: record.record.txn },
    ]),
  );
}

/** A commit and what it stands on, as far as a record says it. */
interface Tip {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
}

interface Made extends Tip {
  readonly number: string;
  readonly by: Planned['by'];
  readonly record: StoredRecord<ExecutionRecord>;
}

async function headOf(repo: TestRepo): Promise<Tip> {
  const [oid = '', tree = '', parents = ''] = (await repo.git('log', '-1', '--format=%H %T %P')).split(' ');
  return { oid, tree, parents: [parents] };
}

/** With plumbing: a history takes many, and what its hooks would do is done by hand below. */
async function commit(
  repo: TestRepo,
  { oid: parent }: Tip,
  changes: readonly Edit[],
  mark: string,
  messageOf: (tree: string) => string,
): Promise<Tip> {
  await write(repo, changes, mark);
  await repo.git('add', '-u');
  const tree = await repo.git('write-tree');
  const oid = await repo.git('commit-tree', '-p', parent, '-m', messageOf(tree), tree);
  return { oid, tree, parents: [parent] };
}

/** What a recorder that was there would have sealed. */
function executionOf(
  changes: readonly Edit[],
  { oid, tree: before, parents }: Tip,
  tree: string,
  last: StoredRecord<ExecutionRecord> | undefined,
): StoredRecord<ExecutionRecord> {
  const paths = [...new Set(changes.map(({ file }) => fileName(file)))];
  return storedExecution({
    head: { commit: oid, tree: before, parents: [...parents] },
    tree,
    files: paths.map((path) => ({ path, by: 'agent', change: 'modified', blob: null })),
    ...(last === undefined ? {} : { txn: last.record.txn, seq: last.record.seq + 1, prev: last.digest }),
  });
}

/** All at once: a note for each commit, as post-commit leaves one. */
async function bind(repo: TestRepo, made: readonly Made[]): Promise<void> {
  await inLedger(repo, async (ledger) => {
    const ids = await patchIds(
      ledger.repo,
      made.map(({ oid }) => oid),
    );
    const appends = made.map(({ oid, tree, parents, record }) => {
      const patchId = ids.get(oid) ?? null;
      const binding = storedBinding(record, oid, { parents: [...parents], tree, patchId });
      return { object: oid, lines: () => [record.line, binding.line] };
    });
    await appendToNotes(ledger, appends, { identity: IDENTITY, message: 'bind\n' });
  });
}
