import { escapeHtml, visibleParts } from '../../core/escape-html.ts';

/** HTML of ours. Only `html` and the functions of this file make it, so that nothing from outside becomes markup. */
export class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type Part = Html | string | number | null | undefined | readonly Part[];

/** A template whose values are escaped, in content and in quoted attributes alike, unless they are HTML of ours. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(strings.map((literal, i) => literal + sourceOf(values[i])).join(''));
}

export const NOTHING: Html = new Html('');

/** Whether there is anything in it. */
export function isEmpty({ source }: Html): boolean {
  return source === '';
}

function sourceOf(part: Part): string {
  if (part === null || part === undefined) return '';
  if (part instanceof Html) return part.source;
  if (typeof part === 'string') return escapeHtml(part);
  return typeof part === 'number' ? String(part) : part.map((item) => sourceOf(item)).join('');
}

/** Text from outside on a line of its own or within one, no longer than so many characters, its direction kept to itself. */
export function said(text: string, most = 500): Html {
  return html`<bdi>${shown(text, most, false)}</bdi>`;
}

/** Prose from outside with its lines, no longer than so many characters. */
export function saidLines(text: string, most: number): Html {
  return html`<pre class="said prose" dir="auto">${shown(text, most, true)}</pre>`;
}

/** What a program was given or said, with its lines. */
export function codeLines(text: string, most: number): Html {
  return html`<pre class="said" dir="auto">${shown(text, most, true)}</pre>`;
}

/** As text, what nobody would see made visible and marked. */
export function shown(text: string, most: number, keepLines: boolean): Html {
  const parts = visibleParts(text.slice(0, most), keepLines).map(({ text: part, isEscape }) => {
    const source = escapeHtml(part, keepLines);
    return isEscape ? `<span class="unseen">${source}</span>` : source;
  });
  const left = text.length - most;
  if (left > 0) parts.push(`<span class="cut">\u2026 ${left} more characters</span>`);
  return new Html(parts.join(''));
}

/** Data for a script of the page, which no end of a script or comment can get out of. */
export function dataBlock(id: string, value: object): Html {
  const json = JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Html(`<script type="application/json" id="${id}">${json}</script>`);
}

/** The beginning of a list, and how many there are more. */
export interface Cut<T> {
  readonly shown: readonly T[];
  readonly more: number;
}

export function cutList<T>(items: readonly T[], most: number): Cut<T> {
  return { shown: items.slice(0, most), more: Math.max(0, items.length - most) };
}
