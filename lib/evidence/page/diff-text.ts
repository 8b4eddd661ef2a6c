import { unquotePath } from '../../git/diffs/quote-path.ts';

export interface DiffLine {
  readonly kind: 'hunk' | 'add' | 'del' | 'same' | 'note';
  readonly text: string;
  /** Line number on the side the line is on; null for what is no line of the file. */
  readonly line: number | null;
}

export interface FileDiff {
  readonly path: string;
  readonly lines: readonly DiffLine[];
  readonly added: number;
  readonly removed: number;
}

/** The files of a diff as `git diff` prints it, in its order. What is no diff gives none. */
export function parseDiff(text: string): FileDiff[] {
  const parts = text.split(/^(?=diff --git )/m).filter((part) => part.startsWith('diff --git '));
  return parts.map(parseFile);
}

function parseFile(part: string): FileDiff {
  const all = part.replace(/\n$/, '').split('\n');
  const start = all.findIndex((line) => line.startsWith('@@ '));
  const head = start < 0 ? all : all.slice(0, start);
  const lines = start < 0 ? notes(all) : hunkLines(all.slice(start));
  return {
    path: pathOf(head),
    lines,
    added: lines.filter(({ kind }) => kind === 'add').length,
    removed: lines.filter(({ kind }) => kind === 'del').length,
  };
}

function pathOf(head: readonly string[]): string {
  const named = (mark: string): string | undefined => {
    const line = head.find((one) => one.startsWith(mark));
    const path = line === undefined ? undefined : unquotePath(line.slice(mark.length).replace(/\t$/, ''));
    return path === undefined || path === '/dev/null' ? undefined : path.slice(2);
  };
  return named('+++ ') ?? named('--- ') ?? pathOfFirst(head[0] ?? '');
}

/** Of `diff --git a/x b/x`, where both are the same: renames are off. */
function pathOfFirst(line: string): string {
  const rest = line.slice('diff --git '.length);
  const half = rest.slice((rest.length + 1) / 2);
  return unquotePath(half).slice(2);
}

/** What a diff without hunks says of the file: its mode, that it is binary. */
function notes(lines: readonly string[]): DiffLine[] {
  return lines
    .filter((line) => /^(Binary files|GIT binary|new file|deleted file|old mode|new mode)/.test(line))
    .map((text) => ({ kind: 'note', text, line: null }));
}

function hunkLines(lines: readonly string[]): DiffLine[] {
  let before = 0;
  let after = 0;
  return lines.map((text): DiffLine => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(text);
    if (hunk !== null) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      return { kind: 'hunk', text, line: null };
    }
    if (text.startsWith('+')) return { kind: 'add', text: text.slice(1), line: after++ };
    if (text.startsWith('-')) return { kind: 'del', text: text.slice(1), line: before++ };
    if (text.startsWith('\\')) return { kind: 'note', text: text.slice(2), line: null };
    before += 1;
    return { kind: 'same', text: text.slice(1), line: after++ };
  });
}
