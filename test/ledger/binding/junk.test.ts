import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../lib/core/records/record.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { resolveCommit } from '../../../lib/ledger/binding/resolve.ts';
import { LEDGER_REF, type Ledger, openLedger } from '../../../lib/ledger/ledger.ts';
import { type AgentCommit, agentCommit } from '../../support/agent-commits.ts';
import { writeLedger } from '../../support/ledgers.ts';
import { landing, NOW, storedBinding, storedExecution } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const MANY = 6000;

let repo: TestRepo;
let ledger: Ledger;
let own: AgentCommit;
beforeEach(async () => {
  repo = await makeRepo();
  ledger = openLedger(await findRepository({ cwd: repo.dir }));
  own = await agentCommit(repo, ledger, { 'a.txt': 'a\n' });
});
afterEach(async () => {
  ledger.close();
  await repo.remove();
});

/** What is found for the commit with these lines before those that are its own. */
async function foundBehind(junk: readonly string[]): Promise<Awaited<ReturnType<typeof resolveCommit>>> {
  const lines = await repo.git('notes', `--ref=${LEDGER_REF}`, 'show', own.oid);
  await writeLedger(repo, LEDGER_REF, { [own.oid]: `${[...junk, lines].join('\n')}\n` });
  return resolveCommit(ledger, own.oid);
}

const times = <T>(make: (i: number) => T): T[] => Array.from({ length: MANY }, (_, i) => make(i));

describe('attack: thousands of junk lines before a sealed record', () => {
  it.each<[string, (i: number) => string | string[]]>([
    ['that are no records', (i) => `{"x":${i}}`],
    ['of a schema nobody knows', (i) => `{"schema":"agent-log/x/v1","x":${i}}`],
    ['that are older records', (i) => storedExecution({ id: newUlid(NOW - 1000 - i) }).line],
    [
      'that are the same work in the name of others',
      (i) => {
        const { record } = own.record;
        const other = storedExecution({ ...record, id: newUlid(NOW - 1000 - i), txn: newUlid(NOW - i) });
        return [other.line, storedBinding(other, own.oid).line];
      },
    ],
    [
      'that are landings from elsewhere',
      (i) => encodeRecord(landing({ id: newUlid(NOW - 1000 - i), commit: own.oid })).line,
    ],
  ])('%s do not hide it', async (_, make) => {
    const found = await foundBehind(times(make).flat());
    expect(found).toMatchObject({ binding: 'exact', sealed: true, record: { digest: own.record.digest } });
  });

  it('are told, where they are no records', async () => {
    const problems = (await foundBehind(times((i) => `junk ${i}`)))?.problems;
    expect(problems).toHaveLength(1001);
    expect(problems?.at(-1)).toContain('5000 more lines are no records');
  });
});

it('attack: landings with older ids, added later, hide no landing that was there before, and are told', async () => {
  const head = await repo.commit('Squashed', { 'a.txt': 'b\n' });
  const before = landing({ from: own.oid, commit: head, record: own.record.digest, proof: 'rewrite' });
  const junk = times((i) =>
    landing({ id: newUlid(NOW - 1000 - i), from: i.toString(16).padStart(40, '0'), commit: head }),
  );
  const lines = [before, ...junk].map((one) => encodeRecord(one).line);
  const notes = await repo.git('notes', `--ref=${LEDGER_REF}`, 'show', own.oid);
  await writeLedger(repo, LEDGER_REF, { [own.oid]: `${notes}\n`, [head]: `${lines.join('\n')}\n` });
  const found = await resolveCommit(ledger, head);
  expect(found?.record?.digest).toBe(own.record.digest);
  expect(found?.problems).toContainEqual(expect.stringMatching(/^5001 more records are named/));
});
