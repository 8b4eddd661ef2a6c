import { describe, expect, it } from 'vitest';
import { blobId } from '../../../lib/core/digest.ts';
import { FIXED_ENTRIES } from '../../../lib/ledger/notes/fixed-entries.ts';
import { askedFirst } from '../../../lib/ledger/reading/asked-first.ts';
import { anchorOf } from '../../../lib/ledger/told/anchor.ts';

describe('FIXED_ENTRIES', () => {
  it.each(['sha1', 'sha256'] as const)('are the ids of the blobs they speak of, in %s', (format) => {
    const idOf = (text: string): string => blobId(Buffer.from(text), format);
    expect(FIXED_ENTRIES.regroups[format]).toBe(idOf('agent-log/regroup/v1\n'));
    expect(FIXED_ENTRIES.erasures[format]).toBe(idOf('agent-log/erasure/v1\n'));
    expect(FIXED_ENTRIES.told[format]).toBe(anchorOf({ format }, 'told', 'first'));
  });
});

describe('askedFirst', () => {
  const oid = 'ab'.repeat(20);

  it('names the note of a commit that is given by its id, wherever it may be', () => {
    expect(askedFirst(oid)).toEqual(
      expect.arrayContaining([
        `${oid}^{commit}`,
        `refs/notes/agent-log:${oid}`,
        `refs/notes/agent-log:ab/ab/${oid.slice(4)}`,
        `refs/notes/agent-log:${FIXED_ENTRIES.told.sha1}`,
      ]),
    );
  });

  it('names the entries of the format an id is of', () => {
    const names = askedFirst('ab'.repeat(32));
    expect(names).toContain(`refs/notes/agent-log:${FIXED_ENTRIES.erasures.sha256}`);
    expect(names.join()).not.toContain(FIXED_ENTRIES.erasures.sha1);
  });

  it('names no note of what is no id', () => {
    expect(askedFirst('HEAD').filter((name) => name.includes('HEAD'))).toEqual([
      'HEAD^{commit}',
      'HEAD^^{commit}',
    ]);
  });
});
