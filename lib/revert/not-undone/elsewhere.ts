import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { runGit } from '../../git/process/runner.ts';
import type { TreePair } from '../../git/trees/tree-diff.ts';

const POINTER = 'version https://git-lfs.github.com/spec/v1';
const MOST_POINTERS = 200;

/** Files whose content lies outside of this repository: only what leads to it goes back. */
export async function storedElsewhere(
  { scratch, reader }: { readonly scratch: Scratch; readonly reader: ObjectReader },
  change: TreePair,
  files: RevertPlan['files'],
): Promise<string[]> {
  const [modules, pointers] = await Promise.all([
    submodulesIn(scratch, reader, change),
    pointersIn(reader, change, files),
  ]);
  return [
    ...modules.map(
      (path) => `${path}: a submodule; it names another commit again, and what was pushed there stays`,
    ),
    ...(pointers.length === 0
      ? []
      : [`${pointers.slice(0, 5).join(', ')}: in Git LFS; the pointer goes back, what was uploaded stays`]),
  ];
}

async function submodulesIn(
  scratch: Scratch,
  reader: ObjectReader,
  { from, to }: TreePair,
): Promise<string[]> {
  const lists = await Promise.all([from, to].map((tree) => reader.read(`${tree}:.gitmodules`)));
  if (lists.every((list) => list === null)) return [];
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--ignore-submodules=none', from, to];
  const { stdout } = await runGit(scratch, { args, env: scratch.env });
  const fields = stdout.toString('utf8').split('\0');
  return fields.flatMap((head, i) => (/^:(160000 \d+|\d+ 160000) /.test(head) ? [fields[i + 1] ?? ''] : []));
}

async function pointersIn(
  reader: ObjectReader,
  { from, to }: TreePair,
  files: RevertPlan['files'],
): Promise<string[]> {
  const attributes = await reader.read(`${from}:.gitattributes`);
  if (attributes?.content.includes('filter=lfs') !== true) return [];
  const asked = files.slice(0, MOST_POINTERS).map(async ({ path, change }) => {
    const blob = await reader.read(`${change === 'added' ? to : from}:${path}`);
    return blob?.type === 'blob' && blob.content.subarray(0, POINTER.length).toString('latin1') === POINTER
      ? [path]
      : [];
  });
  return (await Promise.all(asked)).flat();
}
