import { join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import { groupBy } from '../../core/lists.ts';
import { agentLogDir } from '../../git/repository/repository.ts';
import { type Ledger, ledgerTip } from '../../ledger/ledger.ts';
import { appendToNotes, type NoteAppend } from '../../ledger/notes/append.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { queueRecords } from '../payloads/queue.ts';
import { placeOf } from '../place.ts';
import { chainRecords, type RecordPair } from './chain.ts';
import { factsOf } from './facts.ts';
import { keyOf, readKnown, sourceKey, sourcesIn } from './known.ts';
import type { ExistingOptions, ExistingWork } from './work.ts';

/** A record written for a commit. */
export interface Recorded {
  readonly commit: string;
  readonly txn: string;
  readonly record: string;
}

const ATTEMPTS = 5;
const PATIENCE_MS = 60_000;

/**
 * Writes an execution and a binding record for each piece of work, all in one commit of the ledger. Idempotent: a
 * commit that has a record of the same source gets no second one. Gives what was written, oldest commit first. Throws
 * NOT_FOUND when a commit is not in this clone.
 */
export async function recordExisting(
  ledger: Ledger,
  works: readonly ExistingWork[],
  options: ExistingOptions,
): Promise<Recorded[]> {
  // Two at once would both go on where a transaction ends now, and its chain would fork.
  return withLock(
    join(agentLogDir(ledger.repo), 'existing.lock'),
    options.patience ?? PATIENCE_MS,
    () => recordAlone(ledger, works, options),
    () => Promise.reject(busy()),
  );
}

async function recordAlone(
  ledger: Ledger,
  works: readonly ExistingWork[],
  options: ExistingOptions,
): Promise<Recorded[]> {
  const commits = new Set(works.map(({ commit }) => commit));
  for (let attempt = 1; ; attempt++) {
    const known = await readKnown(ledger, commits);
    const wanted = works.filter(
      (work) =>
        !known.sources.has(keyOf(work)) &&
        !(options.skipRecorded === true && known.recorded.has(work.commit)),
    );
    if (wanted.length === 0) return [];
    const facts = await factsOf(
      ledger,
      wanted.map(({ commit }) => commit),
    );
    const pairs = chainRecords(wanted, facts, known.last, { ...options, tip: await ledgerTip(ledger) });
    if (await append(ledger, pairs, options)) return pairs.map(recordedOf);
    if (attempt === ATTEMPTS) throw busy();
  }
}

function recordedOf({ execution, binding }: RecordPair): Recorded {
  return { commit: binding.record.commit, txn: binding.record.txn, record: execution.digest };
}

/**
 * False when somebody else recorded one of these commits since the ledger was read: then nothing is written, for the
 * chains would have holes.
 */
async function append(
  ledger: Ledger,
  pairs: readonly RecordPair[],
  options: ExistingOptions,
): Promise<boolean> {
  let overtaken = false;
  const appends = [...groupBy(pairs, commitOf)].map(([object, group]): NoteAppend => {
    return {
      object,
      lines: (present) => {
        const there = sourcesIn(present);
        overtaken ||= group.some(({ execution }) => there.has(sourceKey(execution.record)));
        if (overtaken) throw busy();
        return group.flatMap(({ execution, binding }) => [execution.line, binding.line]);
      },
    };
  });
  const { via, identity, patience } = options;
  const message = `agent-log: ${via} ${pairs.length} ${pairs.length === 1 ? 'record' : 'records'}\n\nVia: ${via}\n`;
  try {
    await queueRecords(
      placeOf(ledger.repo),
      // What is stored at most is asked when it is: nobody waits in between.
      pairs.map(({ execution }) => ({ stored: execution, level: 'full' })),
    );
    await appendToNotes(ledger, appends, {
      identity,
      message,
      ...(patience === undefined ? {} : { patience }),
    });
    return true;
  } catch (error) {
    if (overtaken) return false;
    throw error;
  }
}

function busy(): AgentLogError {
  return new AgentLogError('LOCKED', 'system', 'somebody else is adopting or importing at this moment', {
    hints: ['Try again when that is done.'],
  });
}

/** A commit's note is looked at once, however many records it gets. */
function commitOf({ binding }: RecordPair): string {
  return binding.record.commit;
}
