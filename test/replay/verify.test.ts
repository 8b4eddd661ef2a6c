import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangedFile, ExecutionRecord } from '../../lib/core/generated/execution-v1.types.ts';
import { stagedChangeOf } from '../../lib/git/repository/index-diff.ts';
import type { Ledger, Note } from '../../lib/ledger/ledger.ts';
import type { Outcome } from '../../lib/replay/outcome.ts';
import { verifyWork } from '../../lib/replay/replay.ts';
import { ObjectStore, type StoredEntry } from '../support/object-store.ts';
import { storedBinding, storedExecution } from '../support/records.ts';

type Files = ReadonlyMap<string, StoredEntry>;

const entry = fc.record({
  mode: fc.constantFrom('100644', '100755', '120000', '160000'),
  oid: fc.integer({ min: 1, max: 6 }).map((digit) => String(digit).repeat(40)),
});
const path = fc.constantFrom('a', 'b', 'd/a', 'd/b', 'd/e/a', 'f/a', 'package.json', 'w\xe9ird', 'd.x');
const files = fc
  .uniqueArray(fc.tuple(path, entry), { selector: ([name]) => name, maxLength: 9 })
  .map((all): Files => new Map(all));

interface Made {
  readonly store: ObjectStore;
  readonly commit: string;
  readonly verify: () => Promise<Outcome>;
}

/** A commit on another, and the record of what it changes, as a recorder writes it. */
function made(
  base: Files,
  now: Files,
  change: (record: ExecutionRecord) => ExecutionRecord = (r) => r,
): Made {
  const store = new ObjectStore();
  const [baseTree, tree] = [store.writeTree(base), store.writeTree(now)];
  const head = store.writeCommit(baseTree, [], 'Before\n');
  const record = storedExecution(
    change({
      ...storedExecution().record,
      head: { commit: head, tree: baseTree, parents: [] },
      tree,
      files: changes(base, now),
    }),
  );
  const { txn } = record.record;
  const message = `Work\n\nAgent-Txn: ${txn}\nAgent-Record: ${record.digest}\n`;
  const commit = store.writeCommit(tree, [head], message);
  const binding = storedBinding(record, commit, { parents: [head], tree });
  const note = { object: commit, text: '', lines: [record, binding], paths: ['x'] };
  const repo = {
    cwd: '/nowhere',
    gitDir: '/nowhere',
    commonDir: '/nowhere',
    top: null,
    format: 'sha1',
  } as const;
  const ledger: Ledger = {
    repo,
    reader: store.reader(),
    indexing: { most: 0, build: false },
    notes: new Map<string, Promise<Note | null>>([
      [commit, Promise.resolve(note)],
      [head, Promise.resolve(null)],
    ]),
    close: () => undefined,
  };
  const verify = async (): Promise<Outcome> => {
    const [outcome] = await verifyWork(ledger, [commit]);
    if (outcome === undefined) throw new Error('no outcome');
    return outcome;
  };
  return { store, commit, verify };
}

function changes(base: Files, now: Files): ChangedFile[] {
  const paths = [...new Set([...base.keys(), ...now.keys()])];
  return paths.flatMap((name): ChangedFile[] => {
    const [from, to] = [base.get(name) ?? null, now.get(name) ?? null];
    const isSame = from?.mode === to?.mode && from?.oid === to?.oid;
    return isSame ? [] : [{ by: 'agent', ...stagedChangeOf({ path: name, from, to }) }];
  });
}

describe('verifying a record', () => {
  it('of what was committed says identical, whatever the trees', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, async (base, now) => {
        const outcome = await made(base, now).verify();
        expect(outcome).toMatchObject({ verdict: 'identical', binding: 'exact', sealed: true });
        expect([outcome.differences, outcome.missing, outcome.problems]).toEqual([[], [], []]);
      }),
      { numRuns: 60 },
    );
  });

  it('that lists another change says divergent and where, whatever was changed in the list', async () => {
    const lie = fc.constantFrom('blob', 'left out', 'made up', 'kind');
    await fc.assert(
      fc.asyncProperty(files, files, lie, fc.nat(), async (base, now, kind, at) => {
        const listed = changes(base, now);
        fc.pre(listed.length > 0);
        const changed = listed[at % listed.length];
        if (changed === undefined) return;
        const others = listed.filter((file) => file !== changed);
        const lies: Record<string, ChangedFile[]> = {
          blob: [...others, { ...changed, change: 'modified', blob: '9'.repeat(40) }],
          'left out': others,
          'made up': [...listed, { path: 'z', by: 'agent', change: 'added', blob: '1'.repeat(40) }],
          kind: [
            ...others,
            {
              ...changed,
              change: changed.change === 'added' ? 'modified' : 'added',
              blob: changed.blob ?? '1'.repeat(40),
            },
          ],
        };
        const outcome = await made(base, now, (record) => ({ ...record, files: lies[kind] ?? [] })).verify();
        expect(outcome.verdict).toBe('divergent');
        expect(outcome.differences.map((one) => one.path)).toEqual([kind === 'made up' ? 'z' : changed.path]);
      }),
      { numRuns: 60 },
    );
  });

  it('is invalid when a byte of a tree it goes by is another', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, fc.nat(), fc.nat(), async (base, now, which, at) => {
        const { store, commit, verify } = made(base, now);
        const top = store.objects.get(commit)?.content.toString('latin1', 5, 45) ?? '';
        fc.pre(store.writeTree(base) !== top);
        const trees = [top, store.writeTree(base)];
        const oid = trees[which % 2] ?? '';
        const content = Buffer.from(store.objects.get(oid)?.content ?? []);
        fc.pre(content.length > 0);
        content.writeUInt8(content.readUInt8(at % content.length) ^ 1, at % content.length);
        store.objects.set(oid, { oid, type: 'tree', content });
        expect(await verify()).toMatchObject({ verdict: 'invalid', problems: ['object-damaged'] });
      }),
      { numRuns: 60 },
    );
  });

  it('without a tree says which is missing, and guesses nothing', async () => {
    const one = new Map([['d/a', { mode: '100644', oid: '1'.repeat(40) }]]);
    const { store, verify } = made(new Map(), one);
    const folder = store.writeTree(new Map([['a', { mode: '100644', oid: '1'.repeat(40) }]]));
    store.objects.delete(folder);
    expect(await verify()).toMatchObject({
      verdict: 'inconclusive',
      missing: [{ kind: 'tree', id: folder }],
      differences: [],
    });
  });

  it.each<[string, Partial<ExecutionRecord>]>([
    ['head.tree', { head: { commit: '1'.repeat(40), tree: null, parents: [] } }],
    ['files', { filesLeftOut: 1 }],
    ['files.blob', { files: [{ path: 'a', by: 'agent', change: 'added', blob: null }] }],
  ])('that does not say %s is inconclusive', async (id, fields) => {
    const { verify } = made(
      new Map(),
      new Map([['a', { mode: '100644', oid: '1'.repeat(40) }]]),
      (record) => ({
        ...record,
        ...fields,
        head: { ...record.head, ...(fields.head === undefined ? {} : { tree: null }) },
      }),
    );
    expect(await verify()).toMatchObject({ verdict: 'inconclusive', missing: [{ kind: 'field', id }] });
  });
});
