import type { ObjectReader } from '../../git/objects/catfile.ts';
import { tracePath } from '../../git/trees/path-trace.ts';
import type { TargetFile } from './evidence.ts';

/** What decides over a change, where it lies. */
const PATHS = [
  '.agent-log/policy.yaml',
  '.agent-log/sponsors.yaml',
  '.github/CODEOWNERS',
  '.gitlab/CODEOWNERS',
  'CODEOWNERS',
  'docs/CODEOWNERS',
  '.mailmap',
];
const MOST_BYTES = 3 * 1024 * 1024;

/** Files of the target at some commits of it, and every object that shows them to be there. */
export interface TargetFiles {
  readonly files: readonly TargetFile[];
  readonly objects: readonly string[];
  /** Commits that are not here. */
  readonly missing: readonly string[];
}

/** The order files of the target are told in, which needs nothing but what they are called. */
export function byPlace(a: Pick<TargetFile, 'commit' | 'path'>, b: typeof a): number {
  const [one, other] = [`${a.commit}/${a.path}`, `${b.commit}/${b.path}`];
  return one < other ? -1 : Number(one > other);
}

/** Reads the files at each commit. Only regular files count, as everywhere; one that is not there is not, which its tree shows. */
export async function targetFilesAt(reader: ObjectReader, commits: readonly string[]): Promise<TargetFiles> {
  const files: TargetFile[] = [];
  const objects = new Set<string>();
  const missing: string[] = [];
  for (const commit of commits) {
    const object = await reader.read(commit);
    if (object?.type !== 'commit') missing.push(commit);
    else objects.add(commit);
    if (object?.type !== 'commit') continue;
    const found = await Promise.all(PATHS.map((path) => fileAt(reader, commit, path)));
    for (const { trees, file } of found) {
      for (const tree of trees) objects.add(tree);
      if (file === null) continue;
      objects.add(file.blob);
      files.push(file);
    }
  }
  return { files: files.sort(byPlace), objects: [...objects], missing };
}

async function fileAt(
  reader: ObjectReader,
  commit: string,
  path: string,
): Promise<{ readonly trees: readonly string[]; readonly file: TargetFile | null }> {
  const { trees, entry } = await tracePath(reader, commit, path);
  if (entry?.mode.startsWith('100') !== true) return { trees, file: null };
  const blob = await reader.read(entry.oid);
  if (blob?.type !== 'blob' || blob.content.length > MOST_BYTES) return { trees, file: null };
  return { trees, file: { commit, path, blob: entry.oid, bytes: blob.content } };
}
