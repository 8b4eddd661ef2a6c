import { type JsonLimits, overJsonLimit } from '../../core/json/bounded.ts';
import { refused } from './imported.ts';

/** A report of 50 MB has some six million values. */
const LIMITS: JsonLimits = { depth: 200, values: 12_000_000 };

/** Reads a report as JSON of a bounded depth and size. */
export function json(text: string): unknown {
  const over = overJsonLimit(text, LIMITS);
  if (over === 'depth') throw refused(`it is nested deeper than ${LIMITS.depth}`);
  if (over === 'values') throw refused(`it has more than ${LIMITS.values} values`);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw refused('it is no JSON, or only part of it', cause);
  }
}

/** Whether a value is an object with names and values. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value's own property by name, level by level. What any object inherits is not there. */
export function at(value: unknown, ...names: string[]): unknown {
  return names.reduce<unknown>(
    (inner, name) =>
      isObject(inner) && Object.hasOwn(inner, name) ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );
}

/** A text that is not empty; null for anything else. */
export function text(value: unknown, ...names: string[]): string | null {
  const found = at(value, ...names);
  return typeof found === 'string' && found.trim() !== '' ? found : null;
}

/** A text or a number, as a text: what tools use for ids. */
export function word(value: unknown, ...names: string[]): string | null {
  const found = at(value, ...names);
  return typeof found === 'number' ? String(found) : text(value, ...names);
}

/** A whole number from 0 on. */
export function count(value: unknown, ...names: string[]): number | null {
  const found = at(value, ...names);
  return Number.isSafeInteger(found) && (found as number) >= 0 ? (found as number) : null;
}

/** The items of a list; none when there is no list. */
export function list(value: unknown, ...names: string[]): readonly unknown[] {
  const found = at(value, ...names);
  return Array.isArray(found) ? (found as unknown[]) : [];
}

/** Object ids are compared as git prints them. */
export function commitId(value: unknown, ...names: string[]): string | undefined {
  const found = text(value, ...names)?.toLowerCase();
  return found !== undefined && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(found) ? found : undefined;
}
