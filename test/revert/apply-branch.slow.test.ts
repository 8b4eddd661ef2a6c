import { describe, expect, it } from 'vitest';
import { readNote } from '../../lib/ledger/ledger.ts';
import { revertsOf } from '../../lib/ledger/told/reverts.ts';
import { whereNext } from '../../lib/revert/telling/publish.ts';
import { scene, ten } from '../support/revert.ts';

async function landed() {
  const made = await scene();
  await made.person({ f: ten() });
  const one = await made.agent({ f: ten({ 5: 'agent' }) });
  const head = await made.person({ g: 'person\n' });
  return { ...made, one, head };
}

describe('--branch', () => {
  it('makes it on a new branch: HEAD, index and worktree stay, whatever is in them', async () => {
    const { repo, ledger, plan, one, head } = await landed();
    await repo.write('f', 'being written\n');
    await repo.write('g', 'staged\n');
    await repo.git('add', 'g');
    const index = await repo.git('ls-files', '-s');
    const planned = await plan();
    const { commit, record } = await planned.apply({ branch: 'undo/it' });
    expect(await repo.git('rev-parse', 'undo/it', 'undo/it^', 'undo/it^{tree}')).toBe(
      [commit, head, planned.plan.resultTree].join('\n'),
    );
    expect(await repo.git('rev-parse', 'main', 'HEAD')).toBe(`${head}\n${head}`);
    expect(await repo.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(await repo.git('ls-files', '-s')).toBe(index);
    expect(await repo.git('status', '--porcelain')).toBe(' M f\nM  g');
    for (const oid of [one, commit ?? '']) expect(revertsOf(await readNote(ledger, oid))).toEqual([record]);
  });

  it.each(['main', '@{-1}', '-', '-x', 'a..b', 'a b', '', 'x.lock', 'refs/heads/../main'])(
    'refuses a name git would not have, or has: %s',
    async (name) => {
      const { repo, plan } = await landed();
      const before = await repo.git('for-each-ref');
      await expect((await plan()).apply({ branch: name })).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
      expect(await repo.git('for-each-ref')).toBe(before);
    },
  );

  it('goes on another tip than HEAD with --onto, with each step', async () => {
    const { repo, plan, head, one } = await landed();
    await repo.git('branch', 'release', one);
    const { commits } = await (await plan({ onto: 'release', each: true })).apply({ branch: 'undo' });
    expect(await repo.git('rev-parse', 'undo', 'undo^', 'HEAD')).toBe([commits[0], one, head].join('\n'));
  });

  it('says where the branch goes from here', async () => {
    const { repo, ledger } = await landed();
    expect(await whereNext(ledger.repo, 'undo')).toEqual({ branch: 'undo', remote: null, target: 'main' });
    await repo.git('remote', 'add', 'team', '/nowhere');
    expect(await whereNext(ledger.repo, 'undo')).toMatchObject({ remote: 'team' });
    await repo.git('remote', 'add', 'origin', '/nowhere');
    await repo.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk');
    expect(await whereNext(ledger.repo, 'undo')).toMatchObject({ remote: 'origin', target: 'trunk' });
    await repo.git('config', 'remote.pushDefault', 'team');
    expect(await whereNext(ledger.repo, 'undo')).toMatchObject({ remote: 'team' });
  });
});
