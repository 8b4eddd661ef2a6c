import type { ExecutionRecord } from '../../core/records/record.ts';
import { mayTellByContent } from '../../core/risk/by-content.ts';
import { contentClasses } from '../../core/risk/content.ts';
import type { RiskClass } from '../../core/risk/risk.ts';
import { promisorOf } from '../../git/repository/partial-clone.ts';
import type { Ledger } from '../ledger.ts';

/** Looks into the files of records whose paths can't tell, each content once. */
export interface ContentLook {
  readonly classesIn: (record: ExecutionRecord) => Promise<ReadonlySet<RiskClass>>;
  /** How many contents there were too many of to look at, so far. */
  readonly passedOver: () => number;
}

/** A thousand take a second or so. */
const MOST_CONTENTS = 5000;

/** Where contents have to be fetched first, one by one, none is looked at. */
export async function contentLook(
  { repo, reader }: Pick<Ledger, 'repo' | 'reader'>,
  most: number = MOST_CONTENTS,
): Promise<ContentLook> {
  const known = new Map<string, readonly RiskClass[]>();
  const left = new Set<string>();
  const limit = (await promisorOf(repo)) === null ? most : 0;
  const classesOf = async (blob: string, path: string): Promise<readonly RiskClass[]> => {
    const before = known.get(blob);
    if (before !== undefined) return before;
    if (known.size >= limit) {
      left.add(blob);
      return [];
    }
    const object = await reader.read(blob);
    const classes = object?.type === 'blob' ? contentClasses(path, object.content) : [];
    known.set(blob, classes);
    return classes;
  };
  return {
    async classesIn({ files }) {
      const classes = new Set<RiskClass>();
      for (const { path, blob } of files)
        if (blob !== null && mayTellByContent(path))
          for (const one of await classesOf(blob, path)) classes.add(one);
      return classes;
    },
    passedOver: () => left.size,
  };
}
