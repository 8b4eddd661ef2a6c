import { type ParsedLine, parseLine } from './record.ts';

/** The records of a note's text. Blank lines, which foreign tools put between entries, are no records. */
export function parseNote(text: string): ParsedLine[] {
  return noteLines(text).map(parseLine);
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
