import { escapeTerminal } from '../../core/escape.ts';
import { shortOid } from '../../core/oid.ts';
import type { ShowDocument } from '../../ledger/describe.ts';
import { block, count, localTime, oneLine, type ViewOptions } from './text.ts';

/** A transaction for people: who and what for, then its commits. */
export function renderTxn(txn: string, documents: readonly ShowDocument[], options: ViewOptions): string {
  const { paint } = options;
  const first = documents[0];
  const sponsor = first?.sponsor ? `${first.sponsor.name} <${first.sponsor.email}>` : 'nobody is named';
  const agents = [
    ...new Set(documents.map(({ agent, model }) => [agent?.name, model?.name].filter(Boolean).join(', '))),
  ];
  const lines = [
    paint.strong(`transaction ${txn}`),
    `  ${paint.faint('sponsor'.padEnd(12))}${escapeTerminal(sponsor)}`,
    ...agents.map((agent) => `  ${paint.faint('agent'.padEnd(12))}${escapeTerminal(agent)}`),
    `  ${paint.faint('commits'.padEnd(12))}${documents.length}`,
    ...(first?.task?.text === undefined ? [] : [paint.strong('Task'), ...block(first.task.text, 2, options)]),
    paint.strong(count(documents.length, 'commit')),
    ...documents.map((document) => commitLine(document, options)),
  ];
  return `${lines.join('\n')}\n`;
}

function commitLine(document: ShowDocument, options: ViewOptions): string {
  const when = document.recordedAt ? localTime(document.recordedAt) : '';
  const start = `  ${options.paint.name(shortOid(document.commit))}  ${when}  ${document.binding.padEnd(10)}`;
  return `${start}  ${oneLine(document.subject ?? '', options.columns - 46)}`;
}
