import { isByContent } from '../../core/risk/by-content.ts';
import { compileRiskMatcher, type RiskClass } from '../../core/risk/risk.ts';
import { classBits, KIND, MAY_TELL, sponsorText } from '../index/facts.ts';
import { oidBytes } from '../index/head.ts';
import { askIndex } from '../index/open.ts';
import type { Row } from '../index/rows.ts';
import type { StoredIndex } from '../index/store.ts';
import { Strings } from '../index/strings.ts';
import type { Ledger } from '../ledger.ts';
import type { ContentLook } from './content-look.ts';
import { recordsOnNotes, type ScannedRecord, scanLedger } from './scan.ts';

/** Which records are wanted. What is not said is not asked for. */
export interface RecordQuery {
  /** Milliseconds since 1970: recorded then or later. */
  readonly since?: number;
  /** Recorded before then. */
  readonly until?: number;
  /** Part of `Name <email>`, in letters of any size. */
  readonly sponsor?: string;
  readonly agent?: string;
  readonly model?: string;
  /** A risk class of a file of the record. */
  readonly class?: RiskClass;
  /** Where the paths of a record can't tell that class, looks into its files. */
  readonly contents?: ContentLook;
  /** Transactions as the records name them. */
  readonly txns?: ReadonlySet<string>;
  /** Objects whose notes count. */
  readonly only?: ReadonlySet<string>;
  /** So many of the newest. */
  readonly most?: number;
}

/** The records that are wanted, newest first. `onRecord` is told of each that was looked at. */
export async function selectRecords(
  ledger: Ledger,
  query: RecordQuery,
  onRecord: () => void = () => undefined,
): Promise<ScannedRecord[]> {
  const candidates = await askIndex(ledger, (index) => candidatesIn(index, ledger, query));
  const isWanted = contentFilterOf(query);
  const most = query.most ?? Number.POSITIVE_INFINITY;
  const found: ScannedRecord[] = [];
  const take = async (records: AsyncIterable<ScannedRecord>): Promise<void> => {
    for await (const record of records) {
      onRecord();
      if (await isWanted(record)) found.push(record);
    }
    found.sort(newestFirst);
  };
  if (candidates === null) await take(scanLedger(ledger, query.only ?? null));
  else
    for (const part of inParts(candidates, most)) {
      if (found.length >= most && (found[most - 1]?.stored.record.id ?? '') > part.newest) break;
      await take(
        part.objects.size > MANY ? scanLedger(ledger, part.objects) : recordsOnNotes(ledger, part.objects),
      );
    }
  return found.slice(0, most);
}

/** The same as filterOf, looking into files where that is asked for. */
export function contentFilterOf(query: RecordQuery): (record: ScannedRecord) => boolean | Promise<boolean> {
  const { class: risk, contents, ...others } = query;
  const isWanted = filterOf(query);
  if (risk === undefined || contents === undefined || !isByContent(risk)) return isWanted;
  const isElse = filterOf(others);
  return async (record) =>
    isWanted(record) || (isElse(record) && (await contents.classesIn(record.stored.record)).has(risk));
}

/** Tells of a record whether it is wanted, by the paths of its files. */
export function filterOf(query: RecordQuery): (record: ScannedRecord) => boolean {
  const {
    since = Number.NEGATIVE_INFINITY,
    until = Number.POSITIVE_INFINITY,
    only,
    agent,
    model,
    txns,
  } = query;
  const sponsor = query.sponsor?.toLowerCase();
  const risk = query.class === undefined ? null : compileRiskMatcher();
  return ({ object, stored: { record }, known }) => {
    const at = Date.parse(record.recordedAt);
    return (
      // A time nobody can read is at no time.
      (query.since === undefined || at >= since) &&
      (query.until === undefined || at < until) &&
      (only === undefined || only.has(object)) &&
      (txns === undefined || txns.has(record.txn)) &&
      (sponsor === undefined || sponsorText(record.sponsor).includes(sponsor)) &&
      (agent === undefined || record.agent.name === agent) &&
      (model === undefined || known.model.name === model) &&
      (risk === null || record.files.some(({ path }) => risk(path).some((one) => one === query.class)))
    );
  };
}

interface Candidate {
  readonly id: string;
  readonly object: string;
}

/** From so many notes on it is quicker to list the whole ledger once than to look for each. */
const MANY = 1000;

/** Notes to read one part after another, so that whoever wants the newest ten does not wait for the rest. */
function* inParts(
  candidates: readonly Candidate[],
  most: number,
): Generator<{ newest: string; objects: Set<string> }> {
  const size = most === Number.POSITIVE_INFINITY ? candidates.length : Math.max(most, 50);
  const read = new Set<string>();
  for (let at = 0; at < candidates.length; at += size) {
    const part = candidates.slice(at, at + size).filter(({ object }) => !read.has(object));
    for (const { object } of part) read.add(object);
    yield { newest: candidates[at]?.id ?? '', objects: new Set(part.map(({ object }) => object)) };
  }
}

/** What the index knows of the records that may be wanted, newest first. */
function candidatesIn({ head, base }: StoredIndex, { repo }: Ledger, query: RecordQuery): Candidate[] {
  const sorted = base.rows(oidBytes(repo.format));
  // One after the other: of a large ledger a list of them all is what takes longest.
  const rows = function* (): Generator<Row> {
    yield* sorted;
    yield* head.added;
  };
  const mayBeWanted = rowFilter(rows, new Strings([...base.strings(), ...head.strings]), query);
  const classes = classesToldBy(query);
  const found: Candidate[] = [];
  for (const some of [sorted, head.added])
    for (const row of some.ofKind(KIND.execution, classes))
      if (mayBeWanted(row)) found.push({ id: row.id, object: row.object });
  return found.sort((a, b) => (a.id < b.id ? 1 : -1));
}

/** What a row has to have one of, for its record to be of the class that is wanted; 0 where that is all the same. */
function classesToldBy({ class: risk, contents }: RecordQuery): number {
  if (risk === undefined) return 0;
  return classBits([risk]) | (contents !== undefined && isByContent(risk) ? MAY_TELL : 0);
}

/** Says no only to rows whose records are surely not wanted, whatever their classes. */
function rowFilter(rows: () => Iterable<Row>, strings: Strings, query: RecordQuery): (row: Row) => boolean {
  const { since, until, only, agent, model, txns } = query;
  const sponsor = query.sponsor?.toLowerCase();
  const sponsors = sponsor === undefined ? null : strings.idsWhere((text) => text.includes(sponsor));
  const agentId = agent === undefined ? null : strings.find(agent);
  const modelId = model === undefined ? null : strings.find(model);
  // What was told of a model later is in another line of the same note.
  const ofModel =
    modelId === null
      ? null
      : new Set([...rows()].filter((row) => row.model === modelId).map(({ object }) => object));
  return (row) =>
    !(since !== undefined && row.at < since) &&
    !(until !== undefined && row.at >= until) &&
    (agentId === null || row.agent === agentId) &&
    (sponsors === null || sponsors.has(row.sponsor) || sponsor === '') &&
    (ofModel === null || ofModel.has(row.object)) &&
    (txns === undefined || txns.has(row.txn)) &&
    (only === undefined || only.has(row.object));
}

/** As `list` shows them. Two with one id, in a ledger somebody made up, come in one order all the same. */
export function newestFirst(a: ScannedRecord, b: ScannedRecord): number {
  if (a.stored.record.id !== b.stored.record.id) return a.stored.record.id < b.stored.record.id ? 1 : -1;
  return a.object < b.object ? -1 : 1;
}
