/** A commit that nothing is known of yet, and a record whose work nobody has seen land: both make one change. */
export interface Alike {
  readonly id: string;
  /** The author line with its time, which git carries over when it rewrites; null where the commit is not here. */
  readonly author: string | null;
}

export interface Matched {
  readonly pairs: readonly { readonly commit: string; readonly record: string }[];
  /** Commits that could be several records' work, or records that could be in several commits. */
  readonly ambiguous: readonly { readonly commit: string; readonly records: readonly string[] }[];
}

/**
 * Who is whose, where commits and records make the same change. One of each belongs together. Where there are more, the
 * author line decides, if it leads from one to one; never the order. What is left is named and not guessed.
 */
export function matchAlike(commits: readonly Alike[], records: readonly Alike[]): Matched {
  const [commit] = commits;
  const [record] = records;
  if (commit === undefined || record === undefined) return { pairs: [], ambiguous: [] };
  if (commits.length === 1 && records.length === 1)
    return { pairs: [{ commit: commit.id, record: record.id }], ambiguous: [] };
  const pairs = commits.flatMap((one) => {
    const [own, ...more] = sameAuthor(records, one);
    const rivals = sameAuthor(commits, one);
    return own !== undefined && more.length === 0 && rivals.length === 1
      ? [{ commit: one.id, record: own.id }]
      : [];
  });
  const taken = new Set(pairs.flatMap((pair) => [pair.commit, pair.record]));
  const left = records
    .filter(({ id }) => !taken.has(id))
    .map(({ id }) => id)
    .sort();
  const open = commits.filter(({ id }) => !taken.has(id));
  return { pairs, ambiguous: left.length === 0 ? [] : open.map(({ id }) => ({ commit: id, records: left })) };
}

function sameAuthor(all: readonly Alike[], { author }: Alike): readonly Alike[] {
  return author === null ? [] : all.filter((one) => one.author === author);
}
