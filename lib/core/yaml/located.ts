import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml';
import { isDeepYaml } from './depth.ts';

/** Both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface YamlProblem extends Position {
  readonly message: string;
}

/** A value of a YAML text, and where it is. */
export interface Located {
  readonly at: Position;
  readonly value: string | number | boolean | null | readonly Located[] | ReadonlyMap<string, LocatedEntry>;
  /** Of a text: where its letter number `index` is in the file. */
  readonly positionOf: (index: number) => Position;
}

export interface LocatedEntry {
  readonly key: Position;
  readonly value: Located;
}

export interface LocatedYaml {
  readonly root: Located | null;
  readonly problems: readonly YamlProblem[];
}

const START: Position = { line: 1, column: 1 };
const MAX_PROBLEMS = 100;

/**
 * Reads YAML 1.2 that anybody may have written, like parsePlainYaml, for a file that people are told the mistakes of: all of
 * them, each with line and column. What has an alias, a tag or a key twice has a problem there, and null for a value.
 */
export function parseLocatedYaml(text: string, most: number): LocatedYaml {
  if (isDeepYaml(text, most))
    return { root: null, problems: [{ ...START, message: 'it is nested too deeply' }] };
  const lines = new LineCounter();
  const { contents, errors, warnings } = parseDocument(text, {
    logLevel: 'error',
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const reader = new Reader(text, lines);
  for (const { pos, message } of [...errors, ...warnings].slice(0, MAX_PROBLEMS))
    reader.problem(pos[0], message);
  const root = contents === null || errors.length > 0 ? null : reader.read(contents, most);
  return { root, problems: reader.problems };
}

class Reader {
  readonly problems: YamlProblem[] = [];
  readonly #text: string;
  readonly #lines: LineCounter;

  constructor(text: string, lines: LineCounter) {
    this.#text = text;
    this.#lines = lines;
  }

  problem(offset: number, message: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ ...this.#position(offset), message });
  }

  read(node: Node | null, most: number): Located {
    const offset = node?.range?.[0] ?? 0;
    const at = this.#position(offset);
    const located = (value: Located['value']): Located => ({ at, value, positionOf: () => at });
    if (node === null) return located(null);
    const refused = refusal(node, most);
    if (refused !== null) {
      this.problem(offset, refused);
      return located(null);
    }
    if (isScalar(node)) return { at, ...this.#scalar(node, offset) };
    if (isSeq<Node>(node)) return located(node.items.map((item) => this.read(item, most - 1)));
    return located(isMap<Node, Node | null>(node) ? this.#entries(node.items, most) : null);
  }

  #entries(
    items: readonly { key: Node; value: Node | null }[],
    most: number,
  ): ReadonlyMap<string, LocatedEntry> {
    const entries = new Map<string, LocatedEntry>();
    for (const { key, value } of items) {
      const offset = key.range?.[0] ?? 0;
      if (!isScalar(key) || typeof key.value !== 'string') this.problem(offset, 'a key has to be a text');
      else if (entries.has(key.value)) this.problem(offset, `the key is there twice: ${key.value}`);
      else entries.set(key.value, { key: this.#position(offset), value: this.read(value, most - 1) });
    }
    return entries;
  }

  #scalar(node: Scalar, offset: number): Pick<Located, 'value' | 'positionOf'> {
    const { value } = node;
    if (typeof value === 'string') {
      const source = this.#text.slice(offset, node.range?.[1] ?? offset);
      return { value, positionOf: (index) => this.#position(offset + sourceIndex(source, value, index)) };
    }
    const plain = value === null || typeof value === 'boolean' || Number.isFinite(value);
    if (!plain) this.problem(offset, 'it is no text, number or truth');
    return { value: plain ? (value as number) : null, positionOf: () => this.#position(offset) };
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

function refusal(node: Node, most: number): string | null {
  if (most < 0) return 'it is nested too deeply';
  if (isAlias(node)) return 'an alias is not allowed';
  if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')) return 'a tag is not allowed';
  if ('anchor' in node && node.anchor !== undefined) return 'an anchor is not allowed';
  return null;
}

/**
 * Where letter `index` of a text stands in the YAML that says it. Quotes, indentation, folding and escapes only put letters
 * in between, nearly always blank ones: the text's own letters are looked for one after another.
 */
function sourceIndex(source: string, value: string, index: number): number {
  let at = /^[|>]/.test(source) ? source.indexOf('\n') + 1 : /^["']/.test(source) ? 1 : 0;
  for (const letter of value.slice(0, index)) {
    if (/\s/.test(letter)) continue;
    const found = source.indexOf(letter, at);
    if (found < 0) return at;
    at = found + letter.length;
  }
  const next = value.slice(index).trimStart()[0];
  return next === undefined ? at : Math.max(source.indexOf(next, at), at);
}
