/** Lines from `start` up to, not including, `end` become `lines`. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** Lines around a replacement that have to be there for it to be made. */
const CONTEXT = 2;

/**
 * What merging a file most likely comes to: each change from `base` to `theirs` is made in `ours` at the one place where
 * all around it is as it was. Only a guess, to be confirmed by git; null where there is no such place.
 */
export function guessMerge(base: string, ours: string, theirs: string): string | null {
  const [a, b] = [linesOf(base), linesOf(theirs)];
  let lines = linesOf(ours);
  // The last first, so that the places before it stay what they are.
  for (const change of replacements(a, b).reverse()) {
    const from = Math.max(0, change.start - CONTEXT);
    const to = Math.min(a.length, change.end + CONTEXT);
    const at = onlyPlaceOf(a.slice(from, to), lines);
    if (at === null) return null;
    const [start, end] = [at + change.start - from, at + change.end - from];
    lines = [...lines.slice(0, start), ...change.lines, ...lines.slice(end)];
  }
  return lines.join('');
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function onlyPlaceOf(part: readonly string[], lines: readonly string[]): number | null {
  const [first] = part;
  let found: number | null = null;
  if (first === undefined) return null;
  for (let at = lines.indexOf(first); at >= 0; at = lines.indexOf(first, at + 1)) {
    if (!part.every((line, i) => lines[at + i] === line)) continue;
    if (found !== null) return null;
    found = at;
  }
  return found;
}

/** How one text becomes another, told apart at lines that both have once. */
function replacements(a: readonly string[], b: readonly string[]): Replacement[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [end, endB] = [a.length, b.length];
  while (end > start && endB > start && a[end - 1] === b[endB - 1]) {
    end--;
    endB--;
  }
  if (start === end && start === endB) return [];
  const found: Replacement[] = [];
  let at = { a: start, b: start };
  for (const anchor of [...anchors(a, b, { start, end, endB }), { a: end, b: endB }]) {
    if (anchor.a > at.a || anchor.b > at.b)
      found.push({ start: at.a, end: anchor.a, lines: b.slice(at.b, anchor.b) });
    at = { a: anchor.a + 1, b: anchor.b + 1 };
  }
  return found;
}

/** Lines that both texts have exactly once within what differs, as far as they come in one order. */
function anchors(
  a: readonly string[],
  b: readonly string[],
  within: { readonly start: number; readonly end: number; readonly endB: number },
): { a: number; b: number }[] {
  const inA = onceIn(a, within.start, within.end);
  const inB = onceIn(b, within.start, within.endB);
  const found: { a: number; b: number }[] = [];
  for (const [line, place] of inA) {
    const other = inB.get(line);
    if (place !== null && other != null && other > (found.at(-1)?.b ?? -1))
      found.push({ a: place, b: other });
  }
  return found;
}

/** The place of each line; null for one that is there more than once. */
function onceIn(lines: readonly string[], from: number, to: number): Map<string, number | null> {
  const places = new Map<string, number | null>();
  for (let at = from; at < to; at++) {
    const line = lines[at] ?? '';
    places.set(line, places.has(line) ? null : at);
  }
  return places;
}
