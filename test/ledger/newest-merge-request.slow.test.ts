import { afterEach, describe, expect, it } from 'vitest';
import type { MergeRequestRecord } from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { openLedger, THOROUGH } from '../../lib/ledger/ledger.ts';
import { appendMergeRequest, newestMergeRequest } from '../../lib/ledger/told/merge-requests.ts';
import { SUBJECT } from '../support/approvals.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

let repo: TestRepo;
afterEach(() => repo.remove());

const AT = Date.parse('2026-01-02T03:04:05Z');
const SAY = { identity: 'Jane Doe <jane@example.com> 1767323045 +0000', message: 'told' };

function mr(n: number, at: number, more: Partial<MergeRequestRecord> = {}): MergeRequestRecord {
  return {
    schema: 'agent-log/mr/v1',
    id: newUlid(AT + at),
    url: `https://example.com/pull/${n}`,
    subject: { ...SUBJECT, head: `${n}`.padStart(2, '0').repeat(20) },
    txns: [],
    classes: [],
    agentCommits: 1,
    title: null,
    description: null,
    by: null,
    recordedAt: new Date(AT + at).toISOString(),
    ...more,
  };
}

describe('newestMergeRequest', () => {
  it.each([
    ['with an index', THOROUGH],
    ['without one', { most: 0, build: false }],
  ])(
    'is the one that was opened last, however often an older one was told of since, %s',
    async (_, indexing) => {
      repo = await makeRepo();
      const ledger = openLedger(await findRepository({ cwd: repo.dir }), indexing);
      try {
        expect(await newestMergeRequest(ledger, () => true)).toBeNull();
        for (let n = 1; n <= 30; n++) await appendMergeRequest(ledger, mr(n, n * 1000), SAY);
        // Number 3 has another head by now, and with it a note that only knows of that.
        const head = 'd'.repeat(40);
        await appendMergeRequest(
          ledger,
          mr(3, 90_000, { classes: ['iac'], subject: { ...SUBJECT, head } }),
          SAY,
        );
        await appendMergeRequest(ledger, mr(2, 95_000, { classes: ['iac'], title: 'again' }), SAY);
        const newest = async (isWanted: (one: MergeRequestRecord) => boolean): Promise<string | undefined> =>
          (await newestMergeRequest(ledger, isWanted))?.stored.record.url;
        expect(await newest(() => true)).toBe('https://example.com/pull/30');
        expect(await newest(({ classes }) => classes.includes('iac'))).toBe('https://example.com/pull/3');
        expect(await newest(({ title }) => title === 'again')).toBe('https://example.com/pull/2');
        expect(await newest(() => false)).toBeUndefined();
      } finally {
        ledger.close();
      }
    },
  );
});
