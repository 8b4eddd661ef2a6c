import { expect, it } from 'vitest';
import { commitsSaying } from '../../../lib/revert/members/messages.ts';
import { makeRepo } from '../../support/repo.ts';

const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';

it('finds in one search who names a transaction, in either case and on any line, and whether anybody reverts', async () => {
  const repo = await makeRepo();
  try {
    const place = { cwd: repo.dir };
    await repo.commit('First', { a: '1\n' });
    const buried = await repo.commit(`Squash\n\n* one\n    agent-txn: ${TXN.toLowerCase()}`, { a: '2\n' });
    // A letter that only looks like K in another alphabet's lower case.
    await repo.commit(`Not ${TXN.replace('K', '\u212a')}`, { a: '3\n' });
    const head = await repo.git('rev-parse', 'HEAD');
    expect(await commitsSaying(place, [TXN], head)).toEqual({ named: [buried], saysReverts: false });
    await repo.commit(`Take it back\n\nthis reverts commit ${buried}.`, { a: '4\n' });
    const tip = await repo.git('rev-parse', 'HEAD');
    expect(await commitsSaying(place, [TXN], tip)).toEqual({ named: [buried], saysReverts: true });
  } finally {
    await repo.remove();
  }
});
