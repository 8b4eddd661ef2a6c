import type { ScannedRecord } from '../../ledger/reading/scan.ts';

/** What stands on one line: a record, and those that would be told in the same words. */
export interface ListLine<T> {
  readonly record: T;
  /** The commits that amends of the line replaced, the last first. */
  readonly amended: readonly string[];
  /** Records of the line whose work no amend of it replaced: 1 unless several became one commit. */
  readonly works: number;
  /** Another line has the amend that replaced it. */
  readonly isReplaced: boolean;
}

/** What tells one line from another, beside the time. */
type Alike = Pick<ScannedRecord, 'object' | 'stored' | 'known' | 'binding' | 'landings'> & {
  readonly erased: unknown;
};

/**
 * One line for the records of a commit that the same agent made for the same sponsor: the newest stands for those it
 * amended, and for those that were squashed with it. Where agent or sponsor differ, each keeps its line. Newest first, as
 * they come.
 */
export function listLines<T extends Alike>(records: readonly T[]): ListLine<T>[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const record of records) {
    const group = groups.get(wordsOf(record));
    if (group) group.push(record);
    else groups.set(wordsOf(record), [record]);
  }
  const amended = new Set(records.flatMap(({ known }) => known.amends ?? []));
  return [...groups.values()].map((group) => lineOf(group, amended));
}

function wordsOf({ object, known, erased }: Alike): string {
  const { agent, sponsor, capture } = known;
  return JSON.stringify([
    object,
    agent.name,
    sponsor?.name,
    sponsor?.email,
    capture.assurance,
    erased !== null,
  ]);
}

function lineOf<T extends Alike>(group: readonly [T, ...T[]], amended: ReadonlySet<string>): ListLine<T> {
  const [record] = group;
  const here = new Set(group.flatMap(({ known }) => known.amends ?? []));
  const replaced = group.map(madeAs).filter((commit) => here.has(commit));
  return {
    record,
    amended: replaced,
    works: group.length - replaced.length,
    isReplaced: amended.has(madeAs(record)) && !here.has(madeAs(record)),
  };
}

/** The commit a record was made as, wherever its work is now. */
export function madeAs({
  object,
  binding,
  landings,
}: Pick<ScannedRecord, 'object' | 'binding' | 'landings'>): string {
  return binding?.commit ?? landings[0]?.from ?? object;
}
