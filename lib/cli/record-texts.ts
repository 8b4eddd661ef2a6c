import { placeOf, sessionKey } from '../capture/place.ts';
import { loadTexts } from '../capture/session/texts.ts';
import type { ExecutionRecord } from '../core/record.ts';
import type { Texts } from '../ledger/describe.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** The texts of records that are in this clone, by digest. Each session's folder is read once. */
export async function textsOf(
  ledger: Ledger,
  records: readonly ExecutionRecord[],
  digestsOf: (record: ExecutionRecord) => ReadonlySet<string>,
): Promise<Texts> {
  const wanted = new Map<string, Set<string>>();
  for (const record of records)
    for (const folder of foldersOf(record)) {
      const digests = wanted.get(folder) ?? new Set<string>();
      for (const digest of digestsOf(record)) digests.add(digest);
      wanted.set(folder, digests);
    }
  const texts = new Map<string, string>();
  // One after the other: a session's folder may hold a lot, and only what is asked for is kept of it.
  for (const [folder, digests] of wanted)
    for (const [digest, text] of await loadTexts(placeOf(ledger.repo), folder, digests))
      texts.set(digest, text);
  return texts;
}

function foldersOf({ agent, contributors = [], txn }: ExecutionRecord): string[] {
  const sessions = [agent, ...contributors].flatMap(({ name, sessionId }) =>
    sessionId === null ? [] : [sessionKey(name, sessionId)],
  );
  return [...sessions, `txn-${txn}`];
}
