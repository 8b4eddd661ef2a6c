import { describe, expect, it } from 'vitest';
import { readCommit } from '../../lib/git/objects.ts';
import { type Scene, scene, ten } from '../support/revert.ts';

/** Squashes a topic branch onto main as a host does, with the messages of its commits in the body. */
async function squash({ repo }: Scene, branch: string): Promise<string> {
  const messages = await repo.git('log', '--reverse', '--format=* %B', `main..${branch}`);
  await repo.git('checkout', '-q', 'main');
  await repo.git('merge', '-q', '--squash', branch);
  await repo.git('commit', '-q', '-m', `The topic (#1)\n\n${messages}`);
  return repo.git('rev-parse', 'HEAD');
}

describe('a squash', () => {
  it('R08 of the transaction alone goes whole, also with its trailers in the middle of the message (R11)', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    await made.repo.git('checkout', '-q', '-b', 'topic');
    await made.agent({ f: ten({ 2: 'agent' }) });
    await made.agent({ g: 'agent\n' });
    const oid = await squash(made, 'topic');
    await made.person({ h: 'later\n' });
    const planned = await made.plan();
    expect(planned.plan).toMatchObject({
      verdict: 'clean',
      units: [{ commit: oid, kind: 'squash' }],
      kept: 1,
    });
    expect(await planned.files()).toEqual(['README.md', 'f', 'h']);
    expect(await planned.file('f')).toBe(ten());
  });

  it("R09 that holds a person's commits too: the person's work stays", async () => {
    const made = await scene();
    await made.person({ f: ten() });
    await made.repo.git('checkout', '-q', '-b', 'topic');
    await made.agent({ f: ten({ 2: 'agent' }) });
    await made.person({ f: ten({ 2: 'agent', 5: 'person' }), p: 'person\n' });
    await made.agent({ f: ten({ 2: 'agent', 5: 'person', 8: 'agent' }) });
    await made.person({ q: 'person\n' });
    await made.agent({ g: 'agent\n' });
    const oid = await squash(made, 'topic');
    await made.person({ h: 'later\n' });
    await made.person({ f: ten({ 2: 'agent', 5: 'person', 8: 'agent', 10: 'later' }) });
    const planned = await made.plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', units: [{ commit: oid, kind: 'part' }] });
    expect(await planned.files()).toEqual(['README.md', 'f', 'h', 'p', 'q']);
    expect(await planned.file('f')).toBe(ten({ 5: 'person', 10: 'later' }));
    await planned.apply();
    const message = await made.repo.git('log', '-1', '--format=%B');
    expect(message).toContain(`This reverts a part of commit ${oid}.`);
    expect(message).not.toContain('This reverts commit');
  });

  it('of two transactions: only the one that is asked for goes', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    await made.repo.git('checkout', '-q', '-b', 'topic');
    await made.agent({ f: ten({ 2: 'one' }) }, 'one');
    await made.agent({ f: ten({ 2: 'one', 8: 'two' }) }, 'two');
    await squash(made, 'topic');
    const planned = await made.plan({ txn: 'two' });
    expect(planned.plan.verdict).toBe('clean');
    expect(await planned.file('f')).toBe(ten({ 2: 'one' }));
  });

  it('R10 commits that were rebased on the server go by their new ids', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    await made.repo.git('checkout', '-q', '-b', 'topic');
    await made.agent({ f: ten({ 2: 'agent' }) });
    await made.agent({ g: 'agent\n' });
    await made.repo.git('checkout', '-q', 'main');
    await made.person({ h: 'person\n' });
    await made.repo.git('rebase', '-q', 'main', 'topic');
    await made.repo.git('checkout', '-q', 'main');
    await made.repo.git('merge', '-q', '--ff-only', 'topic');
    const planned = await made.plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', missing: [] });
    expect(planned.plan.units).toHaveLength(2);
    expect(await planned.files()).toEqual(['README.md', 'f', 'h']);
  });

  it('copied trailers make no member: what only claims them is named and stays', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    const one = await made.agent({ f: ten({ 2: 'agent' }) });
    const { message = '' } = (await readCommit(made.ledger.reader, one)) ?? {};
    await made.repo.write('p', 'person\n');
    await made.repo.git('add', '-A');
    await made.repo.git('commit', '-q', '-m', message);
    const forged = await made.repo.git('rev-parse', 'HEAD');
    const planned = await made.plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', units: [{ commit: one }], claimed: [forged] });
    expect(await planned.files()).toEqual(['README.md', 'f', 'p']);
  });
});
