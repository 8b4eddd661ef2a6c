import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readNote } from '../../lib/ledger/ledger.ts';
import { revertsOf } from '../../lib/ledger/told/reverts.ts';
import { writeScript } from '../support/repo.ts';
import { scene, ten } from '../support/revert.ts';

async function landed() {
  const made = await scene();
  await made.person({ f: ten(), other: 'other\n' });
  const one = await made.agent({ f: ten({ 5: 'agent' }), g: 'agent\n' });
  const two = await made.person({ h: 'person\n' });
  return { ...made, one, two };
}

describe('applying a clean plan', () => {
  it('makes the one commit it told of, and leaves branch, index and worktree at its tree', async () => {
    const { repo, plan, one, two } = await landed();
    const planned = await plan();
    const { commit } = await planned.apply({ reason: 'It broke the build.' });
    expect(await repo.git('rev-parse', 'main', 'main^', 'main^{tree}')).toBe(
      [commit, two, planned.plan.resultTree].join('\n'),
    );
    expect(await repo.git('status', '--porcelain')).toBe('');
    expect(await repo.read('f')).toBe(ten());
    expect(existsSync(repo.path('g'))).toBe(false);
    expect(await repo.git('log', '-1', '--format=%B')).toContain(`\n\nThis reverts commit ${one}.\n\n`);
    expect(await repo.git('log', '-1', '--format=%(trailers:only)')).toBe(
      `Reverts-Txn: ${planned.plan.txn}\nRevert-Scope: full\nRevert-Verdict: clean\nRevert-Plan: ${planned.plan.digest}\n`,
    );
    expect(await repo.git('log', '-1', '--format=%an <%ae>')).toBe('Jane Doe <jane@example.com>');
    expect((await plan()).plan.verdict).toBe('already-reverted');
  });

  it('tells of it on the notes of the revert and of what it undid', async () => {
    const { ledger, plan, one, two } = await landed();
    const planned = await plan();
    const { commit, record } = await planned.apply({ reason: 'It broke the build.' });
    for (const oid of [one, commit ?? '']) expect(revertsOf(await readNote(ledger, oid))).toEqual([record]);
    expect(revertsOf(await readNote(ledger, two))).toEqual([]);
    expect(record).toMatchObject({ txns: [planned.plan.txn], plan: planned.plan.digest, units: [one] });
  });

  it('R73 leaves what is not committed alone', async () => {
    const { repo, plan } = await landed();
    await repo.write('other', 'being written\n');
    await repo.write('new', 'untracked\n');
    await repo.write('h', 'staged\n');
    await repo.git('add', 'h');
    await (await plan()).apply();
    expect(await repo.git('status', '--porcelain')).toBe('M  h\n M other\n?? new');
    expect(await repo.read('other')).toBe('being written\n');
  });

  it('changes nothing where something not committed stands in its way', async () => {
    const { repo, plan, two } = await landed();
    await repo.write('f', 'being written\n');
    await expect((await plan()).apply()).rejects.toMatchObject({ code: 'WORKTREE_IN_THE_WAY' });
    expect(await repo.git('rev-parse', 'HEAD')).toBe(two);
    expect(await repo.git('status', '--porcelain')).toBe(' M f');
    expect(await repo.read('f')).toBe('being written\n');
  });

  it('R25 changes nothing once HEAD has moved on', async () => {
    const { repo, person, plan } = await landed();
    const planned = await plan();
    const head = await person({ i: 'person\n' });
    await expect(planned.apply()).rejects.toMatchObject({ code: 'HEAD_MOVED' });
    expect(await repo.git('rev-parse', 'HEAD')).toBe(head);
    expect((await plan()).plan.digest).not.toBe(planned.plan.digest);
  });

  it('lets the commit-msg hook refuse, and then nothing was changed', async () => {
    const { repo, plan, two } = await landed();
    await writeScript(repo.path('.git/hooks/commit-msg'), '#!/bin/sh\necho no ticket >&2\nexit 1\n');
    await expect((await plan()).apply()).rejects.toMatchObject({
      code: 'REFUSED_BY_HOOK',
      hints: ['no ticket', expect.anything()],
    });
    expect(await repo.git('rev-parse', 'HEAD')).toBe(two);
    expect(await repo.git('status', '--porcelain')).toBe('');
    await writeScript(repo.path('.git/hooks/commit-msg'), `#!/bin/sh\nsed -i '1s/^/TICKET-1 /' "$1"\n`);
    await (await plan()).apply();
    expect(await repo.git('log', '-1', '--format=%s')).toMatch(/^TICKET-1 Revert agent txn /);
  });

  it('commits nothing when told so: the result is staged', async () => {
    const { repo, plan, two } = await landed();
    expect(await (await plan()).apply({ noCommit: true })).toEqual({
      commit: null,
      commits: [],
      record: null,
    });
    expect(await repo.git('rev-parse', 'HEAD')).toBe(two);
    expect(await repo.git('status', '--porcelain')).toBe('M  f\nD  g');
  });

  it('refuses a plan that is not clean', async () => {
    const { person, plan } = await landed();
    await person({ f: ten({ 5: 'person' }) });
    await expect((await plan()).apply()).rejects.toMatchObject({
      code: 'NOT_CLEAN',
      hints: ['Say --with-dependants.', 'Say --clean-paths.'],
    });
  });

  it('R82 works in a SHA-256 repository', async () => {
    const { repo, agent, person, plan } = await scene({ objectFormat: 'sha256' });
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent' }) });
    await person({ f: ten({ 5: 'agent', 8: 'person' }) });
    await (await plan()).apply();
    expect(await repo.read('f')).toBe(ten({ 8: 'person' }));
  });
});
