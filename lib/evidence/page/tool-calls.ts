import { callEssence } from '../../core/records/call-essence.ts';
import type { Drawing } from './drawing.ts';
import { codeLines, cutList, type Html, html, NOTHING, said } from './html.ts';
import { LIMITS } from './limits.ts';
import { type Change, chip, count, listed, moment, moreOf, type Tone, whyNoText } from './words.ts';

type Call = Change['toolCalls'][number];

const STATUS: Readonly<Record<Call['status'], { readonly tone: Tone; readonly word: string }>> = {
  ok: { tone: 'ok', word: 'ok' },
  error: { tone: 'bad', word: 'failed' },
  running: { tone: 'warn', word: 'end not seen' },
  unknown: { tone: 'idle', word: 'not known' },
};

/** Tool calls in the order they were made; what went in and came out where that is known. */
export function toolCalls(calls: readonly Call[], drawing: Drawing): Html {
  if (calls.length === 0) return html`<p class="no-text">No tool call was recorded.</p>`;
  const { shown, more } = cutList(calls, drawing.calls(Math.min(calls.length, LIMITS.calls)));
  return html`<ol class="calls">${shown.map((call) => html`<li>${toolCall(call, drawing)}</li>`)}</ol>${moreOf(more, 'tool call', drawing.place)}`;
}

function toolCall(call: Call, drawing: Drawing): Html {
  const { tone, word } = STATUS[call.status];
  const essence =
    call.args === undefined
      ? NOTHING
      : html`<code class="essence">${said(callEssence(call.args), 160)}</code>`;
  return html`<details class="call"><summary>${chip(tone, word)}<span class="tool">${said(call.name, 80)}</span>${essence}</summary><div class="inner">
<p class="sub">${call.startedAt === undefined ? 'time not recorded' : moment(call.startedAt)}${lasted(call)}${call.agentId === undefined ? NOTHING : html`, by sub-agent ${said(call.agentId, 100)}`}</p>${filesOf(call)}${textOf('Arguments', call.args, call.argsMissing, call.argsDigest, drawing)}${textOf('Result', call.result, call.resultMissing, call.resultDigest, drawing)}</div></details>`;
}

function lasted({ startedAt, endedAt }: Call): string {
  if (startedAt === undefined || endedAt == null) return '';
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? `, ${seconds.toFixed(1)} s` : '';
}

function filesOf({ files = [] }: Call): Html {
  const paths = (files as readonly { readonly path?: unknown }[]).flatMap(({ path }) =>
    typeof path === 'string' ? [path] : [],
  );
  if (paths.length === 0) return NOTHING;
  const { shown, more } = cutList(paths, LIMITS.filesOfCall);
  return html`<p>Left changed: ${listed(shown.map((path) => html`<code class="path">${said(path, 300)}</code>`))}${more > 0 ? `, and ${count(more, 'other')}` : NOTHING}</p>`;
}

function textOf(
  name: string,
  text: string | undefined,
  why: Call['argsMissing'],
  digest: string | null,
  drawing: Drawing,
): Html {
  if (text !== undefined)
    return html`<h4>${name}</h4>${codeLines(readable(text), drawing.characters(Math.min(text.length * 2, LIMITS.callCharacters)))}`;
  if (digest === null) return html`<p class="sub">${name}: none recorded.</p>`;
  const reason = why === undefined ? 'only its digest is in this document' : whyNoText(why);
  return html`<p class="no-text">${name} not shown: ${reason}. <code class="digest" title="${digest}">${digest.slice(0, 28)}\u2026</code></p>`;
}

/** JSON with its members one a line. */
function readable(text: string): string {
  if (text.length > LIMITS.callCharacters || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
