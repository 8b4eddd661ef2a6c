import type { Facts } from './facts.ts';

/** As a decision record holds them. */
const MAX_TEXT = 1000;
/** Items of a list that are written out: more would be cut anyway. */
const MAX_ITEMS = 200;

/** Facts by their paths, as JSON text of limited length. One that is not there is `null`. */
export function factTexts(facts: Facts, paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(paths.map((path) => [path, cut(jsonOf(valueAt(facts, path.split('.'))))]));
}

/** Cut between letters, with a mark that it was. */
export function cut(text: string, most: number = MAX_TEXT): string {
  return text.length <= most ? text : `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** `files[].path`: the path of each file. */
function valueAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value;
  const isList = name.endsWith('[]');
  const field = isList ? name.slice(0, -2) : name;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return null;
  const found = (value as Readonly<Record<string, unknown>>)[field];
  if (!isList) return valueAt(found, rest);
  return Array.isArray(found) ? found.slice(0, MAX_ITEMS).map((item) => valueAt(item, rest)) : null;
}

function jsonOf(value: unknown): string {
  const shown = Array.isArray(value) ? value.slice(0, MAX_ITEMS) : value;
  return (
    JSON.stringify(shown, (_, inner: unknown) =>
      Array.isArray(inner) && inner.length > MAX_ITEMS ? inner.slice(0, MAX_ITEMS) : inner,
    ) ?? 'null'
  );
}
