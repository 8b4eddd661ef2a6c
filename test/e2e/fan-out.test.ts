import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { LEDGER_REF, openLedger } from '../../lib/ledger/ledger.ts';
import { appendToNotes } from '../../lib/ledger/notes/append.ts';
import { IDENTITY } from '../support/records.ts';
import { makeRepo } from '../support/repo.ts';

it('300 notes written one by one lie where git would have put them, after each of them', async () => {
  const repo = await makeRepo();
  const ledger = openLedger(await findRepository({ cwd: repo.dir }));
  const paths = async (ref: string): Promise<string> => repo.git('ls-tree', '-r', '--name-only', ref);
  try {
    const source = await repo.git('rev-parse', 'HEAD');
    await repo.git('notes', '--ref=native', 'add', '-m', 'x', source);
    const objects = Array.from({ length: 299 }, (_, i) => createHash('sha1').update(`${i}`).digest('hex'));
    for (const [i, object] of [source, ...objects].entries()) {
      await appendToNotes(ledger, [{ object, lines: () => [`note ${i}`] }], {
        identity: IDENTITY,
        message: 'x\n',
      });
      if (i > 0) await repo.git('notes', '--ref=native', 'copy', source, object);
      if (i < 40 || i % 10 === 9)
        expect(await paths(LEDGER_REF), `${i + 1}`).toBe(await paths('refs/notes/native'));
    }
    expect((await repo.git('notes', '--ref=agent-log', 'list')).split('\n')).toHaveLength(300);
    expect(await repo.git('rev-list', '--count', LEDGER_REF)).toBe('300');
  } finally {
    ledger.close();
    await repo.remove();
  }
});
