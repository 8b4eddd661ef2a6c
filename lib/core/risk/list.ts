/** So many keys are looked for in the text before it is worth reading it. */
const FEW = 50;

/** Keys and what they stand for, kept as JSON, one entry a line: whoever asks about the few paths of one commit never reads all of it. */
export class RiskList<Value> {
  readonly #lines: string;
  #asked = 0;
  #entries: ReadonlyMap<string, Value> | null = null;

  constructor(lines: string) {
    this.#lines = lines;
  }

  get(key: string): Value | undefined {
    if (this.#asked++ < FEW) return this.#find(key);
    this.#entries ??= new Map(
      this.#lines
        .split('\n')
        .slice(1)
        .map(parse<Value>),
    );
    return this.#entries.get(key);
  }

  /** A quote or a line feed in a key is escaped, so none can end it early. */
  #find(key: string): Value | undefined {
    const begin = this.#lines.indexOf(`\n[${JSON.stringify(key)},`) + 1;
    if (begin === 0) return undefined;
    const end = this.#lines.indexOf('\n', begin);
    return parse<Value>(this.#lines.slice(begin, end < 0 ? undefined : end))[1];
  }
}

/** Entries as a list keeps them: each line begins with a line feed. */
export function riskLines(entries: readonly (readonly [key: string, value: unknown])[]): string {
  return entries.map((entry) => `\n${JSON.stringify(entry)}`).join('');
}

function parse<Value>(line: string): [key: string, value: Value] {
  return JSON.parse(line) as [string, Value];
}
