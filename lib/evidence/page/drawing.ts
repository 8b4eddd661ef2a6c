import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import { LIMITS } from './limits.ts';

/** Grants as much of what is asked for as is left. */
export type Budget = (wanted: number) => number;

/** What every part of the page is drawn from. */
export interface Drawing {
  readonly evidence: EvidenceDocument;
  readonly diffs: ReadonlyMap<string, string>;
  /** Where to look for what is left out: a file of the bundle, or a command. */
  readonly place: string;
  readonly calls: Budget;
  readonly characters: Budget;
  readonly diffLines: Budget;
}

export function drawingOf(
  evidence: EvidenceDocument,
  diffs: ReadonlyMap<string, string>,
  place: string,
): Drawing {
  return {
    evidence,
    diffs,
    place,
    calls: budget(LIMITS.callsOfPage),
    characters: budget(LIMITS.charactersOfPage),
    diffLines: budget(LIMITS.diffLinesOfPage),
  };
}

function budget(most: number): Budget {
  let left = most;
  return (wanted) => {
    const granted = Math.min(left, wanted);
    left -= granted;
    return granted;
  };
}
