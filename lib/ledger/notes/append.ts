import { setTimeout as sleep } from 'node:timers/promises';
import { AgentLogError } from '../../core/errors.ts';
import { groupBy } from '../../core/lists.ts';
import { appendLines, noteLines } from '../../core/records/note.ts';
import type { PathChange } from '../../git/objects/fast-import.ts';
import { joinTexts, LEDGER_REF, type Ledger, ledgerTip, ledgerTrees } from '../ledger.ts';
import { type Mended, mendLedger } from '../sync/mend.ts';
import { importDurably } from './durable.ts';
import { fanOutAll, placeNote } from './fanout.ts';
import { ledgerMessage } from './message.ts';
import { noteChanges, type PlacedNote } from './place-notes.ts';
import { breakStaleLock } from './stale-lock.ts';

/** Lines for one object's note. Computed anew on every try, from what is there at that moment. */
export interface NoteAppend {
  readonly object: string;
  readonly lines: (present: readonly string[]) => readonly string[];
}

export interface AppendOptions {
  /** `Name <email> seconds zone`, as git writes a committer. */
  readonly identity: string;
  readonly message: string;
  /** Milliseconds after which to give up. The records are not written then, and nothing is half done. */
  readonly patience?: number;
  /** Told when the ledger had to be put back to where it was whole. */
  readonly mended?: (mended: Mended) => Promise<void>;
}

const PATIENCE_MS = 60_000;
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 600;
/** A prune at the same moment takes folders away under git's hands; it is over soon. */
const FAILURES_WITHOUT_RACE = 6;
const FAILURES_UNTIL_LOOK = 3;

/**
 * Appends lines to notes in one commit, by compare-and-swap on the ledger's ref. Returns the objects whose note
 * changed. Throws NOT_APPENDED when others kept moving the ref for longer than the patience, or git can't write.
 */
export async function appendToNotes(
  ledger: Ledger,
  appends: readonly NoteAppend[],
  options: AppendOptions,
): Promise<string[]> {
  const end = Date.now() + (options.patience ?? PATIENCE_MS);
  let lastTip: string | null = null;
  let failures = 0;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const tip = await ledgerTip(ledger);
    const plan = await planAppend(ledger, tip, appends);
    if (plan.changed.length === 0) return [];
    const { identity, message } = options;
    const { moved, said } = await importDurably(ledger, {
      ref: LEDGER_REF,
      parent: tip,
      changes: plan.changes,
      identity,
      message: await ledgerMessage(ledger.repo, message),
    });
    if (moved) return plan.changed;
    failures = tip === lastTip ? failures + 1 : 1;
    lastTip = tip;
    const lock = await breakStaleLock(ledger.repo, LEDGER_REF);
    const noRace = failures > FAILURES_WITHOUT_RACE && lock === 'none';
    const mended = failures === FAILURES_UNTIL_LOOK ? await mendLedger(ledger) : null;
    if (mended !== null) await options.mended?.(mended);
    else if (noRace || Date.now() > end) throw notAppended(plan.changed.length, said);
    await sleep(wait / 2 + Math.random() * wait);
  }
}

interface AppendPlan {
  readonly changed: string[];
  readonly changes: Iterable<PathChange>;
}

function planAppend(
  ledger: Ledger,
  tip: string | null,
  appends: readonly NoteAppend[],
): Promise<AppendPlan> | AppendPlan {
  return tip === null ? planFirst(appends) : planOnto(ledger, tip, appends);
}

/** Into an empty ledger: the fan-out of the whole set is known at once, and contents are made as they are written. */
function planFirst(appends: readonly NoteAppend[]): AppendPlan {
  const texts = new Map<string, string>();
  for (const append of appends) {
    const text = withAppended(texts.get(append.object) ?? '', append);
    if (text !== '') texts.set(append.object, text);
  }
  const paths = fanOutAll([...texts.keys()]);
  return { changed: [...texts.keys()], changes: { [Symbol.iterator]: () => blobs(texts, paths) } };
}

function* blobs(
  texts: ReadonlyMap<string, string>,
  paths: ReadonlyMap<string, string>,
): Generator<PathChange> {
  for (const [object, text] of texts)
    yield { op: 'blob', path: paths.get(object) ?? object, content: Buffer.from(text, 'latin1') };
}

async function planOnto(ledger: Ledger, tip: string, appends: readonly NoteAppend[]): Promise<AppendPlan> {
  const treeAt = ledgerTrees(ledger, tip);
  const placed: PlacedNote[] = [];
  for (const [object, group] of groupBy(appends, (append) => append.object)) {
    const place = await placeNote(object, treeAt);
    const before = joinTexts(await Promise.all(place.found.map(({ oid }) => readBlobBytes(ledger, oid))));
    const text = group.reduce(withAppended, before);
    if (text !== before || place.found.length > 1) placed.push({ object, place, content: { text } });
  }
  return { changed: placed.map(({ object }) => object), changes: noteChanges(placed) };
}

/** A note's bytes (as latin1, so that foreign bytes stay what they are) with an append's lines after them. */
function withAppended(bytes: string, append: NoteAppend): string {
  const present = noteLines(Buffer.from(bytes, 'latin1').toString('utf8'));
  return appendLines(
    bytes,
    append.lines(present).map((line) => Buffer.from(line, 'utf8').toString('latin1')),
  );
}

async function readBlobBytes(ledger: Ledger, oid: string): Promise<string> {
  return (await ledger.reader.read(oid))?.content.toString('latin1') ?? '';
}

function notAppended(count: number, said: string): AgentLogError {
  return new AgentLogError(
    'NOT_APPENDED',
    'system',
    `${count} note(s) could not be appended: ${said || 'other writers kept moving the ledger'}`,
    {
      hints: [
        `Try again; if it stays so, look at the free disk space, the rights on ${LEDGER_REF}, and \`git agent-log doctor\`.`,
      ],
    },
  );
}
