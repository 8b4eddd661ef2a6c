/**
 * Whether a text may be nested deeper than `most`, as a YAML library would have it: those go down by calls, and the time they
 * take over what is nested and unfinished grows with its third power. Said from its letters, before any of them looks; a text
 * with many brackets in its words is refused as well.
 */
export function isDeepYaml(text: string, most: number): boolean {
  let depth = 0;
  let deepest = 0;
  for (const letter of text) {
    if (letter === '[' || letter === '{') deepest = Math.max(deepest, ++depth);
    else if (letter === ']' || letter === '}') depth = Math.max(0, depth - 1);
  }
  return deepest > most || new RegExp(`^(?: {${most * 4}}|[ ]*(?:[-?:] ?){${most}})`, 'm').test(text);
}
