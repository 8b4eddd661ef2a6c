/** What is kept or left as one when notes are joined, with how often it is there. */
export type Units = ReadonlyMap<string, number>;

/**
 * The parts of a note, in order: each JSON line by itself; of any other text, what stands together without a blank line
 * between. A person's paragraph or another tool's indented JSON would be shredded if it were taken line by line.
 */
export function noteUnits(text: string): string[] {
  const units: string[] = [];
  let block: string[] = [];
  const close = (): void => {
    if (block.length > 0) units.push(block.join('\n'));
    block = [];
  };
  for (const line of text.split('\n')) {
    if (isRecordLine(line)) {
      close();
      units.push(line);
    } else if (BLANK.test(line)) close();
    else block.push(line);
  }
  close();
  return units;
}

export function countUnits(text: string): Units {
  const counts = new Map<string, number>();
  for (const unit of noteUnits(text)) counts.set(unit, (counts.get(unit) ?? 0) + 1);
  return counts;
}

/** What a text has that another has not, as often as it is missing there, in order. */
export function missingUnits(text: string, from: string): string[] {
  const left = new Map(countUnits(from));
  return noteUnits(text).filter((unit) => {
    const count = left.get(unit) ?? 0;
    left.set(unit, count - 1);
    return count <= 0;
  });
}

/**
 * Two versions of a note as one that has everything of both, each part as it is, byte for byte. Which of the two comes
 * first is decided by what they say, so that whoever joins the same two gets the same text. The texts are bytes as
 * latin1, so that what is no UTF-8 stays what it is.
 */
export function uniteNotes(one: string, other: string): string {
  const [first, second] = one < other ? [one, other] : [other, one];
  const missing = missingUnits(second, first);
  if (missing.length === 0) return first;
  if (missingUnits(first, second).length === 0) return second;
  return appendUnits(first, missing);
}

function appendUnits(text: string, units: readonly string[]): string {
  let last = noteUnits(text).at(-1);
  let all = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  for (const unit of units) {
    // Two paragraphs stay two.
    const gap = last !== undefined && !isRecordLine(last) && !isRecordLine(unit) ? '\n' : '';
    all += `${gap}${unit}\n`;
    last = unit;
  }
  return all;
}

const BLANK = /^[ \t\r]*$/;

function isRecordLine(line: string): boolean {
  return line.startsWith('{"') && line.endsWith('}') && !line.includes('\n');
}
