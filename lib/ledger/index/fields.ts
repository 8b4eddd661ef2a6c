import { Skimmer } from '../../core/json/skim.ts';
import { decoded, type LatinBytes } from '../../core/latin-bytes.ts';

/** What a line says, as far as it is asked. */
export interface Fields {
  value(name: string): unknown;
  /** The same of what is alike in many lines. */
  common(name: string): unknown;
  /** What is called so in the value of that name. */
  within(name: string, member: string): unknown;
}

/** Values that are remembered, and how long their texts may be: there are few models and sponsors. */
const MOST_COMMON = 1000;
const LONGEST_COMMON = 500;

/** What a skimmer finds in a line, of which no more is parsed than is wanted. */
export class SkimmedFields implements Fields {
  readonly #line: Skimmer;
  readonly #name = new Skimmer(['name']);
  readonly #known = new Map<string, unknown>();
  #isAscii = true;

  /** `names` are those that are asked for. */
  constructor(names: readonly string[]) {
    this.#line = new Skimmer(names);
  }

  /** False where the line takes a parser. */
  skim({ text, isAscii }: LatinBytes, start: number, end: number): boolean {
    this.#isAscii = isAscii;
    return this.#line.skim(text, start, end);
  }

  value(name: string): unknown {
    return this.#parsed(this.#line.text(name));
  }

  common(name: string): unknown {
    const text = this.#line.text(name);
    if (text === null) return undefined;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const value = this.#parsed(text);
    // A part of a text would keep all of it.
    if (text.length <= LONGEST_COMMON && this.#known.size < MOST_COMMON)
      this.#known.set(Buffer.from(text, 'latin1').toString('latin1'), value);
    return value;
  }

  within(name: string, member: string): unknown {
    const isSkimmed = this.#line.skimValue(name, this.#name);
    return isSkimmed ? this.#parsed(this.#name.text(member)) : memberOf(this.value(name), member);
  }

  #parsed(text: string | null): unknown {
    return text === null ? undefined : parsed(this.#isAscii ? text : decoded(text));
  }
}

/** The same of a line that is parsed whole; nothing of what is no JSON. */
export function fieldsOf(text: string): Fields {
  const whole = parsed(text);
  const value = (name: string): unknown => memberOf(whole, name);
  return { value, common: value, within: (name, member) => memberOf(value(name), member) };
}

function parsed(text: string): unknown {
  if (text.charCodeAt(0) === 34 && !text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
