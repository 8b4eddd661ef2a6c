import { setTimeout as sleep } from 'node:timers/promises';
import { blobId } from '../../core/digest.ts';
import { AgentLogError } from '../../core/errors.ts';
import type { PathChange } from '../../git/objects/import-stream.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { type RootCommit, writeRootCommits } from '../../git/objects/root-commit.ts';
import { moveRefs, type RefUpdate } from '../../git/refs/refs.ts';
import type { Ledger } from '../ledger.ts';
import { breakStaleLock } from '../notes/stale-lock.ts';
import { type Erasures, readErasures } from './erased.ts';
import { entryPath, KEYS_REF, PAYLOADS_REF, STORE_REFS } from './paths.ts';

/** What is to be stored of a transaction. */
export interface Addition {
  readonly txn: string;
  readonly payloads: readonly Buffer[];
  readonly keys: readonly Buffer[];
}

/** Changes of one ref's tree. What it comes to is worked out anew on every try, from where the refs are then. */
export interface StoreChange {
  readonly ref: string;
  readonly changes: readonly PathChange[];
}

/** One of the two refs as it is. */
export interface StoreTip {
  readonly ref: string;
  readonly commit: string | null;
  readonly tree: string | null;
}

const PATIENCE_MS = 20_000;
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 600;
const FAILURES_WITHOUT_RACE = 4;

/**
 * Stores payloads and the keys to them in one step: both refs move, or neither. What was erased meanwhile is not stored.
 * Throws NOT_APPENDED when others kept moving the refs, or git can't write.
 */
export function addPayloads(ledger: Ledger, additions: readonly Addition[]): Promise<void> {
  const change = (ref: string, erasures: Erasures): StoreChange => {
    const kept = additions.filter(({ txn }) => !erasures.isErased(txn));
    const contents = kept.flatMap(({ txn, payloads, keys }) =>
      (ref === PAYLOADS_REF ? payloads : keys).map((content) => ({ txn, content })),
    );
    const changes = contents.map(
      ({ txn, content }): PathChange => ({
        op: 'blob',
        path: entryPath(txn, blobId(content, ledger.repo.format)),
        content,
      }),
    );
    return { ref, changes };
  };
  return changeStore(ledger, async () => {
    const erasures = await readErasures(ledger);
    return [change(PAYLOADS_REF, erasures), change(KEYS_REF, erasures)];
  });
}

/**
 * Changes both refs by compare-and-swap, together. `plan` is asked again whenever somebody else was first. Throws
 * NOT_APPENDED.
 */
export async function changeStore(
  ledger: Ledger,
  plan: (tips: readonly StoreTip[]) => Promise<readonly StoreChange[]>,
): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  let [last, failures] = ['', 0];
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const tips = await storeTips(ledger);
    const updates = await writeChanges(ledger, tips, await plan(tips));
    if (updates.length === 0) return;
    const { moved, said } = await moveRefs(ledger.repo, updates);
    if (moved && (await areWhole(ledger, updates))) return;
    const now = tips.map(({ commit }) => commit).join(' ');
    failures = now === last ? failures + 1 : 1;
    last = now;
    for (const { ref } of updates) await breakStaleLock(ledger.repo, ref);
    if (failures > FAILURES_WITHOUT_RACE || Date.now() > end) throw notStored(said);
    await sleep(wait / 2 + Math.random() * wait);
  }
}

/** Where the two refs are. */
export async function storeTips({ reader }: Pick<Ledger, 'reader'>): Promise<StoreTip[]> {
  return Promise.all(
    STORE_REFS.map(async (ref) => {
      const commit = await readCommit(reader, ref);
      return { ref, commit: commit?.oid ?? null, tree: commit?.tree ?? null };
    }),
  );
}

/** Writes the commits that the changes lead to. Gives the moves that are left to make. */
async function writeChanges(
  ledger: Ledger,
  tips: readonly StoreTip[],
  wanted: readonly StoreChange[],
): Promise<RefUpdate[]> {
  const work = wanted.flatMap(({ ref, changes }) => {
    const tip = tips.find((one) => one.ref === ref);
    return tip === undefined || changes.length === 0 ? [] : [{ tip, changes }];
  });
  if (work.length === 0) return [];
  const commits = work.map(
    ({ tip, changes }): RootCommit => ({ tree: tip.tree, changes, message: messageOf(tip.ref) }),
  );
  const written = await writeRootCommits(ledger.repo, commits);
  return work.flatMap(({ tip }, i) => {
    const to = written[i];
    return to === undefined || to === tip.commit ? [] : [{ ref: tip.ref, from: tip.commit, to }];
  });
}

/** The same for the same ref, whoever writes it. */
function messageOf(ref: string): string {
  return `agent-log: ${ref === KEYS_REF ? 'keys' : 'payloads'}\n`;
}

/** A `git gc --prune=now` at the same moment may have taken away what no ref led to yet. */
async function areWhole({ reader }: Ledger, updates: readonly RefUpdate[]): Promise<boolean> {
  const found = await Promise.all(
    updates.map(async ({ to }) =>
      to === null ? 'gone' : ((await reader.read(`${to}^{tree}`))?.oid ?? null),
    ),
  );
  return found.every((oid) => oid !== null);
}

function notStored(said: string): AgentLogError {
  return new AgentLogError(
    'NOT_APPENDED',
    'system',
    `payloads could not be stored: ${said || 'other writers kept moving the refs'}`,
    {
      hints: [
        'Nothing is lost: the texts wait in this clone. Look at the free disk space and the rights on refs/agent-log/, and run `git agent-log sync`.',
      ],
    },
  );
}
