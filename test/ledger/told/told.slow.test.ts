import { afterEach, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../../lib/core/records/record.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { openLedger, readNote, THOROUGH } from '../../../lib/ledger/ledger.ts';
import { anchorOf } from '../../../lib/ledger/told/anchor.ts';
import { appendTold, readTold, toldOn } from '../../../lib/ledger/told/told.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
afterEach(() => repo.remove());

const AT = Date.parse('2026-01-02T03:04:05Z');
const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
const SAY = { identity: 'Jane Doe <jane@example.com> 1767323045 +0000', message: 'told' };

function event(name: string, txn: string | null, at = AT): EventRecord {
  return {
    schema: 'agent-log/event/v1',
    id: newUlid(at),
    event: 'exception.commented',
    of: name.padEnd(64, '0'),
    txn,
    text: name,
    by: null,
    recordedAt: new Date(at).toISOString(),
  };
}

describe.each(['sha1', 'sha256'] as const)('what the ledger tells of changes, in %s', (objectFormat) => {
  it.each([
    ['with an index', THOROUGH],
    ['without one', { most: 0, build: false }],
  ])('is found by its kind, by its transaction and by its anchor, %s', async (_, indexing) => {
    repo = await makeRepo({ objectFormat });
    const place = await findRepository({ cwd: repo.dir });
    const ledger = openLedger(place, indexing);
    try {
      const [a, b] = [event('aa', TXN), event('bb', null, AT + 1)];
      const [atA, atB] = [anchorOf(place, 'exception', a.of), anchorOf(place, 'exception', b.of)];
      await appendTold(
        ledger,
        [
          { object: atA, records: [a] },
          { object: atB, records: [b] },
        ],
        SAY,
      );
      await appendTold(ledger, [{ object: atA, records: [a] }], SAY);
      expect((await readTold(ledger, 'event')).map(({ stored }) => stored.record)).toEqual([a, b]);
      expect((await readTold(ledger, 'event', TXN)).map(({ stored }) => stored.record)).toEqual([a]);
      expect(await readTold(ledger, 'decision')).toEqual([]);
      expect(toldOn(await readNote(ledger, atB), 'event').map(({ stored }) => stored.record)).toEqual([b]);
    } finally {
      ledger.close();
    }
  });

  it('has an anchor that is the id git would give the blob', async () => {
    repo = await makeRepo({ objectFormat });
    const place = await findRepository({ cwd: repo.dir });
    const url = 'https://example.com/team/repo/-/merge_requests/7';
    const { stdout } = await repo.tryGit(['hash-object', '--stdin'], { input: `agent-log mr ${url}\n` });
    expect(anchorOf(place, 'mr', url)).toBe(stdout.trim());
  });
});
