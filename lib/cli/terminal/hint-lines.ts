const HINT = 'hint: ';
/** What a hint goes on with: it can be told from another one. */
const MORE = 'hint:   ';

/** What is pasted is kept on one line: a command up to where its sentence goes on, and whatever stands in backticks. */
const WHOLE =
  /`[^`]+`|\bgit (?:agent-log|agent-revert|add|config|fetch|push|rebase|switch)\b(?:(?![.,:;)](?:\s|$)| or | and |[`(]).)*/g;

/** Hints of a text as lines that fit so many columns, as git writes its own. Other lines, and words longer than a line, stay as they are. */
export function wrapHints(text: string, columns: number): string {
  if (!text.includes(HINT)) return text;
  return text
    .split('\n')
    .flatMap((line) => (line.startsWith(HINT) && line.length > columns ? wrapped(line, columns) : [line]))
    .join('\n');
}

function wrapped(line: string, columns: number): string[] {
  // What a hint goes on with is indented: its first line has room to spare.
  const lines = wrapWords(line.slice(HINT.length), columns - MORE.length, columns - HINT.length);
  return lines.map((one, i) => `${i === 0 ? HINT : MORE}${one}`);
}

/** A text as lines of a width (the first may be wider), which keeps what is to be pasted on one line where it fits. */
export function wrapWords(text: string, width: number, first: number = width): string[] {
  const lines: string[] = [];
  let now = '';
  for (const word of wordsOf(text, width)) {
    const most = lines.length === 0 ? first : width;
    if (now !== '' && [...`${now} ${word}`].length > most) {
      lines.push(now);
      now = word;
    } else now = now === '' ? word : `${now} ${word}`;
  }
  return [...lines, now];
}

/** Words, of which a command that fits a line is one. */
function wordsOf(text: string, width: number): string[] {
  const blank = '\u0000';
  const joined = text.replaceAll(
    WHOLE,
    (one) => one.trimEnd().replaceAll(' ', blank) + /\s*$/.exec(one)?.[0],
  );
  return joined.split(' ').flatMap((word) => {
    const plain = word.replaceAll(blank, ' ');
    return plain.length > width ? plain.split(' ') : [plain];
  });
}

/** How wide what is said on stderr may be, as for stdout. A terminal nobody gave a size says 0. */
export function sayingColumns(): number {
  return Math.min((process.stderr.isTTY && process.stderr.columns) || 80, 120);
}
