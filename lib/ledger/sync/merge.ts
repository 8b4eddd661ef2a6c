import { setTimeout as sleep } from 'node:timers/promises';
import { AgentLogError } from '../../core/errors.ts';
import { diffEntries } from '../../git/diffs/entry-diff.ts';
import type { MoveOutcome, PathChange } from '../../git/objects/fast-import.ts';
import { isAncestor, moveRef } from '../../git/refs/refs.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import { LEDGER_REF, type Ledger, ledgerTip, ledgerTrees } from '../ledger.ts';
import { importDurably } from '../notes/durable.ts';
import { ledgerMessage } from '../notes/message.ts';
import { breakStaleLock } from '../notes/stale-lock.ts';
import { planNotes } from './merge-notes.ts';
import { type MergeProblem, planForeign } from './merge-plan.ts';
import { brings, groupEntries, type LedgerDiff } from './merge-sides.ts';

export interface MergeOptions {
  /** `Name <email> seconds zone`, as git writes a committer. */
  readonly identity: string;
  readonly message: string;
  /** Milliseconds after which to give up, with nothing half done. */
  readonly patience?: number;
}

export interface MergeResult {
  /** The ledger after it. */
  readonly tip: string;
  /** `same`: they brought nothing; `forward`: they had all of ours; `merged`: a commit of both. */
  readonly kind: 'same' | 'forward' | 'merged';
  /** Objects whose note was another there, or that had none here. */
  readonly notes: readonly string[];
  readonly problems: readonly MergeProblem[];
}

const PATIENCE_MS = 60_000;
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 600;
const FAILURES_WITHOUT_RACE = 3;

/**
 * Takes another ledger's records into ours, by compare-and-swap: every line of both, and both histories as parents. Who
 * merges the same two ledgers gets the same tree. Throws NOT_APPENDED when it can't be written.
 */
export async function mergeLedger(
  ledger: Ledger,
  theirs: string,
  options: MergeOptions,
): Promise<MergeResult> {
  const end = Date.now() + (options.patience ?? PATIENCE_MS);
  let [lastTip, failures]: [string | null, number] = [null, 0];
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const ours = await ledgerTip(ledger);
    const plan = await planMerge(ledger, ours, theirs);
    const { moved, said } = await write(ledger, plan, options);
    if (moved) return resultOf(plan, (await ledgerTip(ledger)) ?? theirs);
    failures = ours === lastTip ? failures + 1 : 1;
    lastTip = ours;
    const lock = await breakStaleLock(ledger.repo, LEDGER_REF);
    if ((failures > FAILURES_WITHOUT_RACE && lock === 'none') || Date.now() > end) throw notMerged(said);
    await sleep(wait / 2 + Math.random() * wait);
  }
}

/** What a merge would do. `base` is the side it starts from. */
export interface MergePlan {
  readonly ours: string | null;
  readonly theirs: string;
  readonly base: string;
  /** The history that is not the base's already. */
  readonly other: string | null;
  readonly diff: LedgerDiff;
  readonly changes: readonly PathChange[];
  readonly problems: readonly MergeProblem[];
}

/**
 * Plans the merge of two ledgers. Where neither has the other's history the smaller id is the base, so that both sides
 * come to the same tree, whoever merges.
 */
export async function planMerge(ledger: Ledger, ours: string | null, theirs: string): Promise<MergePlan> {
  const { repo } = ledger;
  const nothing = { changes: [], problems: [], diff: { notes: new Map(), foreign: [] } };
  if (ours === theirs || (ours !== null && (await isAncestor(repo, theirs, ours))))
    return { ours, theirs, base: ours ?? theirs, other: null, ...nothing };
  const forward = ours === null || (await isAncestor(repo, ours, theirs));
  const base = forward || theirs < ours ? theirs : ours;
  const against = base === theirs ? (ours ?? emptyTree(repo.format)) : theirs;
  const diff = await groupEntries(diffEntries(repo, base, against), theirs.length);
  const treeAt = ledgerTrees(ledger, base);
  const notes = await planNotes(ledger, diff.notes, treeAt);
  const foreign = await planForeign(diff.foreign, notes.changes, treeAt);
  return {
    ours,
    theirs,
    base,
    other: forward ? null : against,
    diff,
    changes: foreign.changes,
    problems: [...notes.problems, ...foreign.problems],
  };
}

async function write(
  ledger: Ledger,
  { ours, base, other, changes }: MergePlan,
  { identity, message }: MergeOptions,
): Promise<MoveOutcome> {
  if (ours === base && other === null) return { moved: true, said: '' };
  if (other === null && changes.length === 0) return moveRef(ledger.repo, LEDGER_REF, base, ours);
  return importDurably(ledger, {
    ref: LEDGER_REF,
    parent: base,
    ...(other === null ? {} : { merge: other }),
    changes,
    identity,
    message: await ledgerMessage(ledger.repo, message),
  });
}

function resultOf(plan: MergePlan, tip: string): MergeResult {
  const { ours, base, other, changes, problems } = plan;
  const notes = newNotes(plan.diff, base === plan.theirs && base !== ours ? 'from' : 'to');
  if (ours === base && other === null) return { tip, kind: 'same', notes, problems };
  return { tip, kind: other === null && changes.length === 0 ? 'forward' : 'merged', notes, problems };
}

/** Objects whose note is not the same on the other side. */
export function newNotes(diff: LedgerDiff, side: 'from' | 'to'): string[] {
  const other = side === 'from' ? 'to' : 'from';
  return [...diff.notes].flatMap(([object, sides]) => (brings(sides[side], sides[other]) ? [object] : []));
}

function notMerged(said: string): AgentLogError {
  return new AgentLogError(
    'NOT_APPENDED',
    'system',
    `the ledgers could not be merged: ${said || 'other writers kept moving the ledger'}`,
    {
      hints: [
        `Try again; if it stays so, look at the free disk space, the rights on ${LEDGER_REF}, and \`git agent-log doctor\`.`,
      ],
    },
  );
}
