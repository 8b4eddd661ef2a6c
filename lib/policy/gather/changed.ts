import { contentClasses } from '../../core/risk/content.ts';
import { compileRiskMatcher, RISK_CLASSES } from '../../core/risk/risk.ts';
import type { ChangedFile } from '../../git/diffs/changed-files.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import type { ChangedFile as FileFact } from '../facts.ts';
import type { RangeCommit } from './range-commits.ts';

const AT_ONCE = 100;
const KINDS: Readonly<Record<string, string>> = {
  '100755': 'executable',
  '120000': 'link',
  '160000': 'submodule',
};

/** The files of a change as rules see them: what they are, how risky, and whose work. */
export async function fileFacts(
  reader: ObjectReader,
  files: readonly ChangedFile[],
  commits: readonly RangeCommit[],
): Promise<FileFact[]> {
  const byPath = compileRiskMatcher();
  const whose = workOn(commits);
  const facts: FileFact[] = [];
  for (let at = 0; at < files.length; at += AT_ONCE) {
    const part = files.slice(at, at + AT_ONCE);
    facts.push(
      ...(await Promise.all(
        part.map(async (file) => {
          const paths = [file.path, ...(file.oldPath === null ? [] : [file.oldPath])];
          const byContent = await classesInside(reader, file);
          return factOf(file, inOrder([...paths.flatMap(byPath), ...byContent]), whose(paths));
        }),
      )),
    );
  }
  return facts;
}

function factOf(file: ChangedFile, classes: readonly string[], by: string): FileFact {
  return {
    path: file.path,
    old_path: file.oldPath ?? '',
    status: file.status,
    kind: KINDS[file.mode] ?? 'file',
    classes,
    by,
    added: file.added,
    deleted: file.deleted,
  };
}

/** By what is in it before and after: taking a manifest away is as risky as putting one there. */
async function classesInside(reader: ObjectReader, file: ChangedFile): Promise<readonly string[]> {
  const sides = [
    { mode: file.oldMode, oid: file.before },
    { mode: file.mode, oid: file.after },
  ];
  const classes = sides.map(async ({ mode, oid }): Promise<readonly string[]> => {
    if (oid === null) return [];
    // Other people's code, of which no line shows in the change.
    if (mode === '160000') return ['vendored-code'];
    const object = await reader.read(oid);
    const paths = [file.path, ...(file.oldPath === null ? [] : [file.oldPath])];
    return object?.type === 'blob' ? paths.flatMap((path) => contentClasses(path, object.content)) : [];
  });
  return (await Promise.all(classes)).flat();
}

/** The riskiest first. */
export function inOrder(classes: readonly string[]): string[] {
  const found = new Set(classes);
  const known: readonly string[] = RISK_CLASSES;
  return [
    ...known.filter((one) => found.has(one)),
    ...[...found].filter((one) => !known.includes(one)).sort(),
  ];
}

/** Whose work a path is, over all commits of the range: `mixed` where several kinds of hands touched it. */
function workOn(commits: readonly RangeCommit[]): (paths: readonly string[]) => string {
  const hands = new Map<string, Set<string>>();
  const add = (path: string, by: string): void => {
    const known = hands.get(path);
    if (known === undefined) hands.set(path, new Set([by]));
    else known.add(by);
  };
  for (const { logged, records, isAgent } of commits) {
    const recorded = records.flatMap(({ record }) => record.files);
    const known = new Set(recorded.map(({ path }) => path));
    const changed = new Set(logged.paths);
    for (const path of logged.paths) if (!known.has(path)) add(path, isAgent ? 'unseen' : 'human');
    for (const { path, by } of recorded) if (logged.parents.length > 1 || changed.has(path)) add(path, by);
  }
  return (paths) => {
    const found = new Set(paths.flatMap((path) => [...(hands.get(path) ?? [])]));
    return found.size > 1 ? 'mixed' : ([...found][0] ?? 'human');
  };
}
