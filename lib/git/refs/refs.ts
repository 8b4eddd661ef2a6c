import { DURABLE, type MoveOutcome } from '../objects/fast-import.ts';
import { type GitPlace, runGit } from '../process/runner.ts';

/** A ref and what it points at; for an annotated tag that is what the tag is of. */
export interface Ref {
  readonly name: string;
  readonly oid: string;
  readonly type: string;
}

/** For refs that are our own notes to ourselves: that they move is no event in the user's repository. */
export const NO_HOOKS: readonly string[] = ['-c', 'core.hooksPath=/dev/null'];

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

/** True when a commit is in the history of another, or is it. Throws GIT_FAILED when one is not here. */
export async function isAncestor(place: GitPlace, older: string, newer: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', older, newer];
  return (await runGit(place, { args, okCodes: [1] })).code === 0;
}

/** Moves a ref that is believed to be at `from` (null: it must not exist), on disk before this returns. */
export async function moveRef(
  place: GitPlace,
  ref: string,
  to: string,
  from: string | null,
): Promise<MoveOutcome> {
  const args = [...DURABLE, 'update-ref', ref, to, from ?? '0'.repeat(to.length)];
  const { code, stderr } = await runGit(place, { args, okCodes: [1, 128] });
  return { moved: code === 0, said: stderr.trim().split('\n')[0] ?? '' };
}

/** A ref that is believed to be at `from` (null: it must not exist) goes to `to` (null: it is removed). */
export interface RefUpdate {
  readonly ref: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** Moves several refs, all or none, on disk before this returns. */
export async function moveRefs(place: GitPlace, updates: readonly RefUpdate[]): Promise<MoveOutcome> {
  const args = [...DURABLE, 'update-ref', '--stdin'];
  const { code, stderr } = await runGit(place, {
    args,
    stdin: updates.map(updateCommand).join(''),
    okCodes: [1, 128],
  });
  return { moved: code === 0, said: stderr.trim().split('\n')[0] ?? '' };
}

function updateCommand({ ref, from, to }: RefUpdate): string {
  if (to === null) return from === null ? '' : `delete ${ref} ${from}\n`;
  return `update ${ref} ${to} ${from ?? '0'.repeat(to.length)}\n`;
}
