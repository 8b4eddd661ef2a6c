import { type LatinBytes, lineDigest } from '../../core/latin-bytes.ts';
import { type LedgerRecord, MAX_LINE_BYTES } from '../../core/records/record.ts';
import { mayTellByContent } from '../../core/risk/by-content.ts';
import { compileRiskMatcher, RISK_CLASSES, type RiskMatcher } from '../../core/risk/risk.ts';
import { isUlid } from '../../core/ulid.ts';
import { type Fields, fieldsOf, memberOf, SkimmedFields } from './fields.ts';

/** What the index keeps of one line. A hint where to look: what a line says is read in the ledger. */
export interface Fact {
  readonly kind: number;
  readonly id: string;
  readonly txn: string;
  /** Digest of the execution record it is, or names. */
  readonly record: string;
  /** Milliseconds since 1970; NaN when it can't be told. */
  readonly at: number;
  readonly agent: string | null;
  readonly model: string | null;
  /** `name <email>` in small letters. */
  readonly sponsor: string | null;
  /** A bit for each class of RISK_CLASSES. */
  readonly classes: number;
}

interface RecordType {
  readonly kind: number;
  /** `own`: it is the record that is looked for by its digest; else the field that names one. Null: it is about no record. */
  readonly record: 'own' | 'record' | null;
  /** The field with its time. */
  readonly at: string;
  /** Its fields that `list` filters by. */
  readonly filters: readonly ('agent' | 'model' | 'sponsor' | 'files')[];
}

/** What the index calls a type of record. Numbers are never given to another type. */
export const KIND = {
  execution: 1,
  binding: 2,
  supplement: 3,
  landing: 4,
  decision: 5,
  approval: 6,
  mr: 7,
  event: 8,
} as const;

/** Types whose lines are about changes and not about one record. All of a type are found together, too. */
export type ToldKind = 'decision' | 'approval' | 'mr' | 'event';

/** What stands in the place of a transaction in the row by which all lines of a type are found. No clock gives such an id. */
export function kindId(kind: ToldKind): string {
  return `${'0'.repeat(25)}${KIND[kind]}`;
}

/** Every record type that is looked up by transaction or by record: a new type is one entry here. */
const TYPES: ReadonlyMap<unknown, RecordType> = new Map<LedgerRecord['schema'], RecordType>([
  [
    'agent-log/execution/v1',
    {
      kind: KIND.execution,
      record: 'own',
      at: 'recordedAt',
      filters: ['agent', 'model', 'sponsor', 'files'],
    },
  ],
  ['agent-log/binding/v1', { kind: KIND.binding, record: 'record', at: 'boundAt', filters: [] }],
  [
    'agent-log/supplement/v1',
    { kind: KIND.supplement, record: 'record', at: 'recordedAt', filters: ['model'] },
  ],
  ['agent-log/landing/v1', { kind: KIND.landing, record: 'record', at: 'landedAt', filters: [] }],
  ...(['decision', 'approval', 'mr', 'event'] as const).map(
    (name) =>
      [
        `agent-log/${name}/v1`,
        { kind: KIND[name], record: null, at: 'recordedAt', filters: [] },
      ] as const satisfies [unknown, RecordType],
  ),
]);

/** As many transactions as one line is found by. */
const MOST_TXNS = 1000;
/** In the place of a digest where a line is about no record. */
const NO_DIGEST = `sha256:${'0'.repeat(64)}`;

const FIELDS: readonly string[] = [
  ...new Set([
    'schema',
    'id',
    'txn',
    'txns',
    'record',
    ...[...TYPES.values()].flatMap(({ at, filters }) => [at, ...filters]),
  ]),
];

/** No line that parseLine reads is longer, whatever its letters take. */
const MAX_BYTES = 3 * MAX_LINE_BYTES;

/**
 * What there is to know of a line that lies somewhere in some bytes; nothing of what is no record, nor of what tells no more
 * than the lines before it on the same note.
 */
export type FactsOf = (
  said: LatinBytes,
  start: number,
  end: number,
  before?: readonly Fact[],
) => readonly Fact[];

/** For the lines of a ledger, one after another. */
export function factReader(): FactsOf {
  const skimmed = new SkimmedFields(FIELDS);
  const risk = compileRiskMatcher();
  return (said, start, end, before = []) => {
    if (end - start > MAX_BYTES) return [];
    const fields = skimmed.skim(said, start, end)
      ? skimmed
      : fieldsOf(said.bytes.toString('utf8', start, end));
    return factsOf(fields, before, () => lineDigest(said, start, end), risk);
  };
}

