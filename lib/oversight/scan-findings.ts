import type { Finding } from '../core/records/exception.ts';
import type { ScannedCommit } from './scan.ts';

/** What is not in order with a commit an agent made: nothing on record, or nobody who answers for it. */
export function findingsOf({ commit, authorship, has, classes }: ScannedCommit): Finding[] {
  if (authorship !== 'agent') return [];
  const about = { txn: null, commit, classes, detectedBy: 'scan' } as const;
  if (!has.includes('record'))
    return [
      { ...about, type: 'provenance-missing', text: 'An agent made it, and nothing of it is on record.' },
    ];
  if (!has.includes('sponsor'))
    return [{ ...about, type: 'identity-unclear', text: 'No person is named who answers for it.' }];
  return [];
}
