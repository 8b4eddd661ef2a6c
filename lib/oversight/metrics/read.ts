import {
  type EventRecord,
  type ExecutionRecord,
  isReadable,
  isReplay,
  type ReplayRecord,
  type StoredRecord,
} from '../../core/record.ts';
import { compileRiskMatcher, RISK_CLASSES } from '../../core/risk.ts';
import { contentLook } from '../../ledger/content-look.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { allNotes, recordsOf } from '../../ledger/scan.ts';
import { isFirstTelling, type Told, toldOn } from '../../ledger/told.ts';
import type { Vouch } from '../../ledger/vouching.ts';
import { newSummary, scanCommits } from '../scan.ts';
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
 * Reads what metrics are made of, in one go over the ledger. Which commits agents made is known only of a range that is looked through.
 */
export async function readMetricsInput(
  ledger: Ledger,
  { range, vouch, onProgress }: ReadMetricsOptions = {},
): Promise<MetricsInput> {
  let seen = 0;
  const tick = (): void => onProgress?.(++seen);
  const told = new Map<string, Told<EventRecord>>();
  const replays = new Map<string, ReplayRecord>();
  const records = new Map<string, RecordedWork>();
  const workOn = await workReader(ledger);
  for await (const note of allNotes(ledger)) {
    if (isFirstTelling(ledger, note.object)) continue;
    for (const one of toldOn(note, 'event')) told.set(one.stored.digest, one);
    const readable = note.lines.filter(isReadable).filter(isReplay);
    for (const { digest, record } of readable) replays.set(digest, record);
    for (const { stored } of recordsOf(note.object, note.lines)) {
      // On one of several notes it may have been replayed.
      const work = await workOn(stored, readable.length > 0);
      if (work.classes.length > 0 || !records.has(work.digest)) records.set(work.digest, work);
      tick();
    }
  }
  const events = [...told.values()];
  return {
    events: events.map(({ stored }) => stored),
    trust: (await vouch?.(events)) ?? new Map(),
    replays: [...replays.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    records: [...records.values()],
    range: range === undefined ? null : await countAgents(ledger, range, tick),
  };
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
