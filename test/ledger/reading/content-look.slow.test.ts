import { expect, it, onTestFinished } from 'vitest';
import type { RiskClass } from '../../../lib/core/risk/risk.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { openLedger, THOROUGH } from '../../../lib/ledger/ledger.ts';
import { contentLook } from '../../../lib/ledger/reading/content-look.ts';
import { type RecordQuery, selectRecords } from '../../../lib/ledger/reading/select.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const ROLE = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\n';

/** A repository with a record for each set of files, and what there is to ask it. */
async function recorded(...sets: Readonly<Record<string, string>>[]): Promise<TestRepo> {
  const repo = await makeRepo();
  onTestFinished(() => repo.remove());
  await repo.run(['init', '--agents', 'none']);
  for (const [i, files] of sets.entries()) {
    await repo.run(['begin', '--task', `Task ${i}`]);
    await repo.commit(`Change ${i}`, files);
    await repo.run(['end']);
  }
  return repo;
}

const subjects = ({ stdout }: { readonly stdout: string }): string[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { subject: string }).subject)
    .sort();

it('list finds records by what is in their files, where paths can not tell', async () => {
  const repo = await recorded(
    { 'app/web.yaml': ROLE },
    { 'iam/policy.json': '{}' },
    { 'app/en.json': '{"a": 1}' },
    { 'notes.txt': ROLE },
  );
  const list = async (...args: string[]): Promise<string[]> =>
    subjects(await repo.run(['list', '--json', ...args]));
  expect(await list('--class', 'iam')).toEqual(['Change 0', 'Change 1']);
  expect(await list('--class', 'iam', 'HEAD~3..HEAD')).toEqual(['Change 1']);
  expect(await list('--class', 'iam', 'HEAD~4..HEAD~3')).toEqual(['Change 0']);
  expect(await list('--class', 'dependency-manifest')).toEqual([]);
  await repo.run(['replay', '--mode', 'verify', 'HEAD~3']);
  const metrics = JSON.parse((await repo.run(['metrics', '--json'])).stdout) as object;
  expect(metrics).toMatchObject({ replay: [{ byClass: { iam: { eligible: 1 } } }] });
  // What it was counts, whatever has become of it.
  await repo.commit('Away', { 'app/web.yaml': 'a: 1\n' });
  expect(await list('--class', 'iam')).toEqual(['Change 0', 'Change 1']);
});

it('looks at so many contents and says how many were left, with and without an index', async () => {
  const repo = await recorded({ 'a.yaml': ROLE }, { 'b.yaml': `${ROLE}# b\n` }, { 'c.yaml': `${ROLE}# c\n` });
  for (const indexing of [undefined, THOROUGH]) {
    const ledger = openLedger(await findRepository({ cwd: repo.dir }), indexing);
    const find = async (risk: RiskClass, most: number): Promise<[number, number]> => {
      const contents = await contentLook(ledger, most);
      const query: RecordQuery = { class: risk, contents };
      return [(await selectRecords(ledger, query)).length, contents.passedOver()];
    };
    expect(await find('iam', 10)).toEqual([3, 0]);
    expect(await find('iam', 2)).toEqual([2, 1]);
    // Packages are told by paths alone: nothing is looked into.
    expect(await find('dependency-manifest', 0)).toEqual([0, 0]);
    expect(await selectRecords(ledger, { class: 'iam' })).toEqual([]);
    ledger.close();
  }
});
