import type { RiskClass } from './globs.ts';

/** So many keys are looked for in the text before it is worth reading it. */
const FEW = 50;

type Entry = readonly [key: string, classes: readonly RiskClass[]];

/** Classes by key, kept as JSON: whoever asks about the few paths of one commit never reads all of it. */
export class RiskList {
  readonly #text: string;
  #asked = 0;
  #entries: ReadonlyMap<string, readonly RiskClass[]> | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  get(key: string): readonly RiskClass[] | undefined {
    if (this.#asked++ < FEW) return this.#find(key);
    this.#entries ??= new Map(JSON.parse(this.#text) as Entry[]);
    return this.#entries.get(key);
  }

  /** A quote in a key is escaped, so none can end it early. */
  #find(key: string): readonly RiskClass[] | undefined {
    const head = `[${JSON.stringify(key)},[`;
    const begin = this.#text.indexOf(head);
    if (begin < 0) return undefined;
    const end = this.#text.indexOf(']]', begin + head.length) + 2;
    return (JSON.parse(this.#text.slice(begin, end)) as Entry)[1];
  }
}
