import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';

/**
 * A note's records without those that tell the same again: two clones that adopt or import the same work each write a
 * record of it, and after a sync both are there. Of one source the oldest counts, by id, so that all agree which it is.
 */
export function oncePerSource(
  records: readonly StoredRecord<ExecutionRecord>[],
): readonly StoredRecord<ExecutionRecord>[] {
  const oldest = new Map<string, StoredRecord<ExecutionRecord>>();
  for (const stored of records) {
    const key = sourceKey(stored);
    const known = oldest.get(key);
    if (known === undefined || stored.record.id < known.record.id) oldest.set(key, stored);
  }
  return records.length === oldest.size
    ? records
    : records.filter((stored) => oldest.get(sourceKey(stored)) === stored);
}

function sourceKey({ digest, record }: StoredRecord<ExecutionRecord>): string {
  const { assurance, source } = record.capture;
  return source === undefined ? digest : `${assurance ?? ''} ${source.format} ${source.unit}`;
}
