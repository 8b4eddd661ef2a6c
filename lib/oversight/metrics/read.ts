import {
  type EventRecord,
  type ExecutionRecord,
  isReadable,
  isReplay,
  type ReplayRecord,
  type StoredRecord,
} from '../../core/records/record.ts';
import { compileRiskMatcher, RISK_CLASSES } from '../../core/risk/risk.ts';
import { type Ledger, ledgerTip, type Note } from '../../ledger/ledger.ts';
import { contentLook } from '../../ledger/reading/content-look.ts';
import { allNotes, notesOn, recordsOf } from '../../ledger/reading/scan.ts';
import { isFirstTelling, type Told, toldOn } from '../../ledger/told/told.ts';
import type { Vouch } from '../../ledger/told/vouching.ts';
import { newSummary, scanCommits } from '../scan.ts';
import { type CountedRecord, changedNotes, keepCounted, readCounted } from './counted.ts';
import type { MetricsInput, RecordedWork } from './metrics.ts';

export interface ReadMetricsOptions {
  /** Commits to look through for agents, as git names them. */
  readonly range?: string;
  /** Says which steps are signed; without it nothing counts as signed. */
  readonly vouch?: Vouch;
  /** Told how many commits and records were looked at. */
  readonly onProgress?: (seen: number) => void;
}

/**
 * Reads what metrics are made of. Every note is read once; from then on those that changed since, and those that tell of more than
 * recorded work. Which commits agents made is known only of a range that is looked through.
 */
export async function readMetricsInput(
  ledger: Ledger,
  { range, vouch, onProgress }: ReadMetricsOptions = {},
): Promise<MetricsInput> {
  let seen = 0;
  const tick = (): void => onProgress?.(++seen);
  const { told, replays, records } = await readNotes(ledger, tick);
  const events = [...told.values()];
  return {
    events: events.map(({ stored }) => stored),
    trust: (await vouch?.(events)) ?? new Map(),
    replays: [...replays.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    records: [...records.values()],
    range: range === undefined ? null : await countAgents(ledger, range, tick),
  };
}

/** What some notes come to. */
interface Read {
  readonly told: Map<string, Told<EventRecord>>;
  readonly replays: Map<string, ReplayRecord>;
  readonly records: Map<string, RecordedWork>;
}

async function readNotes(ledger: Ledger, tick: () => void): Promise<Read> {
  const [tip, kept] = await Promise.all([ledgerTip(ledger), readCounted(ledger.repo)]);
  const changed = kept === null || tip === null ? null : await changedNotes(ledger.repo, kept.tip, tip);
  const known = changed === null ? null : kept;
  const again = known === null || changed === null ? null : new Set([...known.others, ...changed]);
  const same = known === null ? [] : known.records.filter(({ object }) => again?.has(object) !== true);
  const read: Read = { told: new Map(), replays: new Map(), records: new Map() };
  for (const { digest, recordedAt, isSponsored } of same)
    read.records.set(digest, { digest, recordedAt, isSponsored, classes: [] });
  const counted: CountedRecord[] = [...same];
  const others: string[] = [];
  const workOn = await workReader(ledger);
  for await (const note of again === null ? allNotes(ledger) : notesOn(ledger, [...again])) {
    if (isFirstTelling(ledger, note.object)) continue;
    const { works, isPlain } = await readOne(note, read, workOn);
    for (const { digest, recordedAt, isSponsored } of works) {
      if (isPlain) counted.push({ object: note.object, digest, recordedAt, isSponsored });
      tick();
    }
    if (!isPlain) others.push(note.object);
  }
  if (tip !== null && kept?.tip !== tip) await keepCounted(ledger, { tip, records: counted, others });
  return read;
}

type WorkOn = Awaited<ReturnType<typeof workReader>>;

/**
 * Adds what one note tells. Plain is one that tells of recorded work, and of nothing else that is counted; and that was surely read as a whole:
 * what git could not read comes as empty.
 */
async function readOne(
  note: Note,
  { told, replays, records }: Read,
  workOn: WorkOn,
): Promise<{ readonly works: readonly RecordedWork[]; readonly isPlain: boolean }> {
  const events = toldOn(note, 'event');
  for (const one of events) told.set(one.stored.digest, one);
  const replayed = note.lines.filter(isReadable).filter(isReplay);
  for (const { digest, record } of replayed) replays.set(digest, record);
  const works: RecordedWork[] = [];
  for (const { stored } of recordsOf(note.object, note.lines)) {
    // On one of several notes it may have been replayed.
    const work = await workOn(stored, replayed.length > 0);
    if (work.classes.length > 0 || !records.has(work.digest)) records.set(work.digest, work);
    works.push(work);
  }
  const isWhole = note.text !== '' && note.paths.length === 1;
  return { works, isPlain: isWhole && events.length === 0 && replayed.length === 0 };
}

/** Classes by content are asked of what was replayed alone: only there figures are told by them. */
async function workReader(
  ledger: Ledger,
): Promise<(stored: StoredRecord<ExecutionRecord>, isReplayed: boolean) => Promise<RecordedWork>> {
  const classesOf = compileRiskMatcher();
  const contents = await contentLook(ledger);
  return async ({ digest, record }, isReplayed) => {
    const byPath = isReplayed ? record.files.flatMap(({ path }) => classesOf(path)) : [];
    const byContent = isReplayed ? await contents.classesIn(record) : [];
    const classes = new Set<string>([...byPath, ...byContent]);
    return {
      digest,
      recordedAt: Date.parse(record.recordedAt),
      isSponsored: record.sponsor !== null,
      classes: RISK_CLASSES.filter((risk) => classes.has(risk)),
    };
  };
}

async function countAgents(
  ledger: Ledger,
  range: string,
  tick: () => void,
): Promise<NonNullable<MetricsInput['range']>> {
  const totals = newSummary();
  for await (const commit of scanCommits(ledger, [range])) {
    totals.add(commit);
    tick();
  }
  const { agent, recorded } = totals.summary();
  return { agentCommits: agent, recorded };
}
