import { AgentLogError } from '../../core/errors.ts';
import { diffEntries } from '../../git/diffs/entry-diff.ts';
import { gitText, runGit } from '../../git/process/runner.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** The tree a person's resolution comes to. Throws UNRESOLVED while anything there is not settled, or would be lost. */
export async function resolvedTree(ledger: Ledger, there: Repository, before: string): Promise<string> {
  refuseAny(await paths(there, ['ls-files', '-u', '-z', '--full-name']), {
    what: 'still in conflict',
    todo: 'Resolve them, and `git add` them there.',
  });
  await runGit(there, { args: ['update-index', '-q', '--refresh'], okCodes: [1], env: LOCKING });
  refuseAny(await paths(there, ['diff-files', '--name-only', '-z']), {
    what: 'changed and not added',
    todo: 'Say `git add` or `git restore` of them there.',
  });
  refuseAny(await unknownTo(there), UNKNOWN_FILES);
  const tree = await gitText(there, 'write-tree');
  refuseAny(await withMarkers(ledger, before, tree), {
    what: 'with conflict markers in it',
    todo: 'Resolve them, and `git add` them there.',
  });
  return tree;
}

const LOCKING = { GIT_OPTIONAL_LOCKS: '1' };

/** Files that are in no index and not ignored either: they would go with the worktree. */
export function unknownTo(there: Repository): Promise<string[]> {
  return paths(there, ['ls-files', '--others', '--exclude-standard', '-z', '--full-name']);
}

export const UNKNOWN_FILES = {
  what: 'not known to git',
  todo: 'Add them, or take them out of that worktree: it goes when all is done.',
};

const MOST_NAMED = 5;

/** Throws UNRESOLVED when there are any. */
export function refuseAny(
  found: readonly string[],
  { what, todo }: { readonly what: string; readonly todo: string },
): void {
  if (found.length === 0) return;
  const named = found.slice(0, MOST_NAMED).join(', ');
  const more = found.length > MOST_NAMED ? ` and ${found.length - MOST_NAMED} more` : '';
  throw new AgentLogError('UNRESOLVED', 'answer', `${what}: ${named}${more}`, { hints: [todo] });
}

async function paths(place: Repository, args: readonly string[]): Promise<string[]> {
  const { stdout } = await runGit(place, { args });
  const entries = stdout.toString('utf8').split('\0').filter(Boolean);
  return [...new Set(entries.map((entry) => entry.slice(entry.indexOf('\t') + 1)))];
}

/** Files with more lines that look like a marker than they had: some files are about such lines. */
async function withMarkers(ledger: Ledger, before: string, after: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { path, from, to } of diffEntries(ledger.repo, before, after)) {
    if (to === null || to.mode === '160000') continue;
    const had = from === null || from.mode === '160000' ? 0 : await markersIn(ledger, from.oid);
    if ((await markersIn(ledger, to.oid)) > had) found.push(Buffer.from(path, 'latin1').toString('utf8'));
  }
  return found;
}

async function markersIn({ reader }: Ledger, oid: string): Promise<number> {
  const text = (await reader.read(oid))?.content.toString('latin1') ?? '';
  return text.match(/^(?:<{7}|>{7}) /gm)?.length ?? 0;
}
