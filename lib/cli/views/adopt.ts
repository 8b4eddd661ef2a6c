import type { AdoptPlan, PlannedTxn } from '../../capture/adopt/plan.ts';
import { shortOid } from '../../core/oid.ts';
import type { Paint } from '../terminal/io.ts';
import { count, oneLine } from './text.ts';

/** What `adopt --json` prints. */
export function adoptDocument({ txns, left }: AdoptPlan, dryRun: boolean): object {
  return {
    schema: 'agent-log/adopt/v1',
    dryRun,
    txns: txns.map(({ txn, source, commits }) => ({
      txn,
      assurance: 'asserted',
      source,
      commits: commits.map(({ commit, agent, model }) => ({
        commit,
        agent: agent.name,
        model: model.name,
        sessionId: agent.sessionId,
      })),
    })),
    left,
  };
}

/** What was adopted, a transaction a line, and what was left alone. */
export function renderAdopt(plan: AdoptPlan, dryRun: boolean, paint: Paint, columns: number): string {
  const { txns, left } = plan;
  const commits = txns.reduce((sum, txn) => sum + txn.commits.length, 0);
  const did = dryRun ? 'would be adopted' : 'adopted';
  const lines =
    txns.length === 0
      ? ['Nothing to adopt.']
      : [
          `${paint.strong(`${count(commits, 'commit')} ${did} into ${count(txns.length, 'transaction')}`)}, marked ${paint.warn('asserted')}`,
          ...txns.map((txn) => txnLine(txn, paint, columns)),
        ];
  if (left.recorded > 0) lines.push(`left alone: ${count(left.recorded, 'commit')} with a record already`);
  if (left.human > 0) lines.push(`left alone: ${count(left.human, 'commit')} without any mark of an agent`);
  if (left.unknown > 0)
    lines.push(
      `left alone: ${count(left.unknown, 'commit')} of a bot or a branch that only hints at an agent`,
    );
  if (left.human + left.unknown > 0) lines.push(paint.faint('To adopt one of those, name it by itself.'));
  if (dryRun) lines.push(paint.faint('Nothing was written.'));
  return `${lines.join('\n')}\n`;
}

function txnLine({ txn, source, commits }: PlannedTxn, paint: Paint, columns: number): string {
  const agents = [...new Set(commits.map(({ agent }) => agent.name))].join(', ');
  const start = `  ${paint.name(txn)}  ${count(commits.length, 'commit').padEnd(11)}  ${oneLine(agents, 12).padEnd(12)}  `;
  return `${start}${oneLine(`${source.format} ${shortened(source.unit)}`, Math.max(12, columns - 57))}`;
}

function shortened(unit: string): string {
  return unit.replaceAll(/\b[0-9a-f]{40,64}\b/g, shortOid);
}
