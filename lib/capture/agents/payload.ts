import { isAbsolute, resolve } from 'node:path';

/** Careful reads of a hook payload: every field is the agent's text and may be anything. */
export type Payload = Readonly<Record<string, unknown>>;

export function textField(payload: Payload, name: string): string | undefined {
  const value = payload[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberField(payload: Payload, name: string): number | undefined {
  const value = payload[name];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A million times what one call can take: what a vendor tells beyond it is no count, and sums of counts stay exact. */
const MOST_TOKENS = 1e12;

/** A number of tokens as a vendor tells it, 0 where it tells none. */
export function tokenCount(usage: Payload, name: string): number {
  const told = numberField(usage, name) ?? 0;
  return told <= MOST_TOKENS ? Math.floor(told) : 0;
}

export function objectField(payload: Payload, name: string): Payload {
  return asObject(payload[name]);
}

/** The items of a list as objects; one that is none is an empty object. No list, no items. */
export function objectsIn(value: unknown): Payload[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

function asObject(value: unknown): Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : {};
}

/** Ids and names go into records as they are, so they are kept short and free of control characters. */
export function label(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ').slice(0, 200);
}

/** A value as text: strings as they are, anything else as JSON. One nested too deeply to be written says so instead. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    if (error instanceof RangeError) return '(nested too deeply to be kept)';
    throw error;
  }
}

/** A path from the root on; null when it is relative to nobody knows what. */
export function absolutePath(path: string, cwd: string | null): string | null {
  if (isAbsolute(path)) return resolve(path);
  return cwd === null ? null : resolve(cwd, path);
}

/** A URL without user, query and fragment, which may hold secrets; undefined when it is none. */
export function plainUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname}`.slice(0, 500);
}

/** Optional fields as they go into an event: what is undefined is left out. */
export function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** A ticket or page: as given, without what a URL may hide in its user, query or fragment. */
export function taskRef(ref: string | undefined): string | null {
  return ref === undefined ? null : (plainUrl(ref) ?? label(ref));
}
