/** What a document says under a key: a table of more keys, or anything else, as the text it is written with. */
export type Keyed = KeyedTable | string;
export type KeyedTable = ReadonlyMap<string, Keyed>;

/** A document whose keys can be changed one by one, with every other byte left as it is. */
export interface KeyedText {
  readonly text: string;
  readonly root: KeyedTable;
  /** The text with edits made, each with what `edited.to` says there; null where that can't be done by keys alone. */
  edit(edits: readonly KeyEdit[], edited: Edited): string | null;
}

/** The two documents whose difference is made. */
export interface Edited {
  readonly from: KeyedText;
  readonly to: KeyedText;
}

/** One key that goes, comes, or gets another value. */
export interface KeyEdit {
  readonly what: 'remove' | 'add' | 'replace';
  readonly path: readonly string[];
}

/** Reads a document; null where it is none, or more than anybody writes by hand. */
export type ParseKeyed = (text: string) => KeyedText | null;

/** Deeper than that is no manifest. */
export const MOST_DEPTH = 64;
/** In characters. */
export const LONGEST_TEXT = 2_000_000;

export function sameKeyed(a: Keyed | undefined, b: Keyed | undefined): boolean {
  if (a === undefined || b === undefined || typeof a === 'string' || typeof b === 'string') return a === b;
  return a.size === b.size && [...a].every(([key, value]) => sameKeyed(value, b.get(key)));
}
