import { withoutCredentials } from '../../core/address.ts';
import { AgentLogError } from '../../core/errors.ts';
import type { ChangeSubject } from '../../core/records/record.ts';
import { patchId } from '../../git/diffs/patch-id.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { runGit } from '../../git/process/runner.ts';
import { shallowCommits } from '../../git/repository/shallow.ts';
import type { Ledger } from '../ledger.ts';
import { changeTarget } from './change-target.ts';

/** A change as somebody names it. */
export interface ChangeNamed {
  /** A commit, with all it has that the target has not; or a range `a..b`, with what b has that a has not. */
  readonly revision: string;
  /** A branch; the remote's default one when not given. */
  readonly target?: string | undefined;
  /** The URL of its merge request. */
  readonly mr?: string | undefined;
}

type Place = Pick<Ledger, 'repo' | 'reader'>;

/**
 * A change by what it is now: where it leaves the target, its head and tree, and the patch of all of it. Throws NOT_FOUND for
 * what git does not know, UNRELATED where the two share no history, AMBIGUOUS where they share it in several places, and SHALLOW where this clone ends too early to tell.
 */
export async function changeSubject(place: Place, named: ChangeNamed): Promise<ChangeSubject> {
  const mr = named.mr === undefined ? null : mrUrl(named.mr);
  const target = await changeTarget(place, named.target);
  const { from, to } = endsOf(named.revision);
  const head = await commitAt(place, to);
  const start = from === null ? target.commit : (await commitAt(place, from)).oid;
  const base = await forkOf(place, start, head.oid);
  return {
    base,
    head: head.oid,
    tree: head.tree,
    patchId: base === head.oid ? null : await patchId(place.repo, base, head.oid),
    target: target.ref,
    targetCommit: target.commit,
    ...(mr === null ? {} : { mr }),
  };
}

/** The URL of a merge request, without what hosts put behind it for people. Throws BAD_ARGUMENT. */
export function mrUrl(text: string): string {
  const url = text.trim();
  if (/^https?:\/\/[^\s\p{C}@]{1,2000}$/u.test(url)) return url.replace(/[?#].*$/, '').replace(/\/+$/, '');
  throw new AgentLogError(
    'BAD_ARGUMENT',
    'usage',
    `not the URL of a merge request: ${withoutCredentials(text).slice(0, 200)}`,
    {
      hints: [
        'Copy it from the browser: --mr https://example.com/team/repo/pull/7. It names no user and no password.',
      ],
    },
  );
}

function endsOf(revision: string): { from: string | null; to: string } {
  const range = /^(.*?)\.\.\.?(.*)$/.exec(revision);
  if (range === null) return { from: null, to: revision };
  return { from: range[1] || 'HEAD', to: range[2] || 'HEAD' };
}

async function commitAt({ reader }: Place, name: string): Promise<{ oid: string; tree: string }> {
  const commit = await readCommit(reader, name);
  if (commit !== null) return commit;
  throw new AgentLogError('NOT_FOUND', 'answer', `no commit is called '${name}'`, {
    hints: ['Name a commit, a branch, or a range such as main..topic; git fetch gets what is new.'],
  });
}

async function forkOf(place: Place, start: string, head: string): Promise<string> {
  const args = ['merge-base', '--all', start, head];
  const { code, stdout } = await runGit(place.repo, { args, okCodes: [1] });
  const [base = '', ...others] = stdout.toString('utf8').split('\n').filter(Boolean);
  const shallow = await shallowCommits(place.repo);
  if (code !== 0 || base === '') throw shallow.size > 0 ? endsTooEarly() : unrelated(start, head);
  // What was changed between two of them is in no diff from the one: so it could be hidden there.
  if (others.length > 0) throw severalBases(start, head);
  if (shallow.size > 0 && (await hasAnyOf(place, shallow, [start, head, `^${base}`]))) throw endsTooEarly();
  return base;
}

/** Where the clone ends before the fork, a better one may lie beyond. */
async function hasAnyOf(
  { repo }: Place,
  wanted: ReadonlySet<string>,
  ends: readonly string[],
): Promise<boolean> {
  const { stdout } = await runGit(repo, { args: ['rev-list', '--stdin'], stdin: `${ends.join('\n')}\n` });
  return stdout
    .toString('utf8')
    .split('\n')
    .some((oid) => wanted.has(oid));
}

function endsTooEarly(): AgentLogError {
  return new AgentLogError('SHALLOW', 'integrity', 'this clone ends before the change leaves its target', {
    hints: ['Get all of history: git fetch --unshallow; in CI, a checkout with depth 0.'],
  });
}

function severalBases(start: string, head: string): AgentLogError {
  return new AgentLogError(
    'AMBIGUOUS',
    'answer',
    `${head.slice(0, 12)} leaves ${start.slice(0, 12)} in several places (a criss-cross merge)`,
    { hints: ['Rebase the change onto its target, or merge the target into it: then it leaves it in one.'] },
  );
}

function unrelated(start: string, head: string): AgentLogError {
  const ends = `${start.slice(0, 12)} and ${head.slice(0, 12)}`;
  return new AgentLogError('UNRELATED', 'answer', `${ends} share no history`, {
    hints: ['Name the branch the change goes to: --target main.'],
  });
}
