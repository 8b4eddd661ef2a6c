import type { Person } from '../../core/person.ts';

interface Entry {
  /** Counts only for this name; for every name when null. */
  readonly onlyFor: string | null;
  readonly name: string | null;
  readonly email: string | null;
}

/** Who commits under an address, as `.mailmap` says; by the address in lower case. */
export type Mailmap = ReadonlyMap<string, readonly Entry[]>;

export const NO_MAILMAP: Mailmap = new Map();

const MAX_LINES = 100_000;
const LINE = /^([^<>]*)<([^<>]*)>(?:([^<>]*)<([^<>]*)>)?/;

/** Reads a `.mailmap` as git does. A line that says nothing is passed over, as git passes over it. */
export function parseMailmap(text: string): Mailmap {
  const entries = new Map<string, Entry[]>();
  for (const line of text.split('\n').slice(0, MAX_LINES)) {
    const found = line.startsWith('#') ? null : LINE.exec(line);
    if (found === null) continue;
    const [, name = '', email = '', otherName = '', otherEmail] = found;
    const address = (otherEmail ?? email).trim().toLowerCase();
    const entry = {
      onlyFor: otherEmail === undefined ? null : otherName.trim().toLowerCase() || null,
      name: name.trim() || null,
      email: otherEmail === undefined ? null : email.trim() || null,
    };
    // The last line for one name and address counts.
    const others = (entries.get(address) ?? []).filter(({ onlyFor }) => onlyFor !== entry.onlyFor);
    entries.set(address, [...others, entry]);
  }
  return entries;
}

/** Who a person is called by the mailmap; what it does not name stays as it is. */
export function mapped(mailmap: Mailmap, { name, email }: Person): Person {
  const entries = mailmap.get(email.toLowerCase()) ?? [];
  const lower = name.toLowerCase();
  const entry =
    entries.find(({ onlyFor }) => onlyFor === lower) ?? entries.find(({ onlyFor }) => onlyFor === null);
  return { name: entry?.name ?? name, email: entry?.email ?? email };
}
