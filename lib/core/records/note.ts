import { recordDigest } from '../digest.ts';
import { isReadable, type ParsedLine, parseLine } from './record.ts';

/** Lines that are no records are told one by one up to this many; the rest of them is counted. */
const MAX_TOLD = 1000;

/**
 * The records of a note's text. Blank lines, which foreign tools put between entries, are no records. Neither is a line
 * that does not name a schema of ours: a note full of them must not cost its reader a digest and a parse for each.
 */
export function parseNote(text: string): ParsedLine[] {
  const parsed: ParsedLine[] = [];
  let told = 0;
  let more = 0;
  for (const line of noteLines(text)) {
    if (told >= MAX_TOLD && !line.includes('agent-log/')) {
      more++;
      continue;
    }
    const one = parseLine(line);
    if (!isReadable(one)) told++;
    parsed.push(one);
  }
  return more === 0 ? parsed : [...parsed, notTold(more)];
}

function notTold(count: number): ParsedLine {
  const line = '';
  return {
    line,
    digest: recordDigest(line),
    problem: 'not-json',
    detail: `${count} more lines are no records`,
  };
}

export function noteLines(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/**
 * A note's text with lines added after what is there. What is there stays byte for byte; a line already there is not
 * added again.
 */
export function appendLines(text: string, lines: readonly string[]): string {
  const present = new Set(noteLines(text));
  const added = lines.filter((line) => !present.has(line) && present.add(line));
  if (added.length === 0) return text;
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${start}${added.join('\n')}\n`;
}
