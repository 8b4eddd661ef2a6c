/** git's names for what it could not merge (merge-ort.c), as a reason somebody can act on. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['contents', 'changed the same lines, or lines right beside them'],
  ['binary', 'changed the same binary file'],
  ['modify/delete', 'changed a file that would be deleted'],
  ['rename/delete', 'one side deleted the file, the other renamed it'],
  ['rename/rename', 'both sides renamed the file'],
  ['rename involved in collision', 'a renamed file meets another of that name'],
  ['file/directory', 'a file stands where a folder is'],
  ['directory rename suggested', 'files were put into a folder that was renamed'],
  ['directory rename unclear split', 'the folder was divided into several'],
  ['distinct modes', 'changed what kind of file it is'],
  ['distinct types', 'changed what kind of file it is'],
  ['git gave up', 'renamed folders so that git can not merge it'],
]);

/** Why a later commit stands in the way, from git's names of the conflicts. */
export function reasonOf(types: readonly string[]): string {
  // Of what has no lines git says this, too.
  const told = types.filter((type) => type !== 'CONFLICT (contents)');
  const isLineless = told.some((type) => /^CONFLICT \((?:binary|submodule)/.test(type));
  const words = (isLineless ? told : types).map((type) => {
    const name = /^CONFLICT \(([^)]*)\)/.exec(type)?.[1] ?? type;
    const known = [...REASONS].find(([key]) => name.startsWith(key));
    if (name.startsWith('submodule')) return 'moved the same submodule';
    return known?.[1] ?? name;
  });
  return [...new Set(words)].join('; ');
}
