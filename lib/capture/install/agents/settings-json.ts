/** Settings nested deeper than this are nobody's: written out with indentation, each level costs as much as all before it. */
const MAX_DEPTH = 100;

export type JsonObject = Readonly<Record<string, unknown>>;

/** A settings file's text as an object; null when it is no JSON, no object, or nested as no settings are. */
export function parseSettingsJson(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && isShallow(value, MAX_DEPTH) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((item) => isShallow(item, depth - 1));
}
