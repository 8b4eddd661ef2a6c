import { utcTime } from '../../core/utc-time.ts';
import { label } from '../agents/payload.ts';
import type { UnreadField } from './source.ts';

const MAX_NAMES = 50;
const MAX_NAME = 80;
/** What a record can hold as a name of something. */
const NAME = /^[^\u0000-\u001f\u007f-\u009f]{1,200}$/;

/** Counts the fields a parser did not ask for, by name, so that none is left out in silence. */
export class Tally {
  readonly #counts = new Map<string, number>();
  readonly #open: Fields[] = [];

  /** A value's fields. Null when it is no object. */
  open(value: unknown, path: string): Fields | null {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const fields = new Fields(value, path, this);
    this.#open.push(fields);
    return fields;
  }

  add(field: string): void {
    const name = label(field).slice(0, MAX_NAME);
    const kept = this.#counts.has(name) || this.#counts.size < MAX_NAMES ? name : '(more names)';
    this.#counts.set(kept, (this.#counts.get(kept) ?? 0) + 1);
  }

  /** Every field that was there and not asked for, or was of another type than it should be. */
  unread(): UnreadField[] {
    for (const fields of this.#open.splice(0)) for (const name of fields.left()) this.add(name);
    return [...this.#counts]
      .map(([field, count]) => ({ field, count }))
      .sort((a, b) => (a.field < b.field ? -1 : 1));
  }
}

/**
 * Careful reads of a foreign object: own properties only, each by type. A field of the wrong type counts as not read.
 */
export class Fields {
  readonly #object: object;
  readonly #path: string;
  readonly #tally: Tally;
  readonly #asked = new Set<string>();

  constructor(object: object, path: string, tally: Tally) {
    this.#object = object;
    this.#path = path;
    this.#tally = tally;
  }

  /** A string that is not empty. */
  text(name: string): string | null {
    return this.#read(name, (value) => (typeof value === 'string' ? value : undefined)) || null;
  }

  /** A short string for a record: no control characters, cut. */
  label(name: string): string | null {
    const text = this.text(name);
    return text === null ? null : label(text).trim() || null;
  }

  /** A whole number from 0 on. */
  count(name: string): number | null {
    return this.#read(name, (value) =>
      Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined,
    );
  }

  flag(name: string): boolean | null {
    return this.#read(name, (value) => (typeof value === 'boolean' ? value : undefined));
  }

  /** A moment with a zone, as RFC 3339 in UTC. One without a zone could be any of a day's. */
  time(name: string): string | null {
    return this.#read(name, (value) => (typeof value === 'string' ? utcTime(value) : undefined));
  }

  object(name: string): Fields | null {
    return this.#read(name, (value) => this.#tally.open(value, this.#under(name)) ?? undefined);
  }

  /** The items of a list that are objects; others count as not read. */
  objects(name: string): Fields[] {
    const path = `${this.#under(name)}[]`;
    return this.#list(name).flatMap((item) => {
      const fields = this.#tally.open(item, path);
      if (fields === null) this.#tally.add(path);
      return fields ?? [];
    });
  }

  texts(name: string): string[] {
    return this.#list(name).flatMap((item) => {
      if (typeof item === 'string') return [item];
      this.#tally.add(`${this.#under(name)}[]`);
      return [];
    });
  }

  /** The entries of an object used as a map. One under a key that can be no name is counted as unread. */
  entries(name: string): [string, Fields][] {
    const map = this.#read(name, (value) =>
      typeof value === 'object' && !Array.isArray(value) ? (value as object) : undefined,
    );
    return Object.entries(map ?? {}).flatMap(([key, value]) => {
      const fields = NAME.test(key) ? this.#tally.open(value, `${this.#under(name)}.*`) : null;
      if (fields === null) this.#tally.add(`${this.#under(name)}.*`);
      return fields === null ? [] : [[key, fields] as [string, Fields]];
    });
  }

  /** The keys of an object used as a map. */
  keys(name: string): string[] {
    const map = this.#read(name, (value) =>
      typeof value === 'object' && !Array.isArray(value) ? (value as object) : undefined,
    );
    return Object.keys(map ?? {});
  }

  /** A field's value as it is, for a parser that looks at it itself. */
  raw(name: string): unknown {
    return this.#read(name, (value) => value) ?? undefined;
  }

  /** Fields that say nothing a record could hold. */
  skip(...names: string[]): void {
    for (const name of names) this.#asked.add(name);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  left(): string[] {
    return Object.keys(this.#object)
      .filter((name) => !this.#asked.has(name))
      .map((name) => this.#under(name));
  }

  #list(name: string): unknown[] {
    return this.#read(name, (value) => (Array.isArray(value) ? (value as unknown[]) : undefined)) ?? [];
  }

  #read<T>(name: string, take: (value: unknown) => T | undefined): T | null {
    if (!Object.hasOwn(this.#object, name)) return null;
    this.#asked.add(name);
    const value = (this.#object as Record<string, unknown>)[name];
    if (value === null || value === undefined) return null;
    const taken = take(value);
    if (taken === undefined) this.#tally.add(this.#under(name));
    return taken ?? null;
  }

  #under(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
