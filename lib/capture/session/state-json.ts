/**
 * JSON for local state with maps in it. Keys come from agents and file names, so they live in maps, never as
 * properties: a file called `__proto__` is a file like any other.
 */
export function stateToJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (item instanceof Map ? { '#map': [...item] } : item));
}

export function stateFromJson(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => (isMapForm(item) ? new Map(item['#map']) : item));
}

function isMapForm(item: unknown): item is { '#map': [unknown, unknown][] } {
  return typeof item === 'object' && item !== null && '#map' in item && isPairs(item['#map']);
}

function isPairs(value: unknown): boolean {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2);
}
