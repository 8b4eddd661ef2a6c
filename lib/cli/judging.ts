import type { WaiverJudging } from '../core/events/waivers.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Io } from './io.ts';

/** What steps are judged by: the moment. */
export function judgingOf(io: Io, _ledger: Ledger): Promise<WaiverJudging> {
  return Promise.resolve({ now: io.now });
}
