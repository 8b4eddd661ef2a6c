import { escapeTerminal } from '../../core/escape.ts';
import { shortOid } from '../../core/oid.ts';
import type { ShowDocument } from '../../ledger/reading/describe.ts';
import type { FoundTxn } from '../../ledger/reading/txn.ts';
import { erasedRow, isOwn, revertRows, textOrDigest } from './facts.ts';
import { approvalRows, decisionRows } from './said.ts';
import { count, localTime, oneLine, type ViewOptions } from './text.ts';

/** A transaction for people: who and what for, then its commits. */
export function renderTxn(found: FoundTxn, documents: readonly ShowDocument[], options: ViewOptions): string {
  const { paint } = options;
  const first = documents[0];
  const row = (name: string, text: string): string => `  ${paint.faint(name.padEnd(12))}${text}`;
  const lines = [
    paint.strong(`transaction ${found.txn}`),
    ...pastOf(found).map(([name, text]) => row(name, text)),
    ...distinct(documents.map(sponsorOf)).map((text) => row('sponsor', text)),
    ...distinct(documents.map(agentOf)).map((text) => row('agent', text)),
    ...assuranceOf(documents).map((text) => row('assurance', paint.warn(text))),
    row('commits', String(documents.length)),
    ...takenBack(documents, options).map(([name, text]) => row(name, text)),
    ...(first === undefined ? [] : saidOf(first, options)).map(([name, text]) => row(name, text)),
    ...(first?.task == null ? [] : [paint.strong('Task'), ...textOrDigest(first.task, options)]),
    paint.strong(count(documents.length, 'commit')),
    ...documents.map((document) => commitLine(document, options)),
  ];
  return `${lines.join('\n')}\n`;
}

/** That its commits were undone or brought back, each time once, the last of it last. What they undo themselves is theirs to tell. */
function takenBack(documents: readonly ShowDocument[], options: ViewOptions): [string, string][] {
  const reverts = documents.flatMap((one) => one.reverts.filter((revert) => !isOwn(revert, one.commit)));
  const relands = documents.flatMap((one) => one.relands.filter(({ commit }) => commit !== one.commit));
  return revertRows({ commit: '', reverts: onceEach(reverts), relands: onceEach(relands) }, options);
}

function onceEach<T extends { readonly commit: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.commit, item])).values()];
}

/** What was told of the transaction: every one of its commits has it. */
function saidOf(document: ShowDocument, options: ViewOptions): [string, string][] {
  return [
    ...approvalRows(document, options),
    ...decisionRows(document, options),
    ...erasedRow(document, options),
  ];
}

/** An id that somebody has noted down must lead here, and say what became of it. */
function pastOf({ asked, joined = [], splitInto = [], formerCommits = [] }: FoundTxn): [string, string][] {
  return [
    ...some('asked for', asked === undefined ? [] : [`${asked}, joined into this one`]),
    ...some(
      'joined',
      joined.filter((txn) => txn !== asked),
    ),
    ...some('split off', splitInto),
    ...some('made as', formerCommits.map(shortOid)),
  ];
}

const MOST_IDS = 10;

function some(name: string, texts: readonly string[]): [string, string][] {
  const shown = texts.slice(0, MOST_IDS).map((text): [string, string] => [name, text]);
  const more = texts.length - shown.length;
  return more > 0 ? [...shown, [name, `and ${more} more`]] : shown;
}

function sponsorOf({ sponsor }: ShowDocument): string {
  return escapeTerminal(sponsor ? `${sponsor.name} <${sponsor.email}>` : 'nobody is named');
}

function agentOf({ agent, model }: ShowDocument): string {
  return escapeTerminal([agent?.name, model?.name].filter(Boolean).join(', '));
}

function assuranceOf(documents: readonly ShowDocument[]): string[] {
  const words = documents.flatMap(({ capture }) => capture?.assurance ?? []);
  return distinct(words).map((word) => {
    const some = words.filter((other) => other === word).length;
    const which = some === documents.length ? '' : ` (${some} of ${documents.length} commits)`;
    return `${word} after the fact: nobody saw it${which}`;
  });
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}

function commitLine(document: ShowDocument, options: ViewOptions): string {
  const when = document.recordedAt ? localTime(document.recordedAt) : '';
  const start = `  ${options.paint.name(shortOid(document.commit))}  ${when}  ${document.binding.padEnd(10)}`;
  return `${start}  ${oneLine(document.subject ?? '', options.columns - 46)}`;
}
