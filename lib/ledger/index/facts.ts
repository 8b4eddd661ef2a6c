import { isAscii, isUtf8 } from 'node:buffer';
import { recordDigest } from '../../core/digest.ts';
import { type LedgerRecord, MAX_LINE_BYTES } from '../../core/record.ts';
import { compileRiskMatcher, RISK_CLASSES, type RiskMatcher } from '../../core/risk.ts';
import { Skimmer } from '../../core/skim.ts';
import { isUlid } from '../../core/ulid.ts';

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
  /** `own`: it is the record that is looked for by its digest; else the field that names one. */
  readonly record: 'own' | 'record';
  /** The field with its time. */
  readonly at: string;
  /** Its fields that `list` filters by. */
  readonly filters: readonly ('agent' | 'model' | 'sponsor' | 'files')[];
}

/** What the index calls a type of record. Numbers are never given to another type. */
export const KIND = { execution: 1, binding: 2, supplement: 3, landing: 4 } as const;

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
]);

const FIELDS: readonly string[] = [
  ...new Set([
    'schema',
    'id',
    'txn',
    'record',
    ...[...TYPES.values()].flatMap(({ at, filters }) => [at, ...filters]),
  ]),
];

/** No line that parseLine reads is longer, whatever its letters take. */
const MAX_BYTES = 3 * MAX_LINE_BYTES;

/** Gives what there is to know of a line, for the lines of a ledger one after the other; null for what is no record. */
export function factReader(): (line: Buffer) => Fact | null {
  const skimmer = new Skimmer(FIELDS);
  const risk = compileRiskMatcher();
  return (line) => {
    if (line.length > MAX_BYTES) return null;
    const plain = isAscii(line);
    const text = line.toString(plain ? 'latin1' : 'utf8');
    const field = skimmer.skim(text) ? (name: string) => parsed(skimmer.text(name)) : fieldsOf(text);
    // parseLine's digest is of the text: not that of the bytes, where they are no text.
    return factOf(field, () => recordDigest(plain || isUtf8(line) ? line : text), risk);
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
  return kind === KIND.landing || model !== null;
}

function nameOf({ txn, record }: Fact): string {
  return txn + record;
}

type Field = (name: string) => unknown;

function factOf(field: Field, digest: () => string, risk: RiskMatcher): Fact | null {
  const type = TYPES.get(field('schema'));
  if (type === undefined) return null;
  const [id, txn] = [field('id'), field('txn')];
  if (!isId(id) || !isId(txn)) return null;
  const named = type.record === 'own' ? null : field('record');
  if (named !== null && !isRecordDigest(named)) return null;
  const [filters, at] = [type.filters, field(type.at)];
  return {
    kind: type.kind,
    id,
    txn,
    record: named ?? digest(),
    at: typeof at === 'string' ? Date.parse(at) : Number.NaN,
    agent: filters.includes('agent') ? nameIn(field('agent')) : null,
    model: filters.includes('model') ? nameIn(field('model')) : null,
    sponsor: filters.includes('sponsor') ? personIn(field('sponsor')) : null,
    classes: filters.includes('files') ? classesIn(field('files'), risk) : 0,
  };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && isUlid(value);
}

function isRecordDigest(value: unknown): value is string {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}

function fieldsOf(text: string): Field {
  const value = parsed(text);
  return (name) => memberOf(value, name);
}

function parsed(text: string | null): unknown {
  if (text === null) return undefined;
  if (text.charCodeAt(0) === 34 && !text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function nameIn(value: unknown): string | null {
  const name = memberOf(value, 'name');
  return typeof name === 'string' ? name : null;
}

function personIn(value: unknown): string | null {
  return value === null
    ? null
    : sponsorText({ name: String(memberOf(value, 'name')), email: String(memberOf(value, 'email')) });
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
    if (typeof path === 'string') bits |= classBits(risk(path));
  }
  return bits;
}

/** Risk classes as bits. */
export function classBits(classes: readonly string[]): number {
  return classes.reduce((bits, one) => bits | (1 << RISK_CLASSES.findIndex((known) => known === one)), 0);
}
