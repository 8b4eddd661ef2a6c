import {
  type ExecutionRecord,
  isExecution,
  isReadable,
  type StoredRecord,
} from '../../core/records/record.ts';
import { compileRiskMatcher, type RiskClass } from '../../core/risk/risk.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { txnsIn } from '../../ledger/payloads/drop.ts';
import { readErasures } from '../../ledger/payloads/erased.ts';
import { LEVELS, type Level } from '../../ledger/payloads/level.ts';
import { readTxn } from '../../ledger/payloads/store.ts';
import { storeTips } from '../../ledger/payloads/write.ts';
import { notesOfTxns } from '../../ledger/reading/find.ts';
import { type RetentionRule, ruleFor } from './rules.ts';

/** A transaction whose texts have been kept as long as they may. */
export interface DueTxn {
  readonly txn: string;
  /** The rule, as it was written. */
  readonly rule: string;
  /** Whole days since its last record. */
  readonly age: number;
  readonly level: Level;
  readonly classes: readonly RiskClass[];
}

/** What the rules come to today. */
export interface RetentionPlan {
  readonly due: readonly DueTxn[];
  /** Transactions whose texts stay: a rule keeps them, or none is for them. */
  readonly kept: number;
  /** Transactions whose texts stay because their records are not in this ledger: nobody can tell how old they are. */
  readonly unknown: readonly string[];
}

export interface RetentionOptions {
  readonly now: number;
  readonly progress?: (done: number, of: number) => void;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Finds the transactions whose stored texts are due. Only records whose texts are stored count, and the newest of them. Changes nothing. */
export async function planRetention(
  ledger: Ledger,
  rules: readonly RetentionRule[],
  { now, progress = () => undefined }: RetentionOptions,
): Promise<RetentionPlan> {
  const { isErased } = await readErasures(ledger);
  const tips = await storeTips(ledger);
  const stored = (await Promise.all(tips.map((tip) => txnsIn(ledger, tip)))).flat();
  const txns = [...new Set(stored)].filter((txn) => !isErased(txn)).sort();
  const classesOf = compileRiskMatcher();
  const due: DueTxn[] = [];
  const unknown: string[] = [];
  for (const [at, txn] of txns.entries()) {
    progress(at, txns.length);
    const facts = await factsOf(ledger, txn, classesOf);
    if (facts === null) {
      unknown.push(txn);
      continue;
    }
    const { last, level, classes } = facts;
    const rule = ruleFor(rules, facts);
    const age = Math.floor((now - last) / DAY_MS);
    if (rule !== null && rule.days !== null && age >= rule.days)
      due.push({ txn, rule: rule.text, age: Math.max(age, 0), level, classes: [...classes].sort() });
  }
  return { due, kept: txns.length - due.length - unknown.length, unknown };
}

interface Facts {
  /** When its last record was made, in milliseconds. */
  readonly last: number;
  readonly level: Level;
  readonly classes: ReadonlySet<RiskClass>;
}

async function factsOf(
  ledger: Ledger,
  txn: string,
  classesOf: (path: string) => readonly RiskClass[],
): Promise<Facts | null> {
  const { entries } = await readTxn(ledger, txn);
  const digests = new Set(entries.map(({ header }) => header.record));
  const level = LEVELS.findLast((one) => entries.some(({ header }) => header.level === one)) ?? 'digests';
  const classes = new Set<RiskClass>();
  const records = (await recordsOf(ledger, txn)).filter(({ digest }) => digests.has(digest));
  for (const { record } of records)
    for (const { path } of record.files) for (const one of classesOf(path)) classes.add(one);
  const last = Math.max(...records.map(({ record }) => Date.parse(record.recordedAt)));
  return Number.isFinite(last) ? { last, level, classes } : null;
}

async function recordsOf(ledger: Ledger, txn: string): Promise<StoredRecord<ExecutionRecord>[]> {
  const objects = await notesOfTxns(ledger, [txn]);
  const notes = await Promise.all(objects.map((object) => readNote(ledger, object)));
  const lines = notes.flatMap((note) => note?.lines ?? []);
  return lines
    .filter(isReadable)
    .filter(isExecution)
    .filter(({ record }) => record.txn === txn);
}