/**
 * What a note's lines come to. A binding beside its record tells nothing that the record does not; neither does the same
 * line twice.
 */
export function withoutRepeats(facts: readonly Fact[]): readonly Fact[] {
  if (facts.length < 2) return facts;
  const [own, others] = [facts.filter(isOwn), facts.filter((fact) => !isOwn(fact))];
  const named = new Set(own.map(nameOf));
  const kept = new Map(
    others
      .filter((fact) => !named.has(nameOf(fact)) || tellsMore(fact))
      .map((fact) => [fact.id + nameOf(fact), fact]),
  );
  return kept.size === 0 ? own : [...own, ...kept.values()];
}

function isOwn({ kind }: Fact): boolean {
  return kind === KIND.execution;
}

function tellsMore({ kind, model }: Fact): boolean {
  return kind >= KIND.landing || model !== null;
}

function nameOf({ txn, record }: Fact): string {
  return txn + record;
}

/** As nearly every note has one: the binding of a record that stands above it. It is asked for no more than that. */
function isRepeated(fields: Fields, before: readonly Fact[]): boolean {
  if (before.length === 0) return false;
  const [txn, record] = [fields.value('txn'), fields.value('record')];
  return before.some((fact) => isOwn(fact) && fact.record === record && fact.txn === txn);
}

function factsOf(
  fields: Fields,
  before: readonly Fact[],
  digest: () => string,
  risk: RiskMatcher,
): readonly Fact[] {
  const type = TYPES.get(fields.value('schema'));
  if (type === undefined || (type.kind === KIND.binding && isRepeated(fields, before))) return [];
  const id = fields.value('id');
  if (!isId(id)) return [];
  if (type.record === null) return toldFacts(type, id, fields);
  const txn = fields.value('txn');
  if (!isId(txn)) return [];
  const named = type.record === 'own' ? null : fields.value('record');
  if (named !== null && !isRecordDigest(named)) return [];
  const { filters } = type;
  const fact: Fact = {
    kind: type.kind,
    id,
    txn,
    record: named ?? digest(),
    at: timeIn(fields.value(type.at)),
    agent: filters.includes('agent') ? textIn(fields.within('agent', 'name')) : null,
    model: filters.includes('model') ? textIn(memberOf(fields.common('model'), 'name')) : null,
    sponsor: filters.includes('sponsor') ? personIn(fields.common('sponsor')) : null,
    classes: filters.includes('files') ? classesIn(fields.value('files'), risk) : 0,
  };
  return [fact];
}

/** One for all of its type, and one for each transaction it names. */
function toldFacts({ kind, at }: RecordType, id: string, fields: Fields): readonly Fact[] {
  const [one, many] = [fields.value('txn'), fields.value('txns')];
  const named = [one, ...(Array.isArray(many) ? many.slice(0, MOST_TXNS) : [])].filter(isId);
  const fact = {
    kind,
    id,
    record: NO_DIGEST,
    at: timeIn(fields.value(at)),
    agent: null,
    model: null,
    sponsor: null,
  };
  const all = `${'0'.repeat(25)}${kind}`;
  return [all, ...new Set(named)].map((txn) => ({ ...fact, txn, classes: 0 }));
}

function timeIn(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && isUlid(value);
}

function isRecordDigest(value: unknown): value is string {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function personIn(value: unknown): string | null {
  const [name, email] = [textIn(memberOf(value, 'name')), textIn(memberOf(value, 'email'))];
  return name === null || email === null ? null : sponsorText({ name, email });
}

/** The text a sponsor is looked for in. */
export function sponsorText(sponsor: { readonly name: string; readonly email: string } | null): string {
  return sponsor === null ? '' : `${sponsor.name} <${sponsor.email}>`.toLowerCase();
}

function classesIn(files: unknown, risk: RiskMatcher): number {
  if (!Array.isArray(files)) return 0;
  let bits = 0;
  for (const file of files) {
    const path = memberOf(file, 'path');
    if (typeof path !== 'string') continue;
    bits |= classBits(risk(path));
    if (memberOf(file, 'blob') !== null && mayTellByContent(path)) bits |= MAY_TELL;
  }
  return bits;
}

/** Of a record with a file that may have risk classes by what is in it. */
export const MAY_TELL: number = 1 << 30;

/** Risk classes as bits. */
export function classBits(classes: readonly string[]): number {
  return classes.reduce((bits, one) => bits | (1 << RISK_CLASSES.findIndex((known) => known === one)), 0);
}
