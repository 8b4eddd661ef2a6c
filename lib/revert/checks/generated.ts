import type { ObjectReader } from '../../git/objects/catfile.ts';
import { attributeOf } from '../../git/trees/attributes.ts';
import { type RegenerateRule, ruleFor } from '../kinds/regenerate-rules.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import { type ChangedFile, isRegular } from './changed-files.ts';

/**
 * Files that two versions were merged into one of although the user's own settings say that a command makes them. What is
 * whole again as it was before the work is none of them.
 */
export async function mergedThoughMade(
  reader: ObjectReader,
  base: string,
  files: readonly ChangedFile[],
  rules: readonly RegenerateRule[],
): Promise<string[]> {
  const problems: string[] = [];
  for (const file of files) {
    const rule = ruleFor(rules, file.path);
    if (rule === null || !(await isOfTwoVersions(reader, base, file))) continue;
    problems.push(`${file.path} is made by '${rule.command}', and no merge of two versions of it`);
  }
  return problems;
}

/** Files the repository marks as generated (`linguist-generated`) that two versions were merged into one of. */
export async function generatedByLines(
  { scratch, reader }: Pick<Workshop, 'scratch' | 'reader'>,
  { base, tip }: { readonly base: string; readonly tip: string },
  files: readonly ChangedFile[],
): Promise<string[]> {
  const paths = files
    .filter(({ before, after }) => isRegular(before) && isRegular(after))
    .map(({ path }) => path);
  const marks = await attributeOf(scratch, reader, tip, { name: 'linguist-generated', paths });
  const found: string[] = [];
  for (const file of files)
    if (isSet(marks.get(file.path)) && (await isOfTwoVersions(reader, base, file))) found.push(file.path);
  return found;
}

function isSet(value: string | undefined): boolean {
  return value === 'set' || value === 'true';
}

/** Neither as it was before the work nor as it is now. */
export async function isOfTwoVersions(
  reader: ObjectReader,
  base: string,
  { path, before, after }: ChangedFile,
): Promise<boolean> {
  if (!isRegular(before) || !isRegular(after)) return false;
  // A name with a line feed would be two questions to git.
  const old = path.includes('\n') ? null : await reader.read(`${base}:${path}`);
  return old?.oid !== after.oid;
}
