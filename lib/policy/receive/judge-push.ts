import type { ObjectReader } from '../../git/objects/catfile.ts';
import { runGit } from '../../git/process/runner.ts';
import { isAncestor } from '../../git/refs/refs.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { LEDGER_REF } from '../../ledger/ledger.ts';
import { type LedgerLoss, ledgerLosses } from '../../ledger/sync/append-only.ts';
import { foldedRef, matchesRef, type PushedRef, type ServerSettings, type Stage } from './pushed.ts';

/** Why a ref may not be moved as somebody wants, and what to do. */
export interface Refusal {
  readonly ref: string;
  readonly why: readonly string[];
  readonly hint: string;
}

/** What a push to a protected branch brings, and the branch whose policy judges it. */
export interface PushedRange {
  readonly repo: Repository;
  readonly stage: Stage;
  readonly ref: string;
  /** Where the branch is; null when it is new. */
  readonly from: string | null;
  readonly to: string;
  /** The branch whose tip, as it is now, holds the policy: the same one, or for a new one HEAD's. */
  readonly target: string;
}

/** Judges a range by the policy at its target. It records nothing: what was pushed is not accepted yet. */
export type RangeJudge = (range: PushedRange) => Promise<{ readonly denies: boolean; readonly text: string }>;

/** Refs that are looked at at all: for a push of others nothing is read. */
export function concerns({ ref }: PushedRef, settings: ServerSettings, head: string): boolean {
  if (ref.toLowerCase() === LEDGER_REF) return true;
  return settings.enforce !== null && isProtected(ref, settings, head, foldedRef);
}

/** With names folded, other spellings of a protected one count too: on some disks they are the same branch. */
function isProtected(
  ref: string,
  settings: ServerSettings,
  head: string,
  spell: (name: string) => string,
): boolean {
  const name = spell(ref);
  return name === spell(head) || settings.protected.some((pattern) => matchesRef(spell(pattern), name));
}

/** The branch the server's HEAD names, in whatever state that is; empty when it names none. */
export async function headRef(repo: Repository): Promise<string> {
  const { stdout } = await runGit(repo, { args: ['symbolic-ref', '-q', 'HEAD'], okCodes: [1, 128] });
  return stdout.toString('utf8').trim();
}

/** What of a push is refused; nothing when all may come in. */
export async function judgePush(
  repo: Repository,
  reader: ObjectReader,
  pushed: readonly PushedRef[],
  settings: ServerSettings,
  judge: RangeJudge,
): Promise<Refusal[]> {
  const head = await headRef(repo);
  const refusals: Refusal[] = [];
  for (const one of pushed.filter((ref) => concerns(ref, settings, head))) {
    const refusal =
      one.ref.toLowerCase() === LEDGER_REF
        ? await judgeLedger(repo, reader, one)
        : isProtected(one.ref, settings, head, asIs)
          ? await judgeBranch(repo, one, settings, head, judge)
          : misspelt(one.ref);
    if (refusal !== null) refusals.push(refusal);
  }
  return refusals;
}

const asIs = (name: string): string => name;

function misspelt(ref: string): Refusal {
  return {
    ref,
    why: ['on some disks this name is that of a protected branch'],
    hint: 'push to the branch as it is spelt on the server, or take a name that differs in more than that',
  };
}

const SYNC = 'run `git agent-log sync`: it takes in what is here and adds to it, without force';

/** The ledger only grows: its history holds what was there, and so do its notes. */
async function judgeLedger(
  repo: Repository,
  reader: ObjectReader,
  pushed: PushedRef,
): Promise<Refusal | null> {
  const { ref, from, to } = pushed;
  const refuse = (...why: string[]): Refusal => ({ ref, why, hint: SYNC });
  if (ref !== LEDGER_REF) return refuse(`on some disks this name is that of the ledger, ${LEDGER_REF}`);
  if (to === null) return refuse('the ledger of what agents did is not deleted');
  if ((await reader.read(to))?.type !== 'commit') return refuse('it is no commit');
  if (from !== null && !(await isAncestor(repo, from, to)))
    return refuse("the ledger's history is not rewritten: it does not hold the commit that is here");
  const losses = await ledgerLosses(repo, reader, from, to);
  return losses.length === 0 ? null : refuse(...told(losses));
}

const MOST_TOLD = 20;

function told(losses: readonly LedgerLoss[]): string[] {
  const lines = losses.slice(0, MOST_TOLD).map(({ kind, object, lines }) => WORDS[kind](object, lines));
  const more = losses.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

const WORDS: Readonly<Record<LedgerLoss['kind'], (object: string, lines: number) => string>> = {
  dropped: (object, lines) => `the note of ${object} is gone, with ${lines} lines`,
  moved: (object, lines) => `${lines} lines of the note of ${object} stand on another one`,
  changed: (object, lines) => `${lines} lines of the note of ${object} are gone or changed`,
  duplicate: (object) => `the note of ${object} is at several paths`,
  foreign: (path) => `${path} is gone`,
  'too-large': (object) => `the note of ${object} is over 64 MB`,
  mode: (object) => `the note of ${object} is no plain file`,
};

async function judgeBranch(
  repo: Repository,
  { ref, from, to }: PushedRef,
  { enforce }: ServerSettings,
  head: string,
  judge: RangeJudge,
): Promise<Refusal | null> {
  const refuse = (why: string, hint: string): Refusal => ({ ref, why: [why], hint });
  if (enforce === null) return null;
  if (to === null)
    return refuse(
      'a protected branch is not deleted',
      `whoever runs the server takes it out of agentLog.protected`,
    );
  if (from !== null && !(await isAncestor(repo, from, to)))
    return refuse('a protected branch is not rewritten', 'fetch, and put your work on top of what is here');
  // The very first push brings the policy that all later ones are judged by.
  if (from === null && !(await isThere(repo, head))) {
    if (!(await hasBranches(repo))) return null;
    return refuse(
      `the policy for new branches is that of the branch HEAD names, and ${head || 'a branch'} is not there`,
      'whoever runs the server points HEAD at the main branch: git symbolic-ref HEAD refs/heads/main',
    );
  }
  const { denies, text } = await judge({
    repo,
    stage: enforce,
    ref,
    from,
    to,
    target: from === null ? head : ref,
  });
  return denies
    ? { ref, why: text.split('\n'), hint: 'mend what denies it, as said above, and push again' }
    : null;
}

async function isThere(repo: Repository, ref: string): Promise<boolean> {
  if (ref === '') return false;
  const args = ['rev-parse', '-q', '--verify', '--end-of-options', `${ref}^{commit}`];
  return (await runGit(repo, { args, okCodes: [1, 128] })).code === 0;
}

async function hasBranches(repo: Repository): Promise<boolean> {
  const { stdout } = await runGit(repo, { args: ['for-each-ref', '--count=1', 'refs/heads/'] });
  return stdout.length > 0;
}
