import { canonicalJson, wholeCharacters } from '../../../core/json/canonical.ts';

/** One text for one value. */
export function plain(value: unknown): string {
  return canonicalJson(value ?? null, wholeCharacters);
}

/** A value without members of some names, at any depth, and without those that are undefined. */
export function without(value: unknown, names: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => without(one, names));
  if (typeof value !== 'object' || value === null) return value ?? null;
  const kept = Object.entries(value).filter(([name, one]) => !names.has(name) && one !== undefined);
  return Object.fromEntries(kept.map(([name, one]) => [name, without(one, names)]));
}

/** A value for people, cut. */
export function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
