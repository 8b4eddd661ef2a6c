import { recordDigest } from '../../core/digest.ts';
import { AgentLogError } from '../../core/errors.ts';
import type { CheckFact } from '../facts.ts';
import { cleanResults, importResults, type ResultFormat } from './import.ts';
import type { Imported, ImportedApproval } from './imported.ts';

/** A file another tool wrote, and how it is read. */
export interface ImportFile {
  readonly format: ResultFormat;
  readonly bytes: Uint8Array;
}

/** What was taken in of it. */
export interface ImportedFile {
  readonly results: readonly Imported[];
  readonly approvals: readonly ImportedApproval[];
  /** Its results as rules see them. */
  readonly checks: readonly CheckFact[];
  readonly notes: readonly string[];
  /** sha256 of the file. */
  readonly digest: string;
}

/** Formats in which hosts tell who approved a merge request: every review there was, those of earlier heads too. */
export const TELL_APPROVALS: ReadonlySet<ResultFormat> = new Set(['github-reviews', 'gitlab-approvals']);

/**
 * Reads files of other tools about one commit. Throws BAD_ARGUMENT where a result is of another one; reviews of another one are
 * left out and told.
 */
export async function readImports(files: readonly ImportFile[], head: string): Promise<ImportedFile[]> {
  const read: ImportedFile[] = [];
  for (const { format, bytes } of files) {
    const { results, approvals, notes } = await cleanResults(importResults(format, bytes));
    const isOwn = ({ commit }: { readonly commit?: string }): boolean =>
      commit === undefined || names(commit, head);
    const other = results.find((one) => !isOwn(one));
    if (other?.commit !== undefined && !TELL_APPROVALS.has(format))
      throw ofAnother(format, other.commit, head);
    const own = results.filter(isOwn);
    const left = results.length - own.length;
    read.push({
      results: own,
      approvals: approvals.filter(isOwn),
      checks: own.map(({ rule, result, source }) => ({
        name: rule,
        tool: source.tool,
        result,
        trust: 'imported',
      })),
      notes: left === 0 ? notes : [...notes, `${left} reviews are of another commit, and left out`],
      digest: recordDigest(bytes),
    });
  }
  return read;
}

/** Tools shorten ids; a few digits name anything. */
function names(commit: string, head: string): boolean {
  return /^[0-9a-f]{7,64}$/i.test(commit) && head.startsWith(commit.toLowerCase());
}

function ofAnother(format: string, commit: string, head: string): AgentLogError {
  return new AgentLogError(
    'BAD_ARGUMENT',
    'usage',
    `the ${format} file is about ${commit.slice(0, 12)}, and the change ends at ${head.slice(0, 12)}`,
    { hints: ['Import what the tool found in this very commit.'] },
  );
}
