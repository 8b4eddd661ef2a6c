import { type JsonLimits, overJsonLimit } from '../../core/json/bounded.ts';
import { isProblem, problem, type SourceProblem } from './source.ts';

/** Notes of 3 MB are real; over this nothing is read. */
export const MAX_SOURCE_BYTES: number = 16 * 1024 * 1024;
const LIMITS: JsonLimits = { depth: 100, values: 500_000 };

type Problem = { readonly problem: SourceProblem };

/** A source's bytes as text. Never throws. */
export function sourceText(
  source: Uint8Array | string,
  limit: number = MAX_SOURCE_BYTES,
): { readonly text: string } | Problem {
  const size = typeof source === 'string' ? Buffer.byteLength(source) : source.byteLength;
  if (size > limit) return problem('too-large', `${size} bytes, over ${limit}`);
  if (typeof source === 'string') return { text: source };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(source) };
  } catch {
    return problem('not-text', 'not UTF-8');
  }
}

/** Parses JSON of a bounded size and depth. Never throws. Keys such as `__proto__` are keys like any other. */
export function sourceJson(source: Uint8Array | string): { readonly value: unknown } | Problem {
  const decoded = sourceText(source);
  if (isProblem(decoded)) return decoded;
  const over = overJsonLimit(decoded.text, LIMITS);
  if (over === 'depth') return problem('too-deep', `nested deeper than ${LIMITS.depth}`);
  if (over === 'values') return problem('too-many', `more than ${LIMITS.values} values`);
  try {
    return { value: JSON.parse(decoded.text) as unknown };
  } catch {
    return problem('not-json', 'not JSON');
  }
}
