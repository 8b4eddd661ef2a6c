import fc from 'fast-check';
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
    expect(await commitsSaying(place, [TXN], head)).toMatchObject({ named: [buried], saysReverts: false });
    await repo.commit(`Take it back\n\nthis reverts commit ${buried}.`, { a: '4\n' });
    const tip = await repo.git('rev-parse', 'HEAD');
    expect(await commitsSaying(place, [TXN], tip)).toMatchObject({ named: [buried], saysReverts: true });
  } finally {
    await repo.remove();
  }
});

/** What is looked for, whole, in parts and in letters that look alike, between what ends a line or is no ASCII. */
const message = fc
  .array(
    fc.constantFrom(
      TXN,
      TXN.toLowerCase(),
      TXN.slice(1),
      TXN.replace('K', '\u212a'),
      'This reverts commit ',
      'tHIS REVERTS COMMIT ab',
      'This reverts commit',
      'This reverts a part of commit x',
      'Thi\u017f reverts commit ',
      '\n',
      '\n\n',
      ' ',
      'x',
      '\u00e9',
      '.',
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(''));

it('finds the same in a part of history, which it reads itself, as git finds in all of it', async () => {
  const repo = await makeRepo();
  try {
    const place = { cwd: repo.dir };
    const base = await repo.git('rev-parse', 'HEAD');
    const told = fc.sample(message, 80);
    for (const text of told)
      await repo.git(
        'commit',
        '-q',
        '--allow-empty',
        '--allow-empty-message',
        '--cleanup=verbatim',
        '-m',
        text,
      );
    const commits = (await repo.git('rev-list', `${base}..HEAD`)).split('\n');
    for (const tip of commits) {
      const { searched, ...found } = await commitsSaying(place, [TXN], tip, base);
      const { searched: _, ...byGit } = await commitsSaying(place, [TXN], tip);
      expect(found).toEqual(byGit);
      expect(searched?.map(({ commit }) => commit)).toEqual(commits.slice(commits.indexOf(tip)));
    }
  } finally {
    await repo.remove();
  }
}, 60_000);
