import { diffEntries, type EntryDiff } from '../../git/diffs/entry-diff.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { runGit } from '../../git/process/runner.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { linesOfText } from '../lines/hunk.ts';

/** Letters and digits that lines must have together to be known again elsewhere; git asks for as many of a moved block. */
export const TELLING = 20;

/** A commit that brings more files than this is taken to hold anything. */
const MOST_FILES = 500;

/**
 * Tells whether a path that is gone was carried off rather than deleted: some commit of the branch's own line after `base`
 * took the file away and put lines of it into another, whether or not that is enough for git to call it a rename.
 */
export function carriedOff(
  place: Repository,
  { reader }: Scratch,
  base: string | null,
  tip: string,
): (path: string) => Promise<boolean> {
  return async (path) => {
    for (const commit of await deletersOf(place, base, tip, path)) {
      const changes: EntryDiff[] = [];
      for await (const change of diffEntries(place, `${commit}^1`, commit)) changes.push(change);
      const bytes = Buffer.from(path, 'utf8').toString('latin1');
      const own = changes.find((change) => change.path === bytes)?.from ?? null;
      const others = changes.filter(({ to }) => to !== null);
      if (own === null || others.length > MOST_FILES) return true;
      if (others.some(({ to }) => to?.oid === own.oid)) return true;
      const lines = await tellingLines(reader, own.oid);
      for (const { from, to } of others)
        if (await brings(reader, lines, from?.oid ?? null, to?.oid ?? '')) return true;
    }
    return false;
  };
}

async function deletersOf(
  place: Repository,
  base: string | null,
  tip: string,
  path: string,
): Promise<string[]> {
  const args = ['log', '--first-parent', '-m', '--no-renames', '--no-show-signature', '--diff-filter=D'];
  const { stdout } = await runGit(place, {
    args: [...args, '--format=%H', tip, ...(base === null ? [] : [`^${base}`]), '--', path],
    env: { GIT_LITERAL_PATHSPECS: '1' },
  });
  return stdout.toString('utf8').split('\n').filter(Boolean);
}

/** Lines as they are known again: however they are indented. */
export async function tellingLines(reader: Scratch['reader'], oid: string): Promise<Set<string>> {
  const object = await reader.read(oid);
  if (object?.type !== 'blob') return new Set();
  return new Set(
    linesOfText(object.content)
      .map((line) => line.trim())
      .filter((line) => lettersIn(line) > 3),
  );
}

async function brings(
  reader: Scratch['reader'],
  lines: ReadonlySet<string>,
  before: string | null,
  after: string,
): Promise<boolean> {
  const had = before === null ? new Set() : await tellingLines(reader, before);
  const came = [...(await tellingLines(reader, after))].filter((line) => lines.has(line) && !had.has(line));
  return lettersIn(came.join('')) >= TELLING;
}

export function lettersIn(text: string): number {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, '').length;
}
