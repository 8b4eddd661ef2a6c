import { compileRiskMatcher, type RiskClass } from '../../core/risk/risk.ts';
import type { EntryDiff } from '../../git/diffs/entry-diff.ts';

/** How a second way of doing a work compares with the first. */
export interface Comparison {
  readonly isSameTree: boolean;
  /** Share of the files either of them changed that both left the same: from 0 to 1. Told, and decides nothing. */
  readonly similarity: number;
  /** Risk classes of files it changed, of which the recorded work changed none. */
  readonly newClasses: readonly RiskClass[];
}

/** Compares what two works made of one base, each told by what it changed there. */
export function compareWork(recorded: readonly EntryDiff[], again: readonly EntryDiff[]): Comparison {
  const left = new Map(recorded.map(({ path, to }) => [path, to?.oid ?? null]));
  const paths = new Set([...left.keys(), ...again.map(({ path }) => path)]);
  const same = again.filter(({ path, to }) => left.has(path) && left.get(path) === (to?.oid ?? null)).length;
  const known = classesOf(recorded);
  return {
    isSameTree: same === paths.size,
    similarity: paths.size === 0 ? 1 : same / paths.size,
    newClasses: [...classesOf(again)].filter((one) => !known.has(one)),
  };
}

function classesOf(diffs: readonly EntryDiff[]): Set<RiskClass> {
  const classesIn = compileRiskMatcher();
  return new Set(diffs.flatMap(({ path }) => classesIn(Buffer.from(path, 'latin1').toString('utf8'))));
}
