import { encodeRecord, type SupplementRecord } from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import { committerLine } from '../../identity/committer.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { appendToNotes, type NoteAppend } from '../../ledger/notes/append.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { levelOf } from '../../ledger/payloads/level.ts';
import { adapterNamed } from '../agents/index.ts';
import { queueSupplements } from '../payloads/queue.ts';
import { placeOf } from '../place.ts';
import { type LastRecord, MAX_REMEMBERED, type SessionState } from '../session/session.ts';
import { recentSessions, saveSession } from '../session/session-store.ts';
import { unrecordedUsage } from '../session/settle.ts';
import { type OnlyTranscript, transcriptGap } from '../session/transcript-gap.ts';
import type { BindOptions } from './bind.ts';

const LOCK_PATIENCE_MS = 5000;
const LOOKED_AT_MS = 14 * 24 * 60 * 60 * 1000;

/**
 * Adds to the newest record of each session what became known after it was sealed: how the call ended in which the
 * commit was made, a model the transcript told late and, once the session is over, the usage no record holds. Gives the
 * commits whose note got something.
 */
export function recordLater(ledger: Ledger, options: BindOptions): Promise<string[]> {
  const place = placeOf(ledger.repo);
  const work = async (): Promise<string[]> => {
    const sessions = await recentSessions(place, options.now - LOOKED_AT_MS);
    const known = sessions.flatMap((session) => {
      const supplement = supplementOf(session, options.now);
      return supplement === null || session.lastRecord === null
        ? []
        : [{ session, supplement, commit: session.lastRecord.commit }];
    });
    if (known.length === 0) return [];
    const appends = known.map(({ supplement, commit }): NoteAppend => {
      const { line } = encodeRecord(supplement);
      return {
        object: commit,
        lines: (present) => (present.some((one) => has(one, supplement)) ? [line] : []),
      };
    });
    await queueSupplements(
      place,
      known.map(({ supplement }) => supplement),
      levelOf(options.config.get('agentlog.level')),
    );
    const changed = await appendToNotes(ledger, appends, {
      identity: committerLine(options.env, options.config, options.now),
      message: `agent-log: add to ${known.length} record(s) what became known later\n\nVia: ${options.via}\n`,
      patience: options.patience,
    });
    for (const { session, supplement } of known) {
      takeOut(session, supplement);
      await saveSession(place, session);
    }
    return changed;
  };
  return withLock(place.lock, LOCK_PATIENCE_MS, work, () => Promise.resolve([]));
}

/** The note still holds the record that is added to. */
function has(line: string, { record }: SupplementRecord): boolean {
  return line.includes(`"record":"${record}"`);
}

/** What there is to add to a session's newest record; null when there is nothing. */
export function supplementOf(session: SessionState, now: number): SupplementRecord | null {
  const last = session.lastRecord;
  if (last === null) return null;
  const toolCalls = endedCalls(session, last);
  const model = last.hasModel ? null : session.model;
  const usage = session.endedAt === null ? null : unrecordedUsage(session);
  if (toolCalls.length === 0 && model === null && usage === null) return null;
  const { agent: name, sessionId, version } = session;
  return {
    schema: 'agent-log/supplement/v1',
    id: newUlid(now),
    txn: last.txn,
    record: last.digest,
    recordedAt: new Date(now).toISOString(),
    agent: { name, version, sessionId },
    model:
      model === null
        ? null
        : { provider: session.provider ?? adapterNamed(name)?.provider ?? null, name: model },
    toolCalls,
    usage,
    ...narrowedGap(name, last.untold ?? [], stillUntold(last, model, usage)),
  };
}

/** What the transcript told late is unknown no longer. */
function stillUntold(
  { untold = [] }: LastRecord,
  model: string | null,
  usage: SupplementRecord['usage'],
): readonly OnlyTranscript[] {
  return untold.filter(
    (one) => !((one === 'model' && model !== null) || (one === 'usage' && usage !== null)),
  );
}

function narrowedGap(
  agent: string,
  was: readonly OnlyTranscript[],
  now: readonly OnlyTranscript[],
): Pick<SupplementRecord, 'gaps'> {
  if (was.length === now.length) return {};
  return { gaps: [{ was: transcriptGap(agent, was), now: transcriptGap(agent, now) }] };
}

function endedCalls({ calls }: SessionState, { running }: LastRecord): SupplementRecord['toolCalls'] {
  return calls.filter(({ id }) => running.includes(id)).map((call) => ({ ...call }));
}

/** What a supplement holds is no matter for the next record. */
function takeOut(session: SessionState, { toolCalls, model, usage }: SupplementRecord): void {
  const told = new Set(toolCalls.map(({ id }) => id));
  session.calls = session.calls.filter(({ id }) => !told.has(id));
  if (session.lastRecord !== null)
    session.lastRecord = {
      ...session.lastRecord,
      running: session.lastRecord.running.filter((id) => !told.has(id)),
      hasModel: session.lastRecord.hasModel || model !== null,
      untold: stillUntold(session.lastRecord, model?.name ?? null, usage),
    };
  if (usage === null) return;
  session.recordedUsage = [...session.recordedUsage, ...session.usage.keys()].slice(-MAX_REMEMBERED);
  session.usage = new Map();
}
