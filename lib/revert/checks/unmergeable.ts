import { attributeOf } from '../../git/trees/attributes.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import { type ChangedFile, isRegular } from './changed-files.ts';

/**
 * Files made of two versions line by line although the repository says (`-merge`, `binary`, `merge=union` or a driver of
 * its own) that lines do not make one of those. What is whole again as it was before the work is none of them.
 */
export async function mergedAgainstAttributes(
  { scratch, reader }: Workshop,
  trees: { readonly base: string; readonly tip: string },
  files: readonly ChangedFile[],
): Promise<string[]> {
  const both = files.filter(({ before, after }) => isRegular(before) && isRegular(after));
  const paths = both.map(({ path }) => path);
  const rules = await attributeOf(scratch, reader, trees.tip, { name: 'merge', paths });
  const problems: string[] = [];
  for (const { path, after } of both) {
    const rule = rules.get(path);
    if (rule === undefined || rule === 'set' || rule === 'text') continue;
    const old = path.includes('\n') ? null : await reader.read(`${trees.base}:${path}`);
    if (old?.oid !== after?.oid)
      problems.push(
        `${path} is not to be merged by lines (${rule === 'unset' ? '-merge' : `merge=${rule}`})`,
      );
  }
  return problems;
}
