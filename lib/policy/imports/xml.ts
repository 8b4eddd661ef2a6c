import { refused } from './imported.ts';

/** What a document of a test run is made of. Its texts outside of these are passed over. */
export interface XmlHandler {
  open(name: string, attributes: ReadonlyMap<string, string>): void;
  text(text: string): void;
  close(name: string): void;
}

const MAX_DEPTH = 100;
const MAX_ATTRIBUTES = 100;
/** Longer than any text a record holds. */
const MAX_TEXT = 4000;

/**
 * Reads XML from front to back and builds nothing. A document type is refused before anything of it is read: with it go entities,
 * files and addresses that a document could name. The five entities every XML has, and numbers of characters, are all there is.
 */
export function readXml(input: string, handler: XmlHandler): void {
  const open: string[] = [];
  let roots = 0;
  for (let at = 0; at < input.length; ) {
    const start = input.indexOf('<', at);
    const end = start < 0 ? input.length : start;
    if (end > at) between(input, at, end, open.length, handler);
    if (start < 0) break;
    const behind = skipped(input, start);
    if (behind > 0) {
      if (input.startsWith('<![CDATA[', start)) handler.text(cut(input, start + 9, behind - 3));
      at = behind;
      continue;
    }
    const tag = new Tag(input, start);
    at = tag.end;
    if (tag.closing) {
      if (open.pop() !== tag.name) throw refused('it is no XML: its elements do not end where they should');
      handler.close(tag.name);
      continue;
    }
    if (open.length === 0 && ++roots > 1) throw refused('it is no XML: it has two outermost elements');
    handler.open(tag.name, tag.attributes);
    if (tag.empty) handler.close(tag.name);
    else if (open.push(tag.name) > MAX_DEPTH) throw refused(`it is nested deeper than ${MAX_DEPTH}`);
  }
  if (open.length > 0) throw refused('it is only part of a document: its last elements do not end');
  if (roots === 0) throw refused('it has no element');
}

function between(input: string, start: number, end: number, depth: number, handler: XmlHandler): void {
  if (depth > 0) handler.text(decoded(cut(input, start, end)));
  else if (input.slice(start, end).trim() !== '')
    throw refused('it is no XML: it has text outside of elements');
}

/** Where a comment, an instruction or a text that is taken as it is ends; 0 for what is none of these. */
function skipped(input: string, start: number): number {
  for (const [opening, closing] of SKIPPED) {
    if (!input.startsWith(opening, start)) continue;
    const end = input.indexOf(closing, start + opening.length);
    if (end < 0) throw refused(`it is only part of a document: ${opening} does not end`);
    return end + closing.length;
  }
  if (input.startsWith('<!', start))
    throw refused('it has a document type (<!DOCTYPE …>), which no report of tests needs');
  return 0;
}

const SKIPPED = [
  ['<!--', '-->'],
  ['<?', '?>'],
  ['<![CDATA[', ']]>'],
] as const;

const NAME = /[A-Za-z_][\w.:-]{0,99}/y;
const ATTRIBUTE = /\s+([A-Za-z_][\w.:-]{0,99})\s*=\s*("[^"<]*"|'[^'<]*')/y;
const END = /\s*(\/?)>/y;

class Tag {
  readonly name: string;
  readonly attributes: Map<string, string> = new Map();
  readonly closing: boolean;
  readonly empty: boolean;
  readonly end: number;

  constructor(input: string, start: number) {
    this.closing = input[start + 1] === '/';
    let at = start + (this.closing ? 2 : 1);
    this.name = matchAt(NAME, input, at)?.[0] ?? '';
    at += this.name.length;
    for (let found = this.#attribute(input, at); found > 0; found = this.#attribute(input, at)) at += found;
    const end = matchAt(END, input, at);
    if (this.name === '' || end === null) throw refused('it is no XML, or only part of a document');
    this.empty = end[1] === '/';
    this.end = at + end[0].length;
    if (this.closing && (this.empty || this.attributes.size > 0)) throw refused('it is no XML');
  }

  #attribute(input: string, at: number): number {
    const found = matchAt(ATTRIBUTE, input, at);
    if (found === null) return 0;
    const [whole, name = '', value = ''] = found;
    if (this.attributes.has(name)) throw refused('it is no XML: an element has an attribute twice');
    if (this.attributes.size >= MAX_ATTRIBUTES)
      throw refused(`an element has more than ${MAX_ATTRIBUTES} attributes`);
    this.attributes.set(name, decoded(cut(value, 1, value.length - 1)));
    return whole.length;
  }
}

function matchAt(pattern: RegExp, input: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(input);
}

function cut(input: string, start: number, end: number): string {
  return input.slice(start, Math.min(end, start + MAX_TEXT));
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** One pass: what an entity stands for is never looked at again. */
function decoded(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{1,20}));/g, (whole, ten, sixteen, name) => {
    if (name !== undefined) return ENTITIES.get(name as string) ?? whole;
    const code = ten === undefined ? Number.parseInt(sixteen as string, 16) : Number(ten);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}
