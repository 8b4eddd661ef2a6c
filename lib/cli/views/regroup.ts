import type { RegroupPlan } from '../../capture/regroup.ts';
import { shortOid } from '../../core/oid.ts';
import type { Paint } from '../terminal/io.ts';
import { count } from './text.ts';

/** What `regroup --json` prints. `record` is the digest of what was written, null when nothing was. */
export function regroupDocument({ change, txn, members }: RegroupPlan, record: string | null): object {
  return {
    schema: 'agent-log/regrouped/v1',
    record,
    txn,
    joined: change?.action === 'join' ? change.txns.filter((one) => one !== txn) : [],
    splitFrom: change?.action === 'split' ? change.from : null,
    commits: commitsOf(members),
  };
}

/** What came of a regroup, for people. */
export function renderRegroup(plan: RegroupPlan, dryRun: boolean, paint: Paint): string {
  const { change, txn, members } = plan;
  const commits = commitsOf(members);
  const name = paint.name(txn);
  const size = count(commits.length, 'commit');
  const lines =
    change === null
      ? [`Nothing to change: they are one transaction already, ${name}.`]
      : change.action === 'join'
        ? [
            `${name} ${dryRun ? 'would have' : 'has'} ${size} now, joined with`,
            ...change.txns.filter((one) => one !== txn).map((one) => `  ${paint.name(one)}`),
          ]
        : [
            `${dryRun ? 'a new transaction' : name} ${dryRun ? 'would have' : 'has'} ${size}, split off from ${paint.name(change.from)}`,
            ...commits.map((commit) => `  ${shortOid(commit)}`),
          ];
  if (dryRun && change !== null) lines.push(paint.faint('Nothing was written.'));
  return `${lines.join('\n')}\n`;
}

/** One transaction has one sponsor: joining others is allowed, and said. */
export function regroupWarning({ change, members }: RegroupPlan): string {
  const sponsors = new Set(members.map(({ stored }) => stored.record.sponsor?.email ?? 'nobody'));
  if (change?.action !== 'join' || sponsors.size < 2) return '';
  return `warning: its records name ${sponsors.size} different sponsors\n`;
}

function commitsOf(members: RegroupPlan['members']): string[] {
  return [...new Set(members.map(({ commit }) => commit))];
}
