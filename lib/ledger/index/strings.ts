/** Number of no string at all. */
export const NONE = 0xff_ff_ff_fe;
/** Number of a string that is too long to keep, or one too many: it may be any. */
export const ANY = 0xff_ff_ff_ff;

const MOST = 100_000;
const LONGEST = 256;

/** Names that come again and again, each kept once and numbered. A ledger full of made-up names does not fill memory. */
export class Strings {
  readonly #all: string[];
  readonly #ids: Map<string, number>;

  constructor(all: readonly string[] = []) {
    this.#all = [...all];
    this.#ids = new Map(all.map((text, id) => [text, id]));
  }

  get all(): readonly string[] {
    return this.#all;
  }

  /** The number of a string, a new one where it has none yet. */
  idOf(text: string | null): number {
    if (text === null) return NONE;
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (text.length > LONGEST || this.#all.length >= MOST) return ANY;
    this.#ids.set(text, this.#all.length);
    return this.#all.push(text) - 1;
  }

  /** The number its rows have: ANY, where it is not kept. */
  find(text: string): number {
    return this.#ids.get(text) ?? ANY;
  }

  /** The numbers of the strings that are wanted; ANY among them. */
  idsWhere(isWanted: (text: string) => boolean): ReadonlySet<number> {
    return new Set([ANY, ...this.#all.flatMap((text, id) => (isWanted(text) ? [id] : []))]);
  }
}
