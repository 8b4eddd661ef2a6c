import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openScratch } from '../../../lib/git/objects/scratch.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { LEDGER_REF, type Ledger, openLedger } from '../../../lib/ledger/ledger.ts';
import { type PlanOptions, planRevert, type RevertPlan } from '../../../lib/revert/plan.ts';
import { addNote } from '../../support/notes.ts';
import { repoAt, type TestRepo } from '../../support/repo.ts';
import { type Scene, scene, ten } from '../../support/revert.ts';
import { noteOf } from '../../support/seal.ts';

interface Landed extends Scene {
  readonly one: string;
}

async function landed(): Promise<Landed> {
  const made = await scene();
  await made.person({ f: ten() });
  const one = await made.agent({ f: ten({ 5: 'agent' }), h: 'agent\n' });
  await made.person({ f: ten({ 5: 'agent', 9: 'person' }) });
  return { ...made, one };
}

/** A clone with the ledger, in a folder beside the repository. */
async function cloned({ repo }: Scene, ...flags: string[]): Promise<{ clone: TestRepo; ledger: Ledger }> {
  await repo.git('config', 'uploadpack.allowFilter', 'true');
  await repo.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const dir = join(repo.dir, '..', 'clone');
  await repo.git('clone', '-q', ...flags, `file://${repo.dir}`, dir);
  const clone = repoAt(dir, repo.home);
  await clone.git('fetch', '-q', '--no-filter', 'origin', 'refs/notes/agent-log:refs/notes/agent-log');
  const ledger = openLedger(await findRepository({ cwd: dir }));
  onTestFinished(() => ledger.close());
  return { clone, ledger };
}

async function planIn(ledger: Ledger, txn: string, options: PlanOptions = {}): Promise<RevertPlan> {
  const scratch = await openScratch(ledger.repo);
  try {
    return await planRevert(ledger, scratch, [txn], options);
  } finally {
    await scratch.close();
  }
}

describe('history that is not all here', () => {
  it('R67 a shallow clone that ends at the work is refused: nobody knows what was there before', async () => {
    const made = await landed();
    const { ledger } = await cloned(made, '--depth', '2');
    expect(await planIn(ledger, made.txn())).toMatchObject({
      verdict: 'refused',
      resultTree: null,
      why: [expect.stringContaining('this clone is shallow')],
    });
  });

  it('R67 a shallow clone that ends after the work is refused, too', async () => {
    const made = await landed();
    const { ledger } = await cloned(made, '--depth', '1');
    expect(await planIn(ledger, made.txn())).toMatchObject({
      verdict: 'refused',
      why: [expect.stringContaining('git fetch --unshallow')],
    });
  });

  it('R68 a partial clone fetches the contents it lacks, and takes none of them for empty', async () => {
    const made = await landed();
    const { ledger, clone } = await cloned(made, '--filter=blob:none');
    const lacking = await clone.git('rev-list', '--objects', '--missing=print', 'HEAD');
    expect(lacking).toMatch(/^\?/m);
    const plan = await planIn(ledger, made.txn());
    expect(plan).toMatchObject({ verdict: 'clean', resultTree: (await made.plan()).plan.resultTree });
  });

  it('R68 a partial clone whose remote is gone is refused, and does not hang', async () => {
    const made = await landed();
    const { ledger, clone } = await cloned(made, '--filter=blob:none');
    await clone.git('remote', 'set-url', 'origin', 'file:///nowhere/at/all');
    expect(await planIn(ledger, made.txn())).toMatchObject({
      verdict: 'refused',
      resultTree: null,
      why: [expect.stringMatching(/partial, and what it lacks could not be fetched from origin/)],
    });
  });

  it('R69 rewritten history: the work is found by the change it makes', async () => {
    const made = await landed();
    await made.repo.git('checkout', '-q', '--orphan', 'rewritten');
    await made.repo.git('rm', '-rqf', '.');
    await made.person({ 'README.md': 'other\n', f: ten() });
    await made.repo.git('cherry-pick', '--no-commit', made.one);
    await made.repo.git('commit', '-q', '-m', 'Without its trailers');
    const again = await made.repo.git('rev-parse', 'HEAD');
    await made.person({ z: 'later\n' });
    await made.repo.git('branch', '-q', '-M', 'rewritten', 'main');
    const planned = await made.plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', units: [{ commit: again }], missing: [] });
    expect(await planned.file('f')).toBe(ten());
  });

  it('R69 rewritten history in which nothing makes the change any more is refused', async () => {
    const made = await landed();
    await made.repo.git('checkout', '-q', '--orphan', 'rewritten');
    await made.person({ f: ten({ 5: 'something else' }) });
    await made.repo.git('branch', '-q', '-M', 'rewritten', 'main');
    expect((await made.plan()).plan).toMatchObject({
      verdict: 'refused',
      units: [],
      why: [expect.stringContaining('history was rewritten')],
    });
  });
});

