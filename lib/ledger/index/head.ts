import { hash } from 'node:crypto';
import type { ObjectFormat } from '../../core/digest.ts';
import { RISK_TABLE_DIGEST } from '../../core/generated/risk-table.ts';
import type { Table } from './blocks.ts';
import { Rows, rowSize } from './rows.ts';

/** Changes with every change of what lies where, or of what is taken from a line. */
const FORMAT = 'agent-log-index/3';

const CHECK_BYTES = 32;

/** The small file that says what the index is of: where its base lies, and the rows that came since. */
export interface Head {
  /** Commit of the ledger whose every note was read. */
  readonly tip: string;
  readonly base: Base;
  /** Rows the base does not have. Their strings are numbered after those of the base. */
  readonly added: Rows;
  readonly strings: readonly string[];
}

/** The large file: rows by transaction, which row has which record, and the strings of the rows as JSON. */
export interface Base {
  /** In the file's name, and in the digest of each of its blocks. */
  readonly key: string;
  readonly rows: Table;
  readonly records: Table;
  readonly strings: Table;
}

/** Bytes of an entry of the table of records: the first of a digest, and the number of the row. */
export const RECORD_ENTRY = 10;

export function oidBytes(format: ObjectFormat): number {
  return format === 'sha256' ? 32 : 20;
}

export function encodeHead({ tip, base, added, strings }: Head, format: ObjectFormat): Buffer {
  const fields = { format: FORMAT, objects: format, risk: RISK_TABLE_DIGEST, tip, base, strings };
  const body = Buffer.concat([Buffer.from(`${JSON.stringify(fields)}\n`), added.bytes]);
  return Buffer.concat([body, Buffer.from(hash('sha256', body), 'hex')]);
}

/** Null for what is no head, another version's, another repository's, damaged or half written. */
export function decodeHead(bytes: Buffer, format: ObjectFormat): Head | null {
  if (bytes.length < CHECK_BYTES) return null;
  const body = bytes.subarray(0, -CHECK_BYTES);
  if (hash('sha256', body) !== bytes.toString('hex', body.length)) return null;
  const end = body.indexOf(10);
  const fields = fieldsOf(parseJson(body.toString('utf8', 0, Math.max(end, 0))));
  const { format: version, objects, risk, tip, base, strings } = fields;
  if (version !== FORMAT || objects !== format || risk !== RISK_TABLE_DIGEST) return null;
  if (!isOid(tip, format) || !isBase(base, format) || !isStrings(strings)) return null;
  return { tip, base, strings, added: new Rows(oidBytes(format), body.subarray(end + 1)) };
}

interface Fields {
  readonly format?: unknown;
  readonly objects?: unknown;
  readonly risk?: unknown;
  readonly tip?: unknown;
  readonly base?: unknown;
  readonly strings?: unknown;
  readonly key?: unknown;
  readonly rows?: unknown;
  readonly records?: unknown;
  readonly block?: unknown;
  readonly size?: unknown;
  readonly count?: unknown;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? value : {};
}

/** Strings kept as JSON; null for what is no such list. */
export function parseStrings(text: string): string[] | null {
  const value = parseJson(text);
  return isStrings(value) ? value : null;
}

/** What has a matching digest was written by us, or by somebody who wants us to fall over it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isOid(value: unknown, format: ObjectFormat): value is string {
  return typeof value === 'string' && value.length === oidBytes(format) * 2 && /^[0-9a-f]+$/.test(value);
}

function isBase(value: unknown, format: ObjectFormat): value is Base {
  const { key, rows, records, strings } = fieldsOf(value);
  return (
    typeof key === 'string' &&
    /^[0-9a-f]{16}$/.test(key) &&
    isTable(rows, rowSize(oidBytes(format))) &&
    isTable(records, RECORD_ENTRY) &&
    isTable(strings, 1)
  );
}

function isTable(value: unknown, entry: number): value is Table {
  const { block, size, count } = fieldsOf(value);
  return size === entry && isCount(block) && isCount(count);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}
