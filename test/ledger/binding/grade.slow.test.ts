import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { patchId } from '../../../lib/git/diffs/patch-id.ts';
import { readCommit } from '../../../lib/git/objects/objects.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { type BoundWork, type Fit, fitOf, shapeOf } from '../../../lib/ledger/binding/grade.ts';
import { type Ledger, openLedger } from '../../../lib/ledger/ledger.ts';
import { type AgentCommit, agentCommit } from '../../support/agent-commits.ts';
import { storedBinding } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let ledger: Ledger;
let made: AgentCommit;
beforeEach(async () => {
  repo = await makeRepo();
  ledger = openLedger(await findRepository({ cwd: repo.dir }));
  await repo.commit('Lines', { a: '1\n2\n3\n4\n5\n6\n7\n8\n9\n' });
  made = await agentCommit(repo, ledger, { a: '1\n2\n3\n4\nfive\n6\n7\n8\n9\n' });
});
afterEach(async () => {
  ledger.close();
  await repo.remove();
});

async function fit(
  revision: string,
  bindings: BoundWork['bindings'] = [],
  rewritten = false,
): Promise<Fit | null> {
  const commit = await readCommit(ledger.reader, revision);
  if (commit === null) throw new Error(`no commit ${revision}`);
  return fitOf(ledger, { record: made.record.record, bindings }, await shapeOf(ledger, commit), rewritten);
}

async function bindingOf(
  revision: string,
  fields: Parameters<typeof storedBinding>[2] = {},
): Promise<BoundWork['bindings']> {
  const patch = await patchId(ledger.repo, `${revision}^`, revision);
  const oid = await repo.git('rev-parse', revision);
  return [storedBinding(made.record, oid, { patchId: patch, ...fields }).record];
}

describe('fitOf', () => {
  it('knows the commit, the same change elsewhere, and neither', async () => {
    const bindings = await bindingOf('HEAD');
    expect(await fit('HEAD', bindings)).toBe('exact');
    await repo.git('checkout', '-q', '-b', 'other', 'HEAD~1');
    await repo.commit('Elsewhere', { b: 'b\n' });
    await repo.git('cherry-pick', made.oid);
    expect(await fit('HEAD', bindings), 'by its binding').toBe('same-patch');
    expect(await fit('HEAD'), 'not bound yet').toBe('same-patch');
    expect(await fit('HEAD~1', bindings)).toBeNull();
    expect(await fit('HEAD~1', bindings, true), 'nothing is left of it').toBeNull();
  });

  it('knows a changed commit in its place, and elsewhere where git says it made it of that', async () => {
    const bindings = await bindingOf('HEAD');
    await repo.write('a', '1\n2\n3\n4\nFIVE\n6\n7\n8\n9\n');
    await repo.git('commit', '-qa', '--amend', '-m', 'By hand');
    expect(await fit('HEAD', bindings)).toBe('modified');
    const amended = await repo.git('rev-parse', 'HEAD');
    await repo.git('checkout', '-q', '-b', 'other', 'HEAD~1');
    await repo.commit('Elsewhere', { b: 'b\n' });
    await repo.git('cherry-pick', amended);
    expect(await fit('HEAD', bindings)).toBeNull();
    expect(await fit('HEAD', bindings, true)).toBe('modified');
    expect(await fit('HEAD', await bindingOf(amended, { grade: 'modified' })), 'as modified as it was').toBe(
      'modified',
    );
  });

  it('takes no commit in its place that touches none of its files', async () => {
    await repo.git('checkout', '-q', '-b', 'other', 'HEAD~1');
    await repo.commit('Another file', { b: 'b\n' });
    expect(await fit('HEAD')).toBeNull();
  });

  it('takes no merge for what it merges', async () => {
    const bindings = await bindingOf('HEAD');
    await repo.git('checkout', '-q', '-b', 'other', 'HEAD~1');
    await repo.git('merge', '-q', '--no-ff', '-m', made.seal, made.oid);
    expect(await fit('HEAD', bindings)).toBeNull();
  });

  it('knows an amend by the change it makes in all', async () => {
    const { head, tree } = made.record.record;
    await repo.write('a', '1\n2\n3\n4\nfive\n6\n7\neight\n9\n');
    await repo.git('commit', '-qa', '--amend', '--no-edit');
    const record = {
      ...made.record.record,
      amends: made.oid,
      head: { commit: made.oid, tree, parents: [head.commit ?? ''] },
      tree: await repo.git('rev-parse', 'HEAD^{tree}'),
    };
    made = { ...made, record: { ...made.record, record } };
    expect(await fit('HEAD')).toBe('exact');
    const amended = await repo.git('rev-parse', 'HEAD');
    await repo.git('checkout', '-q', '-b', 'other', 'HEAD~1');
    await repo.commit('Elsewhere', { b: 'b\n' });
    await repo.git('cherry-pick', amended);
    expect(await fit('HEAD')).toBe('same-patch');
  });

  it('takes a commit without changes for a record without changes only where it is named', async () => {
    made = await agentCommit(repo, ledger, {});
    await repo.commit('Elsewhere', { b: 'b\n' });
    await repo.commit('Nothing');
    const commit = await readCommit(ledger.reader, 'HEAD');
    if (commit === null) throw new Error('no HEAD');
    const shape = await shapeOf(ledger, commit);
    const work = { record: made.record.record, bindings: [] };
    expect(await fitOf(ledger, work, shape)).toBeNull();
    expect(await fitOf(ledger, work, shape, true)).toBe('same-patch');
    expect(await fitOf(ledger, work, shape, false, true)).toBe('same-patch');
  });

  it('a forged binding: its patch-id is checked where the sealed trees are here', async () => {
    await repo.commit('By hand', { b: 'b\n' });
    expect(await fit('HEAD', await bindingOf('HEAD'))).toBeNull();
    expect(await fit('HEAD', await bindingOf('HEAD', { grade: 'modified' }))).toBeNull();
  });
});
