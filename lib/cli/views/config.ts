import { escapeTerminal } from '../../core/escape.ts';
import type { Proposal } from '../../identity/recipients/proposal.ts';
import type { Paint } from '../terminal/io.ts';

/** What `git agent-log config --json` prints. */
export interface ConfigDocument {
  readonly schema: 'agent-log/config/v1';
  readonly inForce: {
    readonly level: string;
    readonly repositoryLevel: string;
    readonly floor: string | null;
    readonly recipients: readonly string[];
    readonly keyStore: string;
    readonly payloadRemotes: readonly string[] | null;
  };
  readonly proposal: Proposal | null;
  readonly changes: readonly string[];
}

/** Which texts leave the clone and who reads them, and what the tree would have instead. */
export function renderConfig({ inForce, proposal, changes }: ConfigDocument, paint: Paint): string {
  const { level, floor, repositoryLevel, recipients, keyStore, payloadRemotes } = inForce;
  const tightened = level === repositoryLevel ? '' : ` (your own ${floor ?? ''} tightens ${repositoryLevel})`;
  const rows: [string, string][] = [
    ['level', `${level}${tightened}`],
    ...(recipients.length === 0
      ? [['recipient', 'nobody'] as [string, string]]
      : recipients.map((one): [string, string] => ['recipient', one])),
    ['keys', keyStore],
    [
      'pushed to',
      payloadRemotes === null ? 'origin, or the only remote' : payloadRemotes.join(', ') || 'none',
    ],
  ];
  const lines = rows.map(([name, text]) => `  ${paint.faint(name.padEnd(10))} ${escapeTerminal(text)}`);
  return `${paint.strong('In force')}\n${lines.join('\n')}\n${proposalText(proposal, changes, paint)}`;
}

function proposalText(proposal: Proposal | null, changes: readonly string[], paint: Paint): string {
  if (proposal === null) return '';
  if (changes.length === 0) return 'What the tree proposes is in force.\n';
  const lines = changes.map((change) => `  ${escapeTerminal(change)}`);
  const command = paint.name(`git agent-log config pin ${proposal.digest.slice('sha256:'.length, 25)}`);
  return `\n${paint.warn('The tree proposes, and it is not in force')}\n${lines.join('\n')}\nIf you want that: ${command}\n`;
}
