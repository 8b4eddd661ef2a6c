import { escapeTerminal } from '../../core/escape.ts';
import type { Tombstone } from '../../oversight/retention/erase.ts';
import type { RetentionPlan } from '../../oversight/retention/plan-retention.ts';
import type { RetentionRule } from '../../oversight/retention/rules.ts';
import type { Paint } from '../terminal/io.ts';
import { count } from './text.ts';

/** What `retention --json` prints. */
export interface RetentionDocument extends RetentionPlan {
  readonly schema: 'agent-log/retention/v1';
  /** As they are written, in their order. */
  readonly rules: readonly string[];
  /** Whether what is due was erased. */
  readonly applied: boolean;
  /** Digests of the tombstones. */
  readonly records: readonly string[];
  /** Public key they are signed with. */
  readonly signedBy: string | null;
  /** Whether the remote was told; null when that was not asked for. */
  readonly pushed: boolean | null;
}

export function retentionDocument(
  rules: readonly RetentionRule[],
  plan: RetentionPlan,
  tombstones: readonly Tombstone[] | null,
  pushed: boolean | null,
): RetentionDocument {
  return {
    schema: 'agent-log/retention/v1',
    rules: rules.map(({ text }) => text),
    ...plan,
    applied: tombstones !== null,
    records: tombstones?.map(({ digest }) => digest) ?? [],
    signedBy: tombstones?.[0]?.signedBy ?? null,
    pushed,
  };
}

/** The rules, a line for each transaction that is due, and how many stay. */
export function renderRetention(document: RetentionDocument, paint: Paint): string {
  const { rules, due, kept, unknown, applied } = document;
  if (rules.length === 0) return 'No rule is set: texts are kept until somebody erases them.\n';
  const what = applied ? 'erased' : 'due';
  const lines = [
    paint.strong(`${count(due.length, 'transaction')} ${what}, ${kept} kept`),
    ...due.map(({ txn, age, rule, level }) => {
      const why = `${count(age, 'day')} old, rule "${escapeTerminal(rule)}"`;
      return `  ${paint.name(txn)}  ${level}  ${why}`;
    }),
  ];
  if (unknown.length > 0)
    lines.push(
      paint.warn(
        `${count(unknown.length, 'transaction')} kept: no record here tells how old they are (--json)`,
      ),
    );
  if (!applied) lines.push(paint.faint('Nothing was changed.'));
  return `${lines.join('\n')}\n`;
}

/** What is left for a person to do. */
export function retentionHints({
  rules,
  due,
  applied,
  records,
  signedBy,
  pushed,
}: RetentionDocument): string {
  const hints = [
    ...(rules.length === 0 ? ['git config --add agentLog.retention "365d"'] : []),
    ...(due.length > 0 && !applied ? ['erase what is due: git agent-log retention --apply'] : []),
    ...(records.length > 0 && signedBy === null
      ? ['the tombstone is not signed: no key is set (gpg.format, user.signingkey)']
      : []),
    ...(records.length > 0 && pushed === null ? ['tell the remote and others: git agent-log sync'] : []),
    ...(pushed === false
      ? ['texts are not pushed to that remote (agentLog.payloadRemote): what it has of them stays']
      : []),
  ];
  return hints.map((hint) => `hint: ${hint}\n`).join('');
}
