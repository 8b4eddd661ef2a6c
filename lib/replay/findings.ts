import { shortOid } from '../core/oid.ts';
import type { Finding } from '../core/records/exception.ts';
import type { Outcome } from './outcome.ts';
import type { ReplayMode } from './replay.ts';

/** What is not in order after a replay: records that do not hold, and work that came out otherwise. */
export function replayFindings(outcomes: readonly Outcome[], mode: ReplayMode): Finding[] {
  return outcomes.flatMap(({ verdict, txn, commit, classes }): Finding[] => {
    if (verdict !== 'invalid' && verdict !== 'failed' && verdict !== 'divergent') return [];
    const type = verdict === 'invalid' ? 'record-invalid' : 'replay-failed';
    const text = `replay --mode ${mode} of ${shortOid(commit)}: ${verdict}`;
    return [{ type, txn, commit, classes, detectedBy: 'replay', text }];
  });
}
