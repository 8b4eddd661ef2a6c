import { describe, expect, it } from 'vitest';
import { readCommit } from '../../lib/git/objects/objects.ts';
import { type Scene, scene, ten } from '../support/revert.ts';
import { outcome, PLAIN } from '../support/revert-outcome.ts';

/** Squashes a topic branch onto main as a host does, by default with the messages of its commits in the body. */
async function squash({ repo }: Scene, branch: string, message?: string): Promise<string> {
  const messages = await repo.git('log', '--reverse', '--format=* %B', `main..${branch}`);
  await repo.git('checkout', '-q', 'main');
  await repo.git('merge', '-q', '--squash', branch);
  await repo.git('commit', '-q', '-m', message ?? `The topic (#1)\n\n${messages}`);
  return repo.git('rev-parse', 'HEAD');
}

describe('a squash', () => {
  it('R08 of the transaction alone goes whole, also where only its content and the notes tell', async () => {
    for (const message of [undefined, 'The topic (#1)']) {
      const made = await scene();
      await made.person({ f: ten() });
      await made.repo.git('checkout', '-q', '-b', 'topic');
      await made.agent({ f: ten({ 2: 'agent' }) });
      await made.agent({ g: 'agent\n' });
      const oid = await squash(made, 'topic', message);
      if (message !== undefined) await made.repo.run(['relink']);
      await made.person({ h: 'later\n' });
      expect(await outcome(made)).toEqual({
        ...PLAIN,
        exit: 0,
        verdict: 'clean',
        kept: 1,
        units: [['squash', oid, [oid]]],
        files: ['M f', 'D g'],
        tree: { 'README.md': 'hello\n', f: ten(), h: 'later\n' },
      });
    }
  });

  it.each([
    ['on a base that went on', true],
    ['after another commit of the transaction came there first', false],
  ])("R09 of somebody else's work too, %s, is shown by its branch without relink", async (_, isMoved) => {
    const made = await scene();
    await made.person({ f: ten() });
    await made.repo.git('branch', 'topic');
    const first = isMoved ? await made.person({ m: 'main\n' }) : await made.agent({ m: 'agent\n' });
    await made.repo.git('checkout', '-q', 'topic');
    await made.agent({ f: ten({ 2: 'agent' }) });
    await made.person({ f: ten({ 2: 'agent', 8: 'person' }), p: 'person\n' });
    const oid = await squash(made, 'topic');
    const before = isMoved ? [] : [['commit', first, [first]]];
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      kept: 1,
      units: [['part', oid, [oid]], ...before],
      files: isMoved ? ['M f'] : ['M f', 'D m'],
      tree: {
        'README.md': 'hello\n',
        f: ten({ 8: 'person' }),
        ...(isMoved ? { m: 'main\n' } : {}),
        p: 'person\n',
      },
    });
  });

  it('of what is partly there already names a record that nothing shows: it stays, and the plan says so', async () => {
    const made = await scene();
    const { repo } = made;
    await made.person({ f: ten() });
    await repo.git('checkout', '-q', '-b', 'topic');
    await made.agent({ a: 'agent\n' });
    await made.agent({ b: 'agent\n' });
    await repo.git('checkout', '-q', 'main');
    await repo.git('cherry-pick', 'topic');
    await repo.git('checkout', '-q', 'topic');
    await made.agent({ c: 'agent\n' });
    const oid = await squash(made, 'topic');
    const { plan } = await made.plan();
    expect(plan).toMatchObject({ verdict: 'clean', claimed: [oid], files: [{ path: 'b' }] });
    expect(plan.notUndone).toContainEqual(
      expect.stringContaining(`what ${oid.slice(0, 10)} says it holds of it, and nothing shows`),
    );
    expect((await made.plan({ includeClaimed: true })).plan).toMatchObject({
      verdict: 'clean',
      claimed: [],
      files: [{ path: 'a' }, { path: 'b' }, { path: 'c' }],
    });
  });

  it('R11 is found by trailers in the middle of its message, which git does not see there', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    await made.repo.git('checkout', '-q', '-b', 'topic');
    await made.agent({ f: ten({ 2: 'agent' }) });
    await made.agent({ g: 'agent\n' });
    const bodies = await made.repo.git('log', '--reverse', '--format=* %B', 'main..topic');
    const oid = await squash(
      made,
      'topic',
      `The topic (#1)\n\n${bodies}\n\nReviewed-by: Jane Roe <roe@example.com>`,
    );
    expect(await made.repo.git('log', '-1', '--format=%(trailers:key=Agent-Txn)')).toBe('');
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      units: [['squash', oid, [oid]]],
      files: ['M f', 'D g'],
      tree: { 'README.md': 'hello\n', f: ten() },
    });
  });

  it("R09 that holds a person's commits too is told as a part: the person's work stays", async () => {
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
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      // The part of the squash that stays is one of them.
      kept: 3,
      units: [['part', oid, [oid]]],
      files: ['M f', 'D g'],
      tree: {
        'README.md': 'hello\n',
        f: ten({ 5: 'person', 10: 'later' }),
        h: 'later\n',
        p: 'person\n',
        q: 'person\n',
      },
    });
    await (await made.plan()).apply();
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

  it.each([true, false])(
    'R10 commits that were rebased on the server go by their new ids (trailers kept: %s)',
    async (kept) => {
      const made = await scene();
      await made.person({ f: ten() });
      await made.repo.git('checkout', '-q', '-b', 'topic');
      const old = [await made.agent({ f: ten({ 2: 'agent' }) }), await made.agent({ g: 'agent\n' })];
      await made.repo.git('checkout', '-q', 'main');
      await made.person({ h: 'person\n' });
      const edit = kept ? [] : ['--exec', 'git commit -q --amend -m "Another message"'];
      await made.repo.git('rebase', '-q', ...edit, 'main', 'topic');
      await made.repo.git('checkout', '-q', 'main');
      await made.repo.git('merge', '-q', '--ff-only', 'topic');
      if (!kept) await made.repo.run(['relink']);
      const [two = '', one = ''] = (await made.repo.git('rev-list', '-2', 'HEAD')).split('\n');
      expect(old).not.toContain(one);
      expect(await outcome(made)).toEqual({
        ...PLAIN,
        exit: 0,
        verdict: 'clean',
        units: [
          ['commit', two, [two]],
          ['commit', one, [one]],
        ],
        files: ['M f', 'D g'],
        tree: { 'README.md': 'hello\n', f: ten(), h: 'person\n' },
      });
    },
  );

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
