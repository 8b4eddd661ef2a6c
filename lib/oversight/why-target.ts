import { AgentLogError } from '../core/errors.ts';

/** Which lines of which file are asked for; null lines: all of them. */
export interface WhyTarget {
  readonly path: string;
  readonly lines: { readonly from: number; readonly to: number } | null;
}

/**
 * What `<file>[:<line>[,<line>]]` may mean, the likelier first: a file may well be called `a:3`, so the whole text as a
 * name comes before a name and a line.
 */
export function targetsOf(given: string): WhyTarget[] {
  if (given === '') throw badTarget('no file is named');
  const match = /^(.+):(\d{1,9})(?:,(\d{1,9}))?$/s.exec(given);
  const whole: WhyTarget = { path: given, lines: null };
  if (match === null) return [whole];
  const [, path = '', first = '', second = first] = match;
  return [whole, { path, lines: inOrder(Number(first), Number(second)) }];
}

function inOrder(a: number, b: number): { from: number; to: number } {
  return { from: Math.min(a, b), to: Math.max(a, b) };
}

export function badTarget(message: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', message, {
    hints: ['Name a file and, if you like, a line or two: src/app.js, src/app.js:12, src/app.js:12,40.'],
  });
}
