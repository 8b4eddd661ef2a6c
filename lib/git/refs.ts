import { type GitPlace, runGit } from './runner.ts';

/** A ref and what it points at; for an annotated tag that is what the tag is of. */
export interface Ref {
  readonly name: string;
  readonly oid: string;
  readonly type: string;
}

/** The refs under some prefixes, by name. */
export async function listRefs(place: GitPlace, ...prefixes: readonly string[]): Promise<Ref[]> {
  const format = '%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)';
  const { stdout } = await runGit(place, { args: ['for-each-ref', `--format=${format}`, '--', ...prefixes] });
  return stdout
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [oid = '', type = '', tagged = '', taggedType = '', ...name] = line.split(' ');
      if (line === '') return [];
      return [{ name: name.join(' '), oid: tagged || oid, type: taggedType || type }];
    });
}
