import type { Ended } from '../containment/run-limited.ts';
import type { Comparison } from './compare.ts';

export type RerunVerdict = 'identical' | 'accepted' | 'divergent' | 'failed' | 'inconclusive';

/** How a check ended; null where none is declared. */
export type Checked = 'passed' | 'failed' | null;

/**
 * What a rerun shows. The same tree is never expected. Without a declared check nothing says that another tree is as good: so
 * that is `inconclusive`, and never `accepted`.
 */
export function rerunVerdict(
  runner: Pick<Ended, 'how' | 'code'>,
  comparison: Comparison,
  checked: Checked,
): RerunVerdict {
  if (runner.how !== 'exit' || runner.code === NOT_FOUND || runner.code === NOT_RUN) return 'inconclusive';
  if (runner.code !== 0) return 'failed';
  if (checked === 'failed') return 'divergent';
  if (comparison.isSameTree) return 'identical';
  if (checked === null) return 'inconclusive';
  return comparison.newClasses.length > 0 ? 'divergent' : 'accepted';
}

const NOT_FOUND = 127;
const NOT_RUN = 126;
