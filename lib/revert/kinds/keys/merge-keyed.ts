import { type KeyEdit, type Keyed, type KeyedTable, type KeyedText, sameKeyed } from './keyed.ts';

/** Three versions of a document: what leads from `base` to `to` is made in `now`. */
export interface ThreeKeyed {
  readonly base: KeyedText;
  readonly to: KeyedText;
  readonly now: KeyedText;
}

/**
 * Makes the change between two versions of a document in a third, key by key; all other bytes stay. Null where a value
 * was changed on both sides, and where the change is more than keys (their order, a comment, white space), so that it
 * would only be made in part.
 */
export function mergeKeyed({ base, to, now }: ThreeKeyed): string | null {
  const change = { from: base, to };
  const whole = editsBetween(base.root, to.root, base.root);
  if (whole === null || base.edit(whole, change) !== to.text) return null;
  const edits = editsBetween(base.root, to.root, now.root);
  return edits === null ? null : now.edit(edits, change);
}

/** What has to change in `now`; null where it says neither what was nor what is to be. */
export function editsBetween(
  base: KeyedTable,
  to: KeyedTable,
  now: KeyedTable,
  path: readonly string[] = [],
): KeyEdit[] | null {
  const edits: KeyEdit[] = [];
  for (const key of new Set([...base.keys(), ...to.keys()])) {
    const versions = { before: base.get(key), after: to.get(key), here: now.get(key) };
    const more = editsAt(versions, [...path, key]);
    if (more === null) return null;
    edits.push(...more);
  }
  return edits;
}

interface Versions {
  readonly before: Keyed | undefined;
  readonly after: Keyed | undefined;
  readonly here: Keyed | undefined;
}

function editsAt({ before, after, here }: Versions, path: readonly string[]): KeyEdit[] | null {
  if (sameKeyed(before, after) || sameKeyed(here, after)) return [];
  if (isTable(before) && isTable(after) && isTable(here)) return editsBetween(before, after, here, path);
  if (!sameKeyed(before, here)) return null;
  if (after === undefined) return [{ what: 'remove', path }];
  return [{ what: before === undefined ? 'add' : 'replace', path }];
}

function isTable(value: Keyed | undefined): value is KeyedTable {
  return value !== undefined && typeof value !== 'string';
}

/** What a document says once edits were made; to hold the edited text against. */
export function tableWith(
  now: KeyedTable,
  to: KeyedTable,
  edits: readonly KeyEdit[],
  depth = 0,
): Map<string, Keyed> {
  const table = new Map(now);
  for (const key of new Set(edits.map(({ path }) => path[depth] ?? ''))) {
    const own = edits.filter(({ path }) => path[depth] === key);
    const [here, there] = [table.get(key), to.get(key)];
    if (own.some(({ path }) => path.length === depth + 1)) {
      if (there === undefined) table.delete(key);
      else table.set(key, there);
    } else if (isTable(here) && isTable(there)) table.set(key, tableWith(here, there, own, depth + 1));
  }
  return table;
}
