import { afterEach, beforeEach, expect, it } from 'vitest';
import { newUlid } from '../../../lib/core/ulid.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { appendLandings, landingsOf } from '../../../lib/ledger/binding/landings.ts';
import { type Ledger, openLedger, readNote } from '../../../lib/ledger/ledger.ts';
import { IDENTITY, landing, NOW } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const OPTIONS = { identity: IDENTITY, message: 'test\n' };
const [OLD, NEW] = ['1'.repeat(40), '2'.repeat(40)];

let repo: TestRepo;
let ledger: Ledger;
beforeEach(async () => {
  repo = await makeRepo();
  ledger = openLedger(await findRepository({ cwd: repo.dir }));
});
afterEach(async () => {
  ledger.close();
  await repo.remove();
});

it('tells of a landing on the notes of both its commits', async () => {
  const one = landing({ from: OLD, commit: NEW });
  expect(await appendLandings(ledger, [one], OPTIONS)).toEqual([NEW, OLD]);
  for (const object of [OLD, NEW]) expect(landingsOf(await readNote(ledger, object))).toEqual([one]);
});

it('adds nothing for a landing somebody else has told already', async () => {
  await appendLandings(ledger, [landing({ from: OLD, commit: NEW })], OPTIONS);
  const again = landing({ id: newUlid(NOW + 1), from: OLD, commit: NEW, via: 'relink' });
  expect(await appendLandings(ledger, [again], OPTIONS)).toEqual([]);
  const other = landing({ record: `sha256:${'f'.repeat(64)}`, from: OLD, commit: NEW });
  expect(await appendLandings(ledger, [other], OPTIONS)).toEqual([NEW, OLD]);
  expect(landingsOf(await readNote(ledger, NEW))).toHaveLength(2);
});
