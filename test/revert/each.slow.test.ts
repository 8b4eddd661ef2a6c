import { describe, expect, it } from 'vitest';
import { readNote } from '../../lib/ledger/ledger.ts';
import { revertsOf } from '../../lib/ledger/told/reverts.ts';
import { writeScript } from '../support/repo.ts';
import { scene, ten } from '../support/revert.ts';

async function threeUnits() {
  const made = await scene();
  await made.person({ f: ten(), g: ten() });
  const one = await made.agent({ f: ten({ 2: 'agent' }) });
  await made.person({ other: 'person\n' });
  const two = await made.agent({ f: ten({ 2: 'agent', 8: 'agent' }), new: 'agent\n' });
  const three = await made.agent({ g: ten({ 5: 'agent' }) });
  const head = await made.person({ other: 'person\nagain\n' });
  return { ...made, one, two, three, head };
}

describe('--each', () => {
  it('makes a commit for each unit, newest first, and ends at the tree of the one', async () => {
    const { repo, ledger, plan, one, two, three, head } = await threeUnits();
    const whole = await plan();
    const planned = await plan({ each: true });
    expect(planned.plan.resultTree).toBe(whole.plan.resultTree);
    expect(planned.plan.steps?.map(({ commits }) => commits)).toEqual([[three], [two], [one]]);
    const { commits, record } = await planned.apply({ reason: 'Not wanted' });
    expect(await repo.git('log', '--reverse', '--format=%H', `${head}..main`)).toBe(commits.join('\n'));
    const trees = await Promise.all(commits.map((commit) => repo.git('rev-parse', `${commit}^{tree}`)));
    expect(trees).toEqual(planned.plan.steps?.map(({ tree }) => tree));
    expect(trees.at(-1)).toBe(whole.plan.resultTree);
    for (const [i, unit] of [three, two, one].entries()) {
      const message = await repo.git('log', '-1', '--format=%B', commits[i] ?? '');
      expect(message.match(/This reverts commit ([0-9a-f]+)\./g)).toEqual([`This reverts commit ${unit}.`]);
      expect(message).toContain(`Commit ${i + 1} of the 3 that take it back together.`);
    }
    expect(record).toMatchObject({ commit: commits.at(-1), commits, units: [three, two, one] });
    for (const oid of [one, two, three, ...commits])
      expect(revertsOf(await readNote(ledger, oid))).toEqual([record]);
    expect(await repo.git('status', '--porcelain')).toBe('');
    expect((await plan()).plan.verdict).toBe('already-reverted');
  });

  it('puts together what can only be undone together, and what changes nothing', async () => {
    const { agent, person, plan, repo } = await scene();
    await person({ f: ten() });
    const first = await agent({ f: ten({ 5: 'first' }) });
    const second = await agent({ f: ten({ 5: '5' }) });
    const last = await agent({ g: 'agent\n' });
    await person({ f: ten({ 5: 'person' }) });
    const planned = await plan({ each: true });
    expect(planned.plan.steps?.map(({ commits }) => commits)).toEqual([[last, second, first]]);
    const { commits } = await planned.apply();
    expect(commits).toHaveLength(1);
    expect(await repo.git('log', '-1', '--format=%B')).not.toContain('Commit 1 of');
  });

  it('takes what depends on it in the same way', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    const one = await agent({ f: ten({ 5: 'agent' }) });
    const later = await person({ f: ten({ 5: 'person' }) });
    const planned = await plan({ each: true, withDependants: true });
    expect(planned.plan.steps?.map(({ commits }) => commits)).toEqual([[later], [one]]);
    expect((await planned.apply()).record).toMatchObject({ verdict: 'with-dependants', dependants: [later] });
  });

  it('is all or nothing: a hook that refuses the second commit leaves no first', async () => {
    const { repo, plan, head } = await threeUnits();
    const refs = await repo.git('for-each-ref');
    await writeScript(
      repo.path('.git/hooks/commit-msg'),
      `#!/bin/sh\necho >>"$0.count"; [ $(wc -l <"$0.count") -lt 2 ]\n`,
    );
    await expect((await plan({ each: true })).apply()).rejects.toMatchObject({ code: 'REFUSED_BY_HOOK' });
    expect(await repo.git('for-each-ref')).toBe(refs);
    expect(await repo.git('rev-parse', 'HEAD')).toBe(head);
    expect(await repo.git('status', '--porcelain')).toBe('');
  });

  it('R25 is all or nothing where HEAD moves while hooks look at the last commit', async () => {
    const { repo, plan } = await threeUnits();
    await writeScript(
      repo.path('.git/hooks/commit-msg'),
      '#!/bin/sh\nunset GIT_INDEX_FILE GIT_DIR GIT_WORK_TREE\ngit -c core.hooksPath=/dev/null commit -q --allow-empty -m Moved\n',
    );
    await expect((await plan({ each: true })).apply()).rejects.toMatchObject({ code: 'HEAD_MOVED' });
    expect(await repo.git('log', '-3', '--format=%s')).toBe('Moved\nMoved\nMoved');
    expect(await repo.git('status', '--porcelain')).toBe('');
    expect(await repo.read('f')).toBe(ten({ 2: 'agent', 8: 'agent' }));
  });

  it('says so where commit by commit leads elsewhere', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 2: 'agent', 8: 'agent' }) });
    await person({ f: ten({ 2: 'agent', 8: 'person' }) });
    await expect(plan({ each: true, relaxed: true })).rejects.toMatchObject({
      code: 'NOT_CLEAN',
      hints: [expect.stringContaining('--each')],
    });
  });

  it('R82 works in a SHA-256 repository', async () => {
    const { repo, agent, person, plan } = await scene({ objectFormat: 'sha256' });
    await person({ f: ten() });
    await agent({ f: ten({ 2: 'agent' }) });
    await agent({ f: ten({ 2: 'agent', 8: 'agent' }) });
    const { commits } = await (await plan({ each: true })).apply();
    expect(commits.map((commit) => commit.length)).toEqual([64, 64]);
    expect(await repo.read('f')).toBe(ten());
  });
});
