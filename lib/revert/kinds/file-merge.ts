import { mergeKeyed } from './keys/merge-keyed.ts';
import { keyedFormat } from './path-kinds.ts';
import { keyedParser } from './texts.ts';

/** Three versions of one file's text. */
export interface ThreeTexts {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/** Merges a file that people write by key, key by key; null where it is none, or where both sides changed a value. */
export async function mergeByKey(path: string, { base, ours, theirs }: ThreeTexts): Promise<string | null> {
  const format = keyedFormat(path);
  if (format === null) return null;
  const parse = await keyedParser(format);
  const [was, now, to] = [parse(base), parse(ours), parse(theirs)];
  if (was === null || now === null || to === null) return null;
  // A change can be made in ours, or ours in what it leads to: whichever of the two is nothing but keys.
  return mergeKeyed({ base: was, to, now }) ?? mergeKeyed({ base: was, to: now, now: to });
}

type LineEnds = 'lf' | 'crlf';

/** How all lines of a text end; null where they don't end alike, or there are none. */
function lineEndsOf(text: string): LineEnds | null {
  const all = text.split('\n').length - 1;
  const crlf = text.split('\r\n').length - 1;
  if (all === 0) return null;
  if (crlf === 0) return 'lf';
  return crlf === all ? 'crlf' : null;
}

/** The texts with the line ends one side changed them to; null where all three have the same, or one is mixed. */
export function withSameLineEnds({ base, ours, theirs }: ThreeTexts): ThreeTexts | null {
  const [was, mine, other] = [lineEndsOf(base), lineEndsOf(ours), lineEndsOf(theirs)];
  if (was === null || mine === null || other === null || (was === mine && was === other)) return null;
  const ends = mine === was ? other : mine;
  const as = (text: string): string => text.replaceAll(/\r?\n/g, ends === 'lf' ? '\n' : '\r\n');
  return { base: as(base), ours: as(ours), theirs: as(theirs) };
}
