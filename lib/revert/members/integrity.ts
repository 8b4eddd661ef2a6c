import { shortOid } from '../../core/oid.ts';
import { isBinding, isExecution, isReadable, type ParsedLine } from '../../core/records/record.ts';
import { findByDigests } from '../../ledger/binding/candidates.ts';
import type { Resolution } from '../../ledger/binding/resolve.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/**
 * What is wrong with what the ledger says of a commit: a record that was changed after it was sealed or bound, or one
 * nobody can read. A record that is only not here is not wrong.
 */
export async function problemsOf(ledger: Ledger, resolution: Resolution): Promise<string[]> {
  const { commit, note, claims } = resolution;
  const lines = note?.lines ?? [];
  const at = `the note of ${shortOid(commit.oid)}`;
  return [
    ...unreadable(lines, claims.txns.length > 0).map(
      (problem) => `${at} has a record that can't be read: ${problem}`,
    ),
    ...unboundBy(lines, commit.oid).map(
      (digest) => `${at} binds ${digest}, and holds another record in its place`,
    ),
    ...wrongBindings(resolution).map(
      (digest) => `${at} binds ${digest} to other content than the commit has`,
    ),
    ...(await replaced(ledger, resolution)).map(
      (digest) => `the message of ${shortOid(commit.oid)} seals ${digest}, and its note holds another record`,
    ),
  ];
}

const OWN_FAULT: ReadonlySet<string> = new Set(['not-json', 'invalid', 'too-long']);

/** A line that names a schema of ours and is none of its records, or stands where a sealed one should be. */
function unreadable(lines: readonly ParsedLine[], isSealed: boolean): string[] {
  return lines.flatMap((line) => {
    if (isReadable(line) || !OWN_FAULT.has(line.problem)) return [];
    if (!isSealed && !line.line.includes('"agent-log/')) return [];
    return [`${line.problem} (${line.detail})`];
  });
}

/** Digests this note binds to its own commit without having their records. */
function unboundBy(lines: readonly ParsedLine[], oid: string): string[] {
  const readable = lines.filter(isReadable);
  const here = new Set(readable.filter(isExecution).map(({ digest }) => digest));
  const bound = readable.filter(isBinding).filter(({ record }) => record.commit === oid);
  return [...new Set(bound.map(({ record }) => record.record))].filter((digest) => !here.has(digest));
}

/** Bindings to this commit that say of it what it is not. */
function wrongBindings({ commit, isGone, note }: Resolution): string[] {
  if (isGone) return [];
  const readable = (note?.lines ?? []).filter(isReadable);
  const trees = new Map(readable.filter(isExecution).map(({ digest, record }) => [digest, record.tree]));
  const wrong = readable.filter(isBinding).filter(({ record }) => {
    if (record.commit !== commit.oid) return false;
    const sealed = trees.get(record.record);
    return (
      record.tree !== commit.tree ||
      (record.grade === 'exact' && sealed !== undefined && sealed !== commit.tree)
    );
  });
  return wrong.map(({ record }) => record.record);
}

/** Digests the message seals that nobody has, where the note binds one of that transaction the message does not name. */
async function replaced(ledger: Ledger, { commit, claims, note }: Resolution): Promise<string[]> {
  const readable = (note?.lines ?? []).filter(isReadable);
  const bound = new Set(
    readable
      .filter(isBinding)
      .filter(({ record }) => record.commit === commit.oid)
      .map(({ record }) => record.record),
  );
  const others = readable
    .filter(isExecution)
    .filter(({ digest, record }) => bound.has(digest) && claims.txns.includes(record.txn));
  if (others.length === 0 || others.some(({ digest }) => claims.records.includes(digest))) return [];
  const known = new Set((await findByDigests(ledger, claims.records)).map(({ record }) => record.digest));
  return claims.records.filter((digest) => !known.has(digest));
}
