/** What has a JSON text: an object's absent members may be undefined. */
type Jsonable = object | string | number | boolean | null;

/**
 * A value as canonical JSON (RFC 8785): keys in the order of their UTF-16 units, no white space, numbers and texts as
 * ECMAScript writes them. Of plain values only; a member that is undefined is left out. Not made by giving JSON.stringify
 * an object in order: keys that look like numbers come first in any object.
 */
export function canonicalJson(value: Jsonable): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Jsonable) => canonicalJson(item)).join(',')}]`;
  const members = Object.entries(value as Record<string, Jsonable | undefined>)
    .filter((entry): entry is [string, Jsonable] => entry[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${canonicalJson(item)}`).join(',')}}`;
}
