import { escapeTerminal } from '../../core/escape.ts';
import { shortOid } from '../../core/oid.ts';
import { callEssence } from '../../core/records/call-essence.ts';
import type { ShowDocument } from '../../ledger/reading/describe.ts';
import {
  assuranceRow,
  bindingText,
  erasedRow,
  isOwn,
  landingRows,
  modelText,
  replayRow,
  revertRows,
  sagaRows,
  sponsorText,
  textOrDigest,
} from './facts.ts';
import { approvalRows, decisionRows, exceptionRows } from './said.ts';
import { block, count, localTime, oneLine, type ViewOptions } from './text.ts';

/** One commit's record for people. */
export function renderShow(document: ShowDocument, options: ViewOptions): string {
  const { paint } = options;
  const head = `${paint.strong(`commit ${document.commit}`)}\n    ${oneLine(document.subject ?? '', options.columns - 4)}\n`;
  if (document.record === null || document.txn === null)
    return `${head}\n${nothing(document, options)}${problems(document, options)}`;
  const parts = [
    head,
    facts(document, options),
    asked(document, options),
    calls(document, options),
    files(document, options),
    context(document, options),
    gaps(document, options),
    problems(document, options),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function nothing(document: ShowDocument, options: ViewOptions): string {
  const { paint } = options;
  if (document.binding === 'claimed') {
    return `${paint.warn('The message names a record, but it is not here.')}\nhint: get the records with: git agent-log sync\n`;
  }
  const [own] = document.reverts.filter((revert) => isOwn(revert, document.commit));
  const sagas = sagaRows(document, options)
    .map(([name, text]) => `  ${paint.faint(name.padEnd(12))}${text}\n`)
    .join('');
  if (own !== undefined)
    return `It takes back transaction ${own.txns.map((txn) => paint.name(txn)).join(', ')}${own.scope === 'partial' ? ', in part' : ''}.\n${sagas}`;
  const [back] = document.relands.filter(({ commit }) => commit === document.commit);
  if (back !== undefined)
    return `It brings back transaction ${back.txns.map((txn) => paint.name(txn)).join(', ')}${back.scope === 'partial' ? ', in part' : ''}.\n${sagas}`;
  if (sagas !== '') return `It was made to take back a transaction.\n${sagas}`;
  return `No record: this commit was not made by an agent that was being recorded.\n`;
}

function facts(document: ShowDocument, options: ViewOptions): string {
  const rows: [string, string][] = [
    [
      'transaction',
      `${options.paint.name(document.txn ?? '')}${document.regroupedFrom == null ? `, record ${document.seq ?? '?'}` : ''}`,
    ],
    ...regroupedRow(document),
    ['binding', bindingText(document, options)],
    ...landingRows(document, options),
    ...revertRows(document, options),
    ...sagaRows(document, options),
    ...replayRow(document, options),
    ...approvalRows(document, options),
    ...decisionRows(document, options),
    ...exceptionRows(document, options),
    ...assuranceRow(document, options),
    ['sponsor', sponsorText(document, options)],
    ['agent', agentText(document)],
    ['model', modelText(document)],
    ...contributorRows(document, options),
    ['base', baseText(document)],
    ['recorded', document.recordedAt ? localTime(document.recordedAt) : 'unknown'],
    ['usage', usageText(document)],
    ...redactionRow(document),
    ...erasedRow(document, options),
    ...othersRow(document),
  ];
  return rows.map(([name, text]) => `  ${options.paint.faint(name.padEnd(12))}${text}\n`).join('');
}

/** What is in the record and can't change, where somebody regrouped it since. */
function regroupedRow({ seq, regroupedFrom }: ShowDocument): [string, string][] {
  return regroupedFrom == null ? [] : [['regrouped', `recorded as ${seq ?? '?'} of ${regroupedFrom}`]];
}

/** Other sessions whose files are in the commit, each with what was asked of it. */
function contributorRows({ contributors }: ShowDocument, { columns }: ViewOptions): [string, string][] {
  return (contributors ?? []).map(({ name, sessionId, task }) => {
    const asked = task?.text === undefined ? '' : `: ${task.text}`;
    return ['also by', oneLine(`${name}, session ${sessionId}${asked}`, columns - 14)];
  });
}

function agentText({ agent }: ShowDocument): string {
  if (agent === null) return 'unknown';
  const session = agent.sessionId === null ? '' : `, session ${agent.sessionId}`;
  return escapeTerminal(`${agent.name}${agent.version === null ? '' : ` ${agent.version}`}${session}`);
}

function baseText({ base }: ShowDocument): string {
  if (base === null) return 'unknown';
  const commit = base.commit === null ? 'an empty repository' : shortOid(base.commit);
  const dirty =
    base.dirty === true
      ? `, ${count(base.dirtyPaths?.length ?? 0, 'file')} uncommitted`
      : base.dirty === false
        ? ', clean'
        : '';
  return escapeTerminal(`${commit}${base.branch === null ? '' : ` on ${base.branch}`}${dirty}`);
}

function usageText({ usage }: ShowDocument): string {
  if (usage === null) return 'not reported';
  const tokens = usage as Record<string, number>;
  const cached = (tokens['cacheReadInputTokens'] ?? 0) + (tokens['cacheCreationInputTokens'] ?? 0);
  return `${tokens['inputTokens'] ?? 0} tokens in, ${tokens['outputTokens'] ?? 0} out${cached > 0 ? `, ${cached} through the cache` : ''}`;
}

function redactionRow(document: ShowDocument): [string, string][] {
  const found = (document.redactions ?? []) as { rule: string; count: number }[];
  return found.length === 0
    ? []
    : [['redacted', escapeTerminal(found.map(({ rule, count: n }) => `${n} x ${rule}`).join(', '))]];
}

function othersRow({ others = [] }: ShowDocument): [string, string][] {
  const n = others.length;
  return n === 0 ? [] : [['others', `${count(n, 'more record')} on this commit, or named by it (--raw)`]];
}

function asked(document: ShowDocument, options: ViewOptions): string {
  const { paint } = options;
  const { task } = document;
  const lines = [paint.strong('Task') + (task?.ref ? ` ${paint.faint(escapeTerminal(task.ref))}` : '')];
  lines.push(...(task === null ? ['  none was given'] : textOrDigest(task, options)));
  const prompts = document.prompts.filter(
    (prompt) => prompt.text !== task?.text || prompt.text === undefined,
  );
  if (prompts.length > 0) lines.push(paint.strong(count(prompts.length, 'prompt')));
  for (const prompt of prompts)
    lines.push(`  ${paint.faint(localTime(prompt.at))}`, ...textOrDigest(prompt, options));
  if (document.reason) lines.push(paint.strong('The agent said'), ...textOrDigest(document.reason, options));
  return `${lines.join('\n')}\n`;
}

function calls(document: ShowDocument, options: ViewOptions): string {
  if (document.toolCalls.length === 0) return '';
  const { paint } = options;
  const shown = options.full ? document.toolCalls : document.toolCalls.slice(0, 20);
  const lines = shown.flatMap((call) => {
    const status =
      call.status === 'ok'
        ? paint.good('ok     ')
        : call.status === 'error'
          ? paint.bad('error  ')
          : paint.warn((call.status === 'running' ? 'began' : call.status).padEnd(7));
    const about = call.args === undefined ? '' : oneLine(callEssence(call.args), options.columns - 26);
    const line = `  ${status} ${escapeTerminal(call.name).padEnd(14)} ${about}`.trimEnd();
    return options.full ? [line, ...callTexts(call, options)] : [line];
  });
  const more = document.toolCalls.length - shown.length;
  if (more > 0) lines.push(paint.faint(`  … ${count(more, 'more call')} (--full)`));
  const hasBegun = document.toolCalls.some(({ status }) => status === 'running');
  const key = hasBegun ? paint.faint(' (began: the record was made before it ended)') : '';
  return `${paint.strong(count(document.toolCalls.length, 'tool call'))}${key}\n${lines.join('\n')}\n`;
}

const NO_TEXT = {
  'not-stored': 'not in this clone',
  'no-key': 'sealed, and you have no key to it',
  'left-out': 'left out: over a limit',
  damaged: 'what is stored of it is damaged',
  erased: 'erased',
} as const;

/** What went into a call and what came out, whole. */
function callTexts(call: ShowDocument['toolCalls'][number], options: ViewOptions): string[] {
  const { paint } = options;
  const told = (name: string, text: string | undefined, why: keyof typeof NO_TEXT | undefined): string[] => {
    if (text !== undefined) return [`    ${paint.faint(name)}`, ...block(text, 6, options)];
    return why === undefined ? [] : [`    ${paint.faint(`${name} (${NO_TEXT[why]})`)}`];
  };
  return [
    ...told('arguments', call.args, call.argsMissing),
    ...told('result', call.result, call.resultMissing),
  ];
}

const CHANGES: Readonly<Record<string, string>> = { added: 'A', modified: 'M', deleted: 'D', type: 'T' };

function files(document: ShowDocument, options: ViewOptions): string {
  if (document.files.length === 0) return '';
  const { paint } = options;
  const tints = { agent: paint.good, shell: paint.good, mixed: paint.warn, unseen: paint.warn };
  const shown = options.full ? document.files : document.files.slice(0, 30);
  const lines = shown.map(
    ({ path, by, change, classes }) =>
      `  ${CHANGES[change ?? ''] ?? ' '} ${tints[by](by.padEnd(7))} ${oneLine(path, options.columns - 12)}` +
      (classes.length === 0 ? '' : `  ${paint.warn(classes.join(', '))}`),
  );
  const more = document.files.length - shown.length;
  if (more > 0) lines.push(paint.faint(`  … ${count(more, 'more file')} (--full)`));
  return `${paint.strong(count(document.files.length, 'file'))} ${paint.faint('(whose content: agent, shell, mixed, unseen)')}\n${lines.join('\n')}\n`;
}

function context(document: ShowDocument, options: ViewOptions): string {
  if (document.context.length === 0) return '';
  const { paint } = options;
  const shown = options.full ? document.context : document.context.slice(0, 12);
  const lines = shown.map(
    ({ kind, uri }) =>
      `  ${kind.padEnd(13)} ${oneLine(uri ?? '(not named in the record)', options.columns - 18)}`,
  );
  const more = document.context.length - shown.length;
  if (more > 0) lines.push(paint.faint(`  … ${count(more, 'more item')} (--full)`));
  return `${paint.strong('What it read')}\n${lines.join('\n')}\n`;
}

function gaps(document: ShowDocument, options: ViewOptions): string {
  const found = document.gaps ?? [];
  if (found.length === 0) return '';
  return `${options.paint.strong('Not seen')}\n${found.flatMap((gap) => block(gap, 2, options)).join('\n')}\n`;
}

function problems(document: ShowDocument, options: ViewOptions): string {
  if (document.integrity.ok) return '';
  return `${options.paint.bad('Problems')}\n${document.integrity.problems.flatMap((problem) => block(problem, 2, options)).join('\n')}\n`;
}
