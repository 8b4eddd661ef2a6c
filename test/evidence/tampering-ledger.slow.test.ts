import { writeFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeRecord, type LedgerRecord } from '../../lib/core/records/record.ts';
import type { VerifyDocument } from '../../lib/evidence/verify/report.ts';
import type { TrustFile } from '../../lib/evidence/verify/trust.ts';
import { verifyRange } from '../../lib/evidence/verify/verify-ledger.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { openLedger, THOROUGH } from '../../lib/ledger/ledger.ts';
import { copyOf, type GoodLedger, makeGoodLedger } from '../support/good-ledger.ts';
import { filesOf, type LedgerCommit, writeLedger } from '../support/ledgers.ts';
import { executionRecord, storedExecution } from '../support/records.ts';
import type { TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';
import { ed25519Key, signatureOf } from '../support/ssh-keys.ts';

const LEDGER = 'refs/notes/agent-log';

let good: GoodLedger;
beforeAll(async () => {
  good = await makeGoodLedger();
}, 120_000);
afterAll(() => good.repo.remove());

interface Asked {
  readonly range?: string | null;
  readonly trust?: Partial<TrustFile>;
}

async function verified(
  { dir }: TestRepo,
  { range = null, trust }: Asked = {},
): Promise<VerifyDocument | null> {
  const ledger = openLedger(await findRepository({ cwd: dir, foreign: true }), THOROUGH);
  const pinned: TrustFile | null = trust === undefined ? null : { schema: 'agent-log/trust/v1', ...trust };
  try {
    return await verifyRange(ledger, { range, trust: pinned, now: Date.now() });
  } finally {
    ledger.close();
  }
}

function resultsOf(document: VerifyDocument | null): Record<string, string> {
  return Object.fromEntries(document?.checks.map(({ name, result }) => [name, result]) ?? []);
}

function failed(document: VerifyDocument | null): string[] {
  return document?.checks.filter(({ result }) => result === 'fail').map(({ name }) => name) ?? [];
}

type Notes = Map<string, string>;
type Edit = (notes: Notes, repo: TestRepo) => void | Promise<void>;

/** Changes the ledger as anybody may who can push it: as a commit on top, or anew without what was before. */
async function editLedger(
  repo: TestRepo,
  edit: Edit,
  { anew = false, ...more }: LedgerCommit & { anew?: boolean } = {},
): Promise<void> {
  const tip = await repo.git('rev-parse', LEDGER);
  const notes = await filesOf(repo, LEDGER);
  await edit(notes, repo);
  await writeLedger(repo, LEDGER, Object.fromEntries(notes), { ...more, parents: anew ? [] : [tip] });
}

const pathOf = (notes: Notes, commit = ''): string =>
  [...notes.keys()].find((path) => path.replaceAll('/', '') === commit) ?? '';

/** Changes the lines of a commit's note. */
function onNote(at: number, change: (lines: LedgerRecord[]) => (LedgerRecord | string)[]): Edit {
  return (notes) => {
    const path = pathOf(notes, good.commits.at(at));
    const lines = (notes.get(path) ?? '').split('\n').filter(Boolean);
    const changed = change(lines.map((line) => JSON.parse(line) as LedgerRecord));
    notes.set(
      path,
      changed.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
    );
  };
}

/** Changes the records of one schema on a note; null drops them. */
function records(at: number, schema: string, change: (record: never) => object | null): Edit {
  return onNote(at, (lines) =>
    lines.flatMap((record) => {
      if (record.schema !== `agent-log/${schema}/v1`) return [record];
      const changed = change(record as never);
      return changed === null ? [] : [changed as LedgerRecord];
    }),
  );
}

const HEAD_OF_TOPIC = 2;
const zeros = '0'.repeat(40);

/** Name, how it is done, and the check that names it. */
const EDITS: readonly (readonly [string, Edit, string])[] = [
  ['a bit of a record', records(0, 'execution', (r: object) => ({ ...r, seq: 3 })), 'bindings'],
  [
    'another sponsor',
    records(0, 'execution', (r: object) => ({
      ...r,
      sponsor: { name: 'M', email: 'm@example.com', source: 'flag' },
    })),
    'bindings',
  ],
  [
    'another agent',
    records(1, 'execution', (r: { agent: object }) => ({ ...r, agent: { ...r.agent, name: 'nobody' } })),
    'bindings',
  ],
  ['a record line dropped', records(0, 'execution', () => null), 'bindings'],
  ['a whole note dropped', (notes) => void notes.delete(pathOf(notes, good.commits[1])), 'completeness'],
  ['a note emptied', onNote(1, () => []), 'completeness'],
  ['the tree of a binding', records(0, 'binding', (r: object) => ({ ...r, tree: zeros })), 'bindings'],
  [
    'the parents of a binding',
    records(0, 'binding', (r: object) => ({ ...r, parents: [zeros] })),
    'bindings',
  ],
  ['the patch-id of a binding', records(0, 'binding', (r: object) => ({ ...r, patchId: zeros })), 'patches'],
  [
    'the transaction of a binding',
    records(0, 'binding', (r: object) => ({ ...r, txn: '01JD2M0Y5V9Z8K7Q3C4N6T1RWE' })),
    'bindings',
  ],
  [
    'the commit of a binding',
    records(0, 'binding', (r: object) => ({ ...r, commit: good.commits[1] })),
    'placement',
  ],
  [
    'a note moved to another commit',
    (notes) => {
      const path = pathOf(notes, good.commits[0]);
      notes.set(
        good.repo ? path.replace(/[0-9a-f]/g, (c) => (c === 'a' ? 'b' : 'a')) : '',
        notes.get(path) ?? '',
      );
      notes.delete(path);
    },
    'placement',
  ],
  [
    'a note copied to another commit',
    (notes) => {
      const [from, to] = [pathOf(notes, good.commits[0]), pathOf(notes, good.commits[1])];
      notes.set(to, `${notes.get(to) ?? ''}${notes.get(from) ?? ''}`);
    },
    'placement',
  ],
  [
    "another repository's record",
    onNote(0, (lines) => {
      const other = storedExecution({ tree: zeros });
      const binding = lines.find((line) => line.schema === 'agent-log/binding/v1');
      return [
        ...lines,
        other.line,
        JSON.stringify({ ...binding, record: other.digest, txn: other.record.txn, commit: zeros }),
      ];
    }),
    'placement',
  ],
  [
    "another repository's record, bound here",
    onNote(0, (lines) => {
      const other = storedExecution({ tree: zeros });
      const binding = lines.find((line) => line.schema === 'agent-log/binding/v1');
      return [
        ...lines,
        other.line,
        JSON.stringify({ ...binding, record: other.digest, txn: other.record.txn, sealed: false }),
      ];
    }),
    'bindings',
  ],
  [
    'a decision replayed on another commit',
    (notes) => {
      const from = notes.get(pathOf(notes, good.commits[HEAD_OF_TOPIC])) ?? '';
      const to = pathOf(notes, good.commits[3]);
      const lines = from.split('\n').filter((line) => line.includes('agent-log/decision/v1'));
      notes.set(to, `${notes.get(to) ?? ''}${lines.join('\n')}\n`);
    },
    'placement',
  ],
  [
    'an approval replayed on another commit',
    (notes) => {
      const from = notes.get(pathOf(notes, good.commits[HEAD_OF_TOPIC])) ?? '';
      const to = pathOf(notes, good.commits[0]);
      const lines = from.split('\n').filter((line) => line.includes('agent-log/approval/v1'));
      notes.set(to, `${notes.get(to) ?? ''}${lines.join('\n')}\n`);
    },
    'placement',
  ],
  [
    'the result of a decision',
    onNote(HEAD_OF_TOPIC, (lines) => flipFirst(lines, 'decision', { message: 'all is well' })),
    'chains',
  ],
  [
    'the last decision dropped',
    onNote(HEAD_OF_TOPIC, (lines) =>
      lines.filter((line) => line !== lines.findLast(({ schema }) => schema === 'agent-log/decision/v1')),
    ),
    'signatures',
  ],
  [
    'the policy of a decision',
    records(HEAD_OF_TOPIC, 'decision', (r: { policy: object }) => ({
      ...r,
      policy: { ...r.policy, blob: zeros },
    })),
    'policies',
  ],
  [
    'the digest of the policy of a decision',
    records(HEAD_OF_TOPIC, 'decision', (r: { policy: object }) => ({
      ...r,
      policy: { ...r.policy, digest: `sha256:${'0'.repeat(64)}` },
    })),
    'policies',
  ],
  [
    'the policy of another commit than the target',
    records(HEAD_OF_TOPIC, 'decision', (r: { policy: object }) => ({
      ...r,
      policy: { ...r.policy, commit: good.commits[3] },
    })),
    'policies',
  ],
  [
    'the tree a decision is about',
    records(HEAD_OF_TOPIC, 'decision', (r: { subject: object }) => ({
      ...r,
      subject: { ...r.subject, tree: zeros },
    })),
    'subjects',
  ],
  [
    'the patch a decision is about',
    records(HEAD_OF_TOPIC, 'decision', (r: { subject: object }) => ({
      ...r,
      subject: { ...r.subject, patchId: zeros },
    })),
    'subjects',
  ],
  [
    'the base a decision is about',
    records(HEAD_OF_TOPIC, 'decision', (r: { subject: object }) => ({
      ...r,
      subject: { ...r.subject, base: good.commits[0] },
    })),
    'subjects',
  ],
  [
    'the tree an approval is about',
    records(HEAD_OF_TOPIC, 'approval', (r: { subject: object }) => ({
      ...r,
      subject: { ...r.subject, tree: zeros },
    })),
    'subjects',
  ],
  [
    'the policy an approval was given under',
    records(HEAD_OF_TOPIC, 'approval', (r: object) => ({ ...r, policy: `sha256:${'0'.repeat(64)}` })),
    'policies',
  ],
  [
    'an approval made a sponsorship',
    records(HEAD_OF_TOPIC, 'approval', (r: object) => ({ ...r, kind: 'sponsorship' })),
    'signatures',
  ],
  [
    'an approval in another name',
    records(HEAD_OF_TOPIC, 'approval', (r: object) => ({
      ...r,
      by: { name: 'John Roe', email: 'john@example.com' },
    })),
    'signatures',
  ],
  ['an approval dropped, its signature kept', records(HEAD_OF_TOPIC, 'approval', () => null), 'signatures'],
  [
    'an approval and its signature dropped',
    onNote(HEAD_OF_TOPIC, (lines) => lines.filter(({ schema }) => !/approval|signature/.test(schema))),
    'history',
  ],
  [
    'a bit of a signature',
    records(HEAD_OF_TOPIC, 'signature', (r: { signature: string }) => ({
      ...r,
      signature: flipped(r.signature, 150),
    })),
    'signatures',
  ],
  [
    'a signature in the name of another key',
    records(HEAD_OF_TOPIC, 'signature', (r: object) => ({ ...r, publicKey: ed25519Key().text })),
    'signatures',
  ],
  ["an approval signed again with a stranger's key", resigned('approval'), 'signers'],
  ["a decision signed again with a stranger's key", resigned('decision'), 'signers'],
  [
    'the count of a checkpoint',
    records(HEAD_OF_TOPIC, 'checkpoint', (r: object) => ({ ...r, notes: 99 })),
    'checkpoints',
  ],
  [
    'a note at two paths',
    (notes) => {
      const path = pathOf(notes, good.commits[0]);
      const flat = path.replaceAll('/', '');
      notes.set(path === flat ? `${flat.slice(0, 2)}/${flat.slice(2)}` : flat, notes.get(path) ?? '');
    },
    'paths',
  ],
  ['a text that is no record', onNote(0, (lines) => [...lines, 'looks good to me']), 'records'],
  [
    'a record its schema does not allow',
    records(0, 'binding', (r: object) => ({ ...r, grade: 'certain' })),
    'records',
  ],
  [
    'a line over the limit',
    onNote(0, (lines) => [...lines, `{"schema":"agent-log/execution/v1","x":"${'x'.repeat(4_300_000)}"}`]),
    'records',
  ],
  [
    'a record out of sequence',
    onNote(0, (lines) => [...lines, storedExecution({ seq: 7, prev: null }).line]),
    'chains',
  ],
  [
    'a record after none that is there',
    onNote(0, (lines) => [...lines, storedExecution({ seq: 2, prev: `sha256:${'1'.repeat(64)}` }).line]),
    'chains',
  ],
  [
    'a record after one of another transaction',
    onNote(0, (lines) => {
      const own = lines.find(({ schema }) => schema === 'agent-log/execution/v1') as LedgerRecord;
      return [...lines, encodeRecord(executionRecord({ seq: 2, prev: encodeRecord(own).digest })).line];
    }),
    'chains',
  ],
];

function flipFirst(lines: readonly LedgerRecord[], schema: string, change: object): LedgerRecord[] {
  const first = lines.findIndex((line) => line.schema === `agent-log/${schema}/v1`);
  return lines.map((line, i) => (i === first ? { ...line, ...change } : line));
}

/** Something else said in the same name, with a signature that holds, and the one before taken away. */
function resigned(schema: 'approval' | 'decision'): Edit {
  return onNote(HEAD_OF_TOPIC, (lines) => {
    const at = lines.findLastIndex((line) => line.schema === `agent-log/${schema}/v1`);
    const changed = {
      ...(lines[at] as object),
      ...(schema === 'approval' ? { note: 'fine' } : { message: 'fine' }),
    } as LedgerRecord;
    const old = encodeRecord(lines[at] as LedgerRecord).digest;
    const digest = encodeRecord(changed).digest;
    const kept = lines.filter(
      (line, i) => i !== at && !(line.schema === 'agent-log/signature/v1' && line.record === old),
    );
    return [...kept, changed, signatureOf(ed25519Key(), digest)];
  });
}

/** Another letter at a place. */
function flipped(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}

/** Those that only what was before shows, or a state that is gone by then. */
const TAKES_HISTORY = new Set(['history', 'checkpoints']);

describe('attack: a ledger that somebody tampered with', () => {
  it.each(EDITS)('%s', async (_, edit, check) => {
    const repo = await copyOf(good);
    await editLedger(repo, edit);
    const onTop = await verified(repo);
    expect(schemaProblems(onTop)).toEqual([]);
    expect(failed(onTop)).toContain(check);
    expect(onTop?.ok).toBe(false);
  });

  it.each(EDITS.filter(([, , check], i) => i % 6 === 0 && !TAKES_HISTORY.has(check)))(
    '%s, in a ledger made anew whose old objects are gone',
    async (_, edit, check) => {
      const repo = await copyOf(good);
      await editLedger(repo, edit, { anew: true });
      await repo.git('reflog', 'expire', '--expire=now', '--all');
      await repo.git('gc', '-q', '--prune=now');
      expect(failed(await verified(repo))).toContain(check);
    },
    20_000,
  );
});

describe('attack: the ledger as a whole', () => {
  it('the ref is gone', async () => {
    const repo = await copyOf(good);
    await repo.git('update-ref', '-d', LEDGER);
    expect(failed(await verified(repo))).toEqual(['completeness']);
  });

  it('the ref is where it was before', async () => {
    const repo = await copyOf(good);
    await repo.git('update-ref', LEDGER, `${LEDGER}~2`);
    expect(failed(await verified(repo))).toContain('completeness');
  });

  it('it was made anew without a line that nothing else names', async () => {
    const repo = await copyOf(good);
    await editLedger(
      repo,
      onNote(HEAD_OF_TOPIC, (lines) =>
        lines.filter(({ schema }) => !/approval|signature|decision|checkpoint/.test(schema)),
      ),
      { anew: true },
    );
    expect(failed(await verified(repo))).toEqual(['history']);
    expect(failed(await verified(repo, { range: 'main~2..main' }))).toEqual(['history']);
  });

  it('it was made anew, and nothing is lost: that is said', async () => {
    const repo = await copyOf(good);
    await editLedger(repo, () => undefined, { anew: true });
    const document = await verified(repo);
    expect(failed(document)).toEqual([]);
    expect(document?.checks.find(({ name }) => name === 'history')?.says).toContain('not in its history');
  });

  it.each([
    ['a link', '120000'],
    ['a program', '100755'],
  ])('a note that is %s', async (_, mode) => {
    const repo = await copyOf(good);
    const path = pathOf(await filesOf(repo, LEDGER), good.commits[0]);
    await editLedger(repo, () => undefined, { modes: { [path]: mode } });
    expect(failed(await verified(repo))).toContain('paths');
  });

  it('a foreign entry is named, and is no crime', async () => {
    const repo = await copyOf(good);
    await editLedger(repo, (notes) => void notes.set('README', 'hello\n'));
    const document = await verified(repo);
    expect(failed(document)).toEqual([]);
    expect(resultsOf(document)['paths']).toBe('not-checkable');
  });

  it('a line of a later version is kept, and not checkable', async () => {
    const repo = await copyOf(good);
    await editLedger(
      repo,
      onNote(0, (lines) => [...lines, '{"schema":"agent-log/execution/v9"}']),
    );
    const document = await verified(repo);
    expect(failed(document)).toEqual([]);
    expect(resultsOf(document)['records']).toBe('not-checkable');
  });

  it('a replacement that hides a commit is not heeded, and named', async () => {
    const repo = await copyOf(good);
    const [first = '', second = ''] = good.commits;
    await repo.git('replace', second, first);
    const document = await verified(repo);
    expect(failed(document)).toEqual([]);
    expect(document?.checks.find(({ name }) => name === 'environment')?.says).toContain(
      `refs/replace/${second}`,
    );
  });

  it('a graft that hides a commit without its record is not heeded', async () => {
    const repo = await copyOf(good);
    await editLedger(repo, (notes) => void notes.delete(pathOf(notes, good.commits[1])));
    await writeFile(repo.path('.git', 'info', 'grafts'), `${good.commits[3] ?? ''}\n`);
    const document = await verified(repo);
    expect(failed(document)).toContain('completeness');
    expect(document?.checks.find(({ name }) => name === 'environment')?.says).toContain('grafts');
  });

  it('a commit whose bytes are others', async () => {
    const repo = await copyOf(good);
    const oid = good.commits[3] ?? '';
    const raw = (await repo.tryGit(['cat-file', 'commit', oid])).stdout;
    const forged = raw.replace('Say what it does', 'Say what it was.');
    const path = repo.path('.git', 'objects', oid.slice(0, 2), oid.slice(2));
    await repo.exec('chmod', ['u+w', path]);
    await writeFile(path, deflateSync(`commit ${Buffer.byteLength(forged)}\0${forged}`));
    expect(failed(await verified(repo))).toContain('objects');
  });

  it('a shallow clone says what it can not tell', async () => {
    const copy = await copyOf(good);
    const clone = `${copy.dir}-shallow`;
    await copy.git('clone', '-q', '--depth', '1', `file://${copy.dir}`, clone);
    await copy.exec('git', ['fetch', '-q', 'origin', `${LEDGER}:${LEDGER}`], { cwd: clone });
    const document = await verified({ ...copy, dir: clone });
    expect(failed(document)).toEqual([]);
    expect(resultsOf(document)['environment']).toBe('not-checkable');
  });

  it('nothing to verify is null', async () => {
    const repo = await copyOf(good);
    await repo.git('checkout', '-q', '--orphan', 'empty');
    await repo.git('commit', '-q', '--allow-empty', '-m', 'Nothing');
    expect(await verified(repo, { range: 'empty' })).toBeNull();
  });
});

describe('what an auditor pins', () => {
  const other = 'f'.repeat(40);

  it('is compared, and holds', async () => {
    const root = await good.repo.git('rev-list', '--max-parents=0', 'main');
    const tip = await good.repo.git('rev-parse', LEDGER);
    const signers = [
      { kind: 'person' as const, name: 'Jane', email: 'jane@example.com', keys: [good.keys.jane] },
      { kind: 'ci' as const, name: 'main', keys: [good.keys.ci] },
    ];
    const trust = { roots: [root], target: { commit: good.commits[1] ?? '' }, ledger: { tip }, signers };
    const document = await verified(good.repo, { trust });
    expect(failed(document)).toEqual([]);
    expect(document?.trusted).toEqual(['roots', 'target', 'ledger', 'signers']);
  });

  it.each([
    ['attack: another repository', { roots: [other] }, 'repository'],
    ['attack: a target that was rewritten', { target: { commit: other } }, 'target'],
    ['attack: a ledger that was rewritten', { ledger: { tip: other } }, 'history'],
    ['attack: a record that is gone', { records: [`sha256:${'0'.repeat(64)}`] }, 'pinned'],
    [
      'attack: signers that are others',
      {
        signers: [
          { kind: 'person' as const, name: 'Jane Doe', email: 'jane@example.com', keys: [ed25519Key().text] },
        ],
      },
      'signers',
    ],
  ])('%s', async (_, trust, check) => {
    expect(failed(await verified(good.repo, { trust }))).toContain(check);
  });

  it('attack: a ledger that is gone altogether', async () => {
    const repo = await copyOf(good);
    const tip = await repo.git('rev-parse', LEDGER);
    await repo.git('update-ref', '-d', LEDGER);
    expect(failed(await verified(repo, { trust: { ledger: { tip } } }))).toContain('history');
  });
});

it('a good ledger passes, whatever the range', async () => {
  for (const range of [null, 'main', 'main~2..main']) {
    const document = await verified(good.repo, { range });
    expect(schemaProblems(document)).toEqual([]);
    expect(failed(document)).toEqual([]);
    expect(document?.population).toMatchObject({
      commits: expect.any(Number),
      execution: expect.any(Number),
    });
  }
});

it('leaves the repository as it was', async () => {
  const repo = await copyOf(good);
  const before = await repo.git('for-each-ref');
  await verified(repo);
  expect(await repo.git('for-each-ref')).toBe(before);
  expect(await repo.git('status', '--porcelain')).toBe('');
});
