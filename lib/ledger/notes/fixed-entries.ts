import type { ObjectFormat } from '../../core/digest.ts';

/**
 * Entries of the ledger that are always at the same object id, that of a blob nobody writes: `agent-log/regroup/v1\n`,
 * `agent-log/erasure/v1\n` and `agent-log told first\n`. They stand here, so that git can be asked for them before anything
 * is loaded that makes digests.
 */
export const FIXED_ENTRIES: Readonly<
  Record<'regroups' | 'erasures' | 'told', Readonly<Record<ObjectFormat, string>>>
> = {
  regroups: {
    sha1: '5ea49eef0e1f6a2ba7230b4dce5e9f802339675d',
    sha256: '586e428ddaa9ffb4f9f4bd7c8b51949c438d9997ec80456bb6095b6960c771e1',
  },
  erasures: {
    sha1: '531cdfaeee6ab5996226a89a814105c5c8acc90a',
    sha256: 'd5666113826b4dbf40a061693192561177c8b6a8b336ac9169a2f017c3347f4d',
  },
  told: {
    sha1: '810203f5b9216175d7f1bfb7ba58bd40187436b9',
    sha256: '1f2dfe8aa8e56ee1b99d54b27ce40cd3b88dc844fa3a6969377b25600377c37a',
  },
};
