import type { ExecutionRecord } from '../../core/generated/execution-v1.types.ts';
import { MAX_LINE_BYTES } from '../../core/records/record.ts';

/** Room for the gaps that say what was left out. */
const LIMIT_BYTES = MAX_LINE_BYTES - 4096;

type LongList = 'toolCalls' | 'files' | 'context' | 'prompts';

const LONG_LISTS: readonly LongList[] = ['toolCalls', 'files', 'context', 'prompts'];

/**
 * A record that a line can hold: of the longest lists half is left out at a time, the oldest first, and a gap says how
 * much. Without this a session too long for one record would have none at all.
 */
export function fitRecord(record: ExecutionRecord): ExecutionRecord {
  let fitted = record;
  while (sizeOf(fitted) > LIMIT_BYTES) {
    const list = longest(fitted);
    if (fitted[list].length === 0) break;
    fitted = withHalf(fitted, list);
  }
  const gaps = LONG_LISTS.filter((list) => fitted[list].length < record[list].length).map(
    (list) => `${list}: ${record[list].length - fitted[list].length} did not fit into the record`,
  );
  if (gaps.length === 0) return fitted;
  return { ...fitted, capture: { ...fitted.capture, gaps: [...fitted.capture.gaps, ...gaps] } };
}

function withHalf(record: ExecutionRecord, list: LongList): ExecutionRecord {
  const left = Math.ceil(record[list].length / 2);
  const filesLeftOut = list === 'files' ? { filesLeftOut: (record.filesLeftOut ?? 0) + left } : {};
  return { ...record, [list]: record[list].slice(left), ...filesLeftOut };
}

function longest(record: ExecutionRecord): LongList {
  const sizes = LONG_LISTS.map((list) => ({ list, size: sizeOf(record[list]) }));
  return sizes.reduce((a, b) => (b.size > a.size ? b : a)).list;
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