describe('records that do not verify', () => {
  it.each([
    ['a record that was edited', (text: string) => text.replace(/"seq":\d+/, '"seq":70')],
    ['a record that was replaced by garbage', () => '{"schema":"agent-log/execution/v1"\n'],
    ['a note that was replaced by garbage', () => 'garbage\n'],
    [
      'a binding to another tree',
      (text: string) =>
        text.replace(
          /("schema":"agent-log\/binding\/v1".*"tree":")[0-9a-f]{40}/,
          (_, before: string) => `${before}${'1'.repeat(40)}`,
        ),
    ],
  ])('tampering: %s is refused, and told with its commit', async (_, tamper) => {
    const made = await landed();
    const two = await made.agent({ i: 'agent\n' });
    const text = await noteOf(made.repo, two);
    expect(tamper(text)).not.toBe(text);
    await addNote(made.repo, LEDGER_REF, two, tamper(text));
    const { plan } = await made.plan();
    expect(plan).toMatchObject({ verdict: 'refused', resultTree: null, units: [] });
    expect(plan.why.join('\n')).toContain(two.slice(0, 10));
  });

  it('a line written by a newer version refuses nothing', async () => {
    const made = await landed();
    const text = await noteOf(made.repo, made.one);
    await addNote(made.repo, LEDGER_REF, made.one, `${text}{"schema":"agent-log/later/v1"}\n`);
    expect((await made.plan()).plan.verdict).toBe('clean');
  });
});

describe('commits that only claim it', () => {
  it('forged trailer: a commit that names the transaction stays, and goes only when somebody says so', async () => {
    const made = await landed();
    const quoted = `Agent-Txn: ${made.txn()}\nAgent-Record: sha256:${'0'.repeat(64)}`;
    const forged = await made.repo.commit(`By hand\n\n${quoted}`, { p: 'person\n' });
    const planned = await made.plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', claimed: [forged] });
    expect(await planned.files()).toEqual(['README.md', 'f', 'p']);
    const all = await made.plan({ includeClaimed: true });
    expect(all.plan).toMatchObject({ verdict: 'clean', claimed: [] });
    expect(all.plan.units.map(({ commit }) => commit)).toEqual([forged, made.one]);
    expect(await all.files()).toEqual(['README.md', 'f']);
  });

  it('quoted trailer: what only mentions the transaction is not even that', async () => {
    const made = await landed();
    await made.repo.commit(`Look into ${made.txn()}, see "Agent-Txn: ${made.txn()}"`, { p: 'person\n' });
    expect((await made.plan()).plan.claimed).toEqual([]);
  });

  it('forged merge: a merge that claims it brings other work, and stays whatever is said', async () => {
    const made = await landed();
    await made.repo.git('checkout', '-q', '-b', 'topic');
    await made.person({ p: 'person\n' });
    await made.repo.git('checkout', '-q', 'main');
    await made.repo.git('merge', '-q', '--no-ff', '-m', `Merge\n\nAgent-Txn: ${made.txn()}`, 'topic');
    const merge = await made.repo.git('rev-parse', 'HEAD');
    const { plan } = await made.plan({ includeClaimed: true });
    expect(plan).toMatchObject({ claimed: [merge], units: [{ commit: made.one }] });
  });
});
