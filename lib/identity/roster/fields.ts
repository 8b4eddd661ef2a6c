import type { Plain, PlainObject } from '../../core/yaml/plain.ts';

/** One thing that is wrong with a file, and how to mend it. */
export interface Problem {
  /** `people[2].email` */
  readonly where: string;
  readonly what: string;
  readonly hint: string;
}

/** Reads fields of a file somebody wrote by hand. What is wrong is noted, all of it, and left out. */
export class Fields {
  readonly problems: Problem[] = [];

  fail(where: string, what: string, hint: string): null {
    this.problems.push({ where, what, hint });
    return null;
  }

  /** The object at a place, if it has no keys but those. A misspelt one would else silently mean nothing. */
  object(value: Plain | undefined, where: string, keys: readonly string[]): PlainObject | null {
    if (value === null || typeof value !== 'object' || isList(value))
      return this.fail(where, 'is no mapping', `It has ${keys.join(', ')}.`);
    for (const key of Object.keys(value))
      if (!keys.includes(key))
        this.fail(`${where}.${cut(key)}`, 'is not known here', `Known are ${keys.join(', ')}.`);
    return value;
  }

  list(value: Plain | undefined, where: string, most: number): readonly Plain[] {
    if (value === undefined || value === null) return [];
    if (isList(value) && value.length <= most) return value;
    this.fail(where, 'is no list, or too long a one', `Write a list of ${most} things at most.`);
    return [];
  }

  text(value: Plain | undefined, where: string, pattern: RegExp, hint: string): string | null {
    if (typeof value === 'string' && pattern.test(value.trim())) return value.trim();
    if (value === undefined || value === null) return this.fail(where, 'is missing', hint);
    return this.fail(where, `can't be ${cut(typeof value === 'object' ? 'a list' : String(value))}`, hint);
  }

  /** Texts of a list, without those that are wrong. */
  texts(
    value: Plain | undefined,
    where: string,
    { most, pattern, hint }: { most: number; pattern: RegExp; hint: string },
  ): string[] {
    return this.list(value, where, most).flatMap(
      (item, i) => this.text(item, `${where}[${i}]`, pattern, hint) ?? [],
    );
  }

  /** A day or a moment in milliseconds since 1970; null when it is not given. A day ends after 24 hours. */
  time(value: Plain | undefined, where: string, end: boolean): number | null {
    if (value === undefined || value === null) return null;
    const hint = 'Write a day (2026-11-22) or a moment (2026-11-22T08:00:00Z), as UTC.';
    const text = this.text(value, where, /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?Z)?$/, hint);
    if (text === null) return null;
    const moment = Date.parse(text);
    if (Number.isNaN(moment) || new Date(moment).toISOString().slice(0, 10) !== text.slice(0, 10))
      return this.fail(where, `is no day there is: ${text}`, hint);
    return end && text.length === 10 ? moment + DAY_MS : moment;
  }
}

const DAY_MS = 86_400_000;

export function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

function cut(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
