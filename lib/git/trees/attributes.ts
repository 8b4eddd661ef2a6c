import { join } from 'node:path';
import type { ObjectReader } from '../objects/catfile.ts';
import type { Scratch } from '../objects/scratch.ts';
import { runGit } from '../process/runner.ts';

/**
 * One attribute of paths as a tree's own `.gitattributes` set it: nothing of the user's counts, nor of any checkout. Only
 * paths for which it is set in some way are in the answer; `unset` is what `-name` and `binary` make of it.
 */
export async function attributeOf(
  scratch: Scratch,
  reader: ObjectReader,
  tree: string,
  { name, paths }: { readonly name: string; readonly paths: readonly string[] },
): Promise<ReadonlyMap<string, string>> {
  const files = await attributeFiles(reader, tree, paths);
  if (files.length === 0) return new Map();
  const env = { ...scratch.env, GIT_INDEX_FILE: join(scratch.dir, 'index-of-attributes') };
  const lines = files.map(({ path, oid }) => `100644 ${oid}\t${path}\0`).join('');
  await runGit(scratch, { args: ['read-tree', '--empty'], env });
  await runGit(scratch, { args: ['update-index', '-z', '--index-info'], stdin: lines, env });
  const { stdout } = await runGit(scratch, {
    args: ['check-attr', '--cached', '-z', '--stdin', name],
    stdin: paths.map((path) => `${path}\0`).join(''),
    env,
  });
  return parseAttributes(stdout.toString('utf8'));
}

/** What `check-attr -z` prints: path, name and value of each. */
function parseAttributes(text: string): Map<string, string> {
  const fields = text.split('\0');
  const found = new Map<string, string>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const value = fields[at + 2] ?? '';
    if (value !== 'unspecified') found.set(fields[at] ?? '', value);
  }
  return found;
}

async function attributeFiles(
  reader: ObjectReader,
  tree: string,
  paths: readonly string[],
): Promise<{ path: string; oid: string }[]> {
  const folders = new Set(paths.flatMap(foldersAbove));
  const found = await Promise.all(
    [...folders].map(async (folder) => {
      const path = `${folder}.gitattributes`;
      // A name with a line feed would be two questions to git.
      const object = path.includes('\n') ? null : await reader.read(`${tree}:${path}`);
      return object?.type === 'blob' ? [{ path, oid: object.oid }] : [];
    }),
  );
  return found.flat();
}

/** Each with its slash; the top is the empty name. */
function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return ['', ...parts.map((_, i) => `${parts.slice(0, i + 1).join('/')}/`)];
}
