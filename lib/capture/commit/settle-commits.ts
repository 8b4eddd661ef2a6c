import type { ExecutionRecord } from '../../core/records/record.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { listPending, pendingNames } from '../../ledger/binding/pending.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Place, sessionKey } from '../place.ts';
import { loadSealedUsage, loadSession, removeSealedUsage, saveSession } from '../session/session-store.ts';
import { noteRecorded, settleSession, settleWrites } from '../session/settle.ts';
import { loadTxn, saveTxn, settleTxn } from '../transaction/transaction.ts';
import { type Match, matchCommit } from './find-commits.ts';

/** Counts records whose commit HEAD already is, without writing the ledger: cheap enough for the next commit's hook. */
export async function settleHead(ledger: Ledger, place: Place): Promise<void> {
  if ((await pendingNames(ledger.repo)).length === 0) return;
  const head = await readCommit(ledger.reader, 'HEAD');
  if (head === null) return;
  const matches = await matchCommit(ledger, await listPending(ledger.repo), head);
  await settleAll(place, matches);
}

export async function settleAll(place: Place, matches: readonly Match[]): Promise<void> {
  for (const { pending, commit } of matches) {
    const { digest, record } = pending;
    const txn = await loadTxn(place, record.txn);
    if (txn === null || txn.settled.includes(digest)) continue;
    const { sessionId, name } = record.agent;
    const session = sessionId === null ? null : await loadSession(place, sessionKey(name, sessionId));
    if (session !== null) {
      const covered = await loadSealedUsage(place, session.key, digest);
      if (covered !== null) session.sealedUsage.set(digest, covered);
      settleSession(session, digest, record);
      noteRecorded(session, digest, record, commit.oid);
      await saveSession(place, session);
      if (covered !== null) await removeSealedUsage(place, session.key, digest);
    }
    for (const other of record.contributors ?? []) await settleContributor(place, other, record);
    await saveTxn(place, settleTxn(txn, digest, record, commit.oid));
  }
}

/** What another session wrote is committed now: its own next record must not be said to hold it again. */
async function settleContributor(
  place: Place,
  { name, sessionId }: { readonly name: string; readonly sessionId: string },
  { files }: ExecutionRecord,
): Promise<void> {
  const session = await loadSession(place, sessionKey(name, sessionId));
  if (session === null) return;
  settleWrites(
    session,
    files.filter((file) => file.sessionId === sessionId),
  );
  await saveSession(place, session);
}
