/** Clocks of people who mean no harm differ by no more, in milliseconds. What is dated further ahead is wrong, or means to have the last word for ever. */
export const CLOCK_SKEW_MS: number = 24 * 60 * 60 * 1000;

/** Whether a time as records have it (RFC 3339 in UTC) is one that there is: no thirteenth month, no 30 February. */
export function isMoment(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 19) === text.slice(0, 19);
}

/** A moment as RFC 3339 in UTC; undefined when it is none or names no zone. */
export function utcTime(text: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i.test(text))
    return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
