import { AgentLogError } from '../../core/errors.ts';
import type { Flags } from '../table/table.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Milliseconds since 1970 of a day's start (its end for what ends with it), local time, or of a moment. Throws BAD_ARGUMENT. */
export function moment(text: string, flag: string, endOfDay: boolean): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = Date.parse(isDay ? `${text}T00:00:00` : text);
  if (Number.isNaN(time))
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `${flag} is no date: ${text}`, {
      hints: ['Write 2026-11-22, or 2026-11-22T14:00:00Z.'],
    });
  return isDay && endOfDay ? time + DAY_MS : time;
}

/** A flag that is a day or a moment; undefined where it was not given. */
export function momentFlag(flags: Flags, name: string, endOfDay: boolean): number | undefined {
  const text = flags[name];
  return typeof text === 'string' ? moment(text, `--${name}`, endOfDay) : undefined;
}

/** A flag that says until when: the last moment of a day, or a moment; undefined where it was not given. */
export function lastMomentFlag(flags: Flags, name: string): string | undefined {
  const end = momentFlag(flags, name, true);
  if (end === undefined) return undefined;
  return new Date(String(flags[name]).length === 10 ? end - 1 : end).toISOString();
}
