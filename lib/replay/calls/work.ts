import { rm } from 'node:fs/promises';
import type { ExecutionRecord } from '../../core/records/record.ts';
import { openScratch } from '../../git/objects/scratch.ts';
import { resolveCommit } from '../../ledger/binding/resolve.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { differencesOf } from '../compare.ts';
import { type Containment, giveAway } from '../containment/containment.ts';
import type { Limits } from '../containment/limits.ts';
import { MOST_LISTED, type Outcome, type ReplayedCall } from '../outcome.ts';
import { type Replayable, replayableOf } from '../replayable.ts';
import { treeAfter } from '../tree-after.ts';
import { makeWorkplace } from '../workplace.ts';
import { type CallOutcome, type RecordedCall, recordedRoot, replayCalls } from './replay-calls.ts';
import { callsCoverage, callsVerdict } from './verdict.ts';

export interface CallsOptions {
  /** Null where nothing contains commands: then none is run. */
  readonly containment: Containment | null;
  readonly limits: Limits;
  /** Folders that commands may read besides the system's. */
  readonly reads: readonly string[];
  /** The texts of a record that can be read here, by digest. */
  readonly readTexts: (record: ExecutionRecord) => Promise<ReadonlyMap<string, string>>;
  /** Told how many calls of how many of a commit were done. */
  readonly progress?: (done: number, of: number) => void;
}

/**
 * Does the calls of a commit's record again, in the order recorded, on the commit they were made on. `verified` is what came of verifying it: what
 * does not hold, or has no record, is not replayed. Throws GIT_FAILED.
 */
export async function replayCallsOf(
  ledger: Ledger,
  verified: Outcome,
  options: CallsOptions,
): Promise<Outcome> {
  const found = await replayableOf(ledger, verified, options.containment);
  return 'verdict' in found ? found : replayRecord(ledger, verified, found, options);
}

async function replayRecord(
  ledger: Ledger,
  verified: Outcome,
  { record, containment }: Replayable,
  options: CallsOptions,
): Promise<Outcome> {
  const { head, base, tree, toolCalls } = record;
  const texts = await options.readTexts(record);
  const told = await toldBefore(ledger, record);
  const own = toolCalls.filter(({ id }) => !told.has(id));
  const calls = own.map((call): RecordedCall => {
    const textOf = (text: { readonly digest: string } | null): string | null =>
      text === null ? null : (texts.get(text.digest) ?? null);
    return { call, args: textOf(call.args), result: textOf(call.result) };
  });
  const { limits, reads, progress } = options;
  const beginning = { repo: ledger.repo, base: head.commit, branch: base.branch, root: recordedRoot(calls) };
  const place = await makeWorkplace(beginning, { containment, limits, reads });
  const scratch = await openScratch(ledger.repo);
  try {
    await giveAway(place.folder);
    const onCall = (done: number): void => progress?.(done, calls.length);
    const outcomes = await replayCalls(place, ledger.repo, ledger.reader, calls, {
      dirtyPaths: base.dirtyPaths ?? [],
      onCall,
    });
    const after = await treeAfter(place, scratch, head.commit);
    const [diffs = []] =
      tree === null || after === tree ? [] : await scratch.diffs.between([{ from: tree, to: after }]);
    return outcomeOf(verified, outcomes, calls.length, after === tree, differencesOf(diffs));
  } finally {
    await scratch.close();
    await rm(place.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Calls that made the commit before: they were going on when its record was sealed, and it is the next that tells how they ended. */
async function toldBefore(ledger: Ledger, { head, prev }: ExecutionRecord): Promise<ReadonlySet<string>> {
  const before = prev === null || head.commit === null ? null : await resolveCommit(ledger, head.commit);
  if (before?.record?.digest !== prev) return new Set();
  const calls = before?.record?.record.toolCalls ?? [];
  return new Set(calls.filter(({ status }) => status === 'running').map(({ id }) => id));
}

function outcomeOf(
  verified: Outcome,
  outcomes: readonly CallOutcome[],
  callsTotal: number,
  isSameTree: boolean,
  differences: Outcome['differences'],
): Outcome {
  const { differencesLeftOut: _, ...rest } = verified;
  const left = differences.length - MOST_LISTED;
  const unable = outcomes.filter(({ outcome, isNeeded }) => outcome === 'unable' || isNeeded);
  return {
    ...rest,
    verdict: callsVerdict(outcomes, isSameTree),
    coverage: callsCoverage(callsTotal, outcomes),
    differences: differences.slice(0, MOST_LISTED),
    ...(left > 0 ? { differencesLeftOut: left } : {}),
    missing: unable.slice(0, MOST_LISTED).map(({ id }) => ({ kind: 'call', id: id.slice(0, 200) })),
    calls: outcomes.flatMap(replayedCall).slice(0, MOST_LISTED),
  };
}

function replayedCall({ id, name, outcome, why }: CallOutcome): ReplayedCall[] {
  if (outcome === 'same' || (outcome === 'looked' && why === null)) return [];
  return [{ id: id.slice(0, 500), name: name.slice(0, 500), outcome, why: why?.slice(0, 500) ?? null }];
}
