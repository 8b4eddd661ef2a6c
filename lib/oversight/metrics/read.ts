import { compileRiskMatcher, RISK_CLASSES } from '../../core/risk.ts';
import { contentLook } from '../../ledger/content-look.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readReplays } from '../../ledger/replays.ts';
import type { ScannedRecord } from '../../ledger/scan.ts';
import { selectRecords } from '../../ledger/select.ts';
import { readTold } from '../../ledger/told.ts';
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

/** Reads what metrics are made of. Which commits agents made is known only of a range that is looked through. */
export async function readMetricsInput(
  ledger: Ledger,
  { range, vouch, onProgress }: ReadMetricsOptions = {},
): Promise<MetricsInput> {
  let seen = 0;
  const tick = (): void => onProgress?.(++seen);
  const [told, replays, found] = await Promise.all([
    readTold(ledger, 'event'),
    readReplays(ledger),
    selectRecords(ledger, {}, tick),
  ]);
  const records = await recordsOf(ledger, found, new Set(replays.map(({ record }) => record)));
  return {
    events: told.map(({ stored }) => stored),
    trust: vouch?.(told) ?? new Map(),
    replays,
    records,
    range: range === undefined ? null : await countAgents(ledger, range, tick),
  };
}

/** Classes are asked of what was replayed alone: only there figures are told by them. */
async function recordsOf(
  ledger: Ledger,
  found: readonly ScannedRecord[],
  replayed: ReadonlySet<string | null>,
): Promise<RecordedWork[]> {
  const classesOf = compileRiskMatcher();
  const contents = await contentLook(ledger);
  const records: RecordedWork[] = [];
  for (const { stored } of found) {
    const { digest, record } = stored;
    const byPath = replayed.has(digest) ? record.files.flatMap(({ path }) => classesOf(path)) : [];
    const byContent = replayed.has(digest) ? await contents.classesIn(record) : [];
    const classes = new Set<string>([...byPath, ...byContent]);
    records.push({
      digest,
      recordedAt: Date.parse(record.recordedAt),
      isSponsored: record.sponsor !== null,
      classes: RISK_CLASSES.filter((risk) => classes.has(risk)),
    });
  }
  return records;
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
