import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import { type Html, html, said } from './html.ts';

export type Change = EvidenceDocument['changes'][number];
export type Decision = EvidenceDocument['decisions'][number];
export type Approval = EvidenceDocument['approvals'][number];
export type Txn = EvidenceDocument['txns'][number];
export type Rollback = EvidenceDocument['rollbacks'][number];
export type Gap = EvidenceDocument['missing'][number];

/** How good a thing is: it decides on colour and sign, and never stands without a word. */
export type Tone = 'ok' | 'warn' | 'bad' | 'idle';

export function icon(name: string): Html {
  return html`<svg class="icon" aria-hidden="true" focusable="false"><use href="#i-${name}"></use></svg>`;
}

export function chip(tone: Tone, words: string | Html): Html {
  return html`<span class="chip ${tone}">${icon(tone)}${words}</span>`;
}

/** A sentence with a sign before it that says how good that is. */
export function marked(tone: Tone, words: string | Html): Html {
  return html`<span class="marked ${tone}">${icon(tone)}<span>${words}</span></span>`;
}

export function plainChip(words: string | Html): Html {
  return html`<span class="chip plain">${words}</span>`;
}

/** `1 file`, `2 files`, `12,000 files`. */
export function count(n: number, one: string, many: string = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

/** A number as people read it, whatever it is. */
export function number(n: number): string {
  if (!Number.isSafeInteger(n)) return String(n);
  return String(n).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly Html[]): Html {
  const [last, ...before] = items.toReversed();
  if (last === undefined) return html``;
  if (before.length === 0) return last;
  const head = before.toReversed().map((item, i) => (i === 0 ? item : html`, ${item}`));
  return html`${head} and ${last}`;
}

/** The moment in UTC: the same for every reader. Text that is no time is told as it is. */
export function moment(time: string): Html {
  const found = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?Z$/.exec(time);
  if (found === null) return said(time, 40);
  return html`<time datetime="${time}">${found[1]} <span class="clock">${found[2]} UTC</span></time>`;
}

export function oid(id: string): Html {
  return html`<code class="oid" title="${id}">${shortOid(id)}</code>`;
}

/** An id or digest to its end, which may be broken anywhere. */
export function wholeId(id: string): Html {
  return html`<code class="whole">${id.slice(0, 200)}</code>`;
}

export function person({ name, email }: { readonly name: string; readonly email: string }): Html {
  return html`<span class="person">${said(name, 200)} <span class="mail">&lt;${said(email, 200)}&gt;</span></span>`;
}

/** A branch without the folders of all branches. */
export function branchName(ref: string): string {
  return ref.replace(/^refs\/(heads|remotes)\//, '');
}

/** The sentence that stands for what was left out of the page. */
export function moreOf(more: number, one: string, place: string, many: string = `${one}s`): Html {
  return more <= 0
    ? html``
    : html`<p class="more">\u2026 ${count(more, `more ${one}`, `more ${many}`)}, in ${place}.</p>`;
}

export const STATES: Readonly<
  Record<Txn['state'], { readonly tone: Tone; readonly word: string; readonly says: string }>
> = {
  landed: { tone: 'ok', word: 'Landed', says: 'It is on the target.' },
  reverted: { tone: 'warn', word: 'Reverted', says: 'It was on the target and was taken back.' },
  'partly-reverted': {
    tone: 'warn',
    word: 'Partly reverted',
    says: 'Some of it was taken back, some is on the target.',
  },
  'not-landed': { tone: 'idle', word: 'Not landed', says: 'It is not on the target.' },
  unknown: { tone: 'warn', word: 'Unknown', says: 'What became of it could not be found out.' },
};

export const BINDINGS: Readonly<Record<Change['binding'], { readonly tone: Tone; readonly says: string }>> = {
  exact: { tone: 'ok', says: 'exact: this commit has the very tree the record was sealed for' },
  'same-patch': { tone: 'ok', says: 'same patch, on another base than it was recorded on' },
  squashed: { tone: 'warn', says: 'squashed: one commit holds the work of several records' },
  modified: { tone: 'warn', says: 'modified: the commit was changed after the record was sealed' },
  claimed: { tone: 'bad', says: 'claimed: the message names a record, and nothing proves it' },
  none: { tone: 'idle', says: 'none: no record is about this commit' },
};

export const BASES: Readonly<Record<string, { readonly tone: Tone; readonly says: string }>> = {
  attested: { tone: 'ok', says: 'attested: signed with the person\u2019s own key' },
  evaluated: { tone: 'ok', says: 'evaluated: signed by the pipeline' },
  imported: { tone: 'ok', says: 'imported: a tool or host said so, signed by the pipeline' },
  asserted: { tone: 'warn', says: 'asserted: anybody may have said so' },
};

export const RESULTS: Readonly<Record<string, { readonly tone: Tone; readonly word: string }>> = {
  pass: { tone: 'ok', word: 'Pass' },
  fail: { tone: 'bad', word: 'Fail' },
  warn: { tone: 'warn', word: 'Warn' },
  error: { tone: 'bad', word: 'Error' },
  skip: { tone: 'idle', word: 'Skip' },
};

export const AUTHORS: Readonly<
  Record<Change['files'][number]['by'], { readonly tone: Tone; readonly says: string }>
> = {
  agent: { tone: 'ok', says: 'The agent was seen writing it' },
  shell: { tone: 'ok', says: 'A command the agent ran wrote it' },
  mixed: {
    tone: 'warn',
    says: 'The agent wrote it, and something else changed it before the commit',
  },
  unseen: { tone: 'warn', says: 'Nobody saw who wrote it' },
};

const NO_TEXT = {
  'not-stored': 'it is not in the repository',
  'no-key': 'it is sealed, and whoever made this had no key to it',
  'left-out': 'it was left out: over a limit',
  damaged: 'what is stored of it is damaged',
  erased: 'it was erased',
} as const;

export function whyNoText(why: keyof typeof NO_TEXT): string {
  return NO_TEXT[why];
}

/** A text where there is one, else why not, and what the record commits to. */
export function textOrWhy(
  text: { readonly text?: string; readonly digest: string; readonly missing?: { readonly says: string } },
  said: (text: string) => Html,
): Html {
  if (text.text !== undefined) return said(text.text);
  return html`<p class="no-text">Not shown: ${(text.missing?.says ?? 'the text is not here').slice(0, 500)}. The record commits to it as ${wholeId(text.digest)}.</p>`;
}
