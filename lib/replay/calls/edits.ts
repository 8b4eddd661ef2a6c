import type { TextEdit } from './step.ts';

/** A text after edits; or why one of them can't be done. */
export type Edited = { readonly text: string } | { readonly problem: string };

/** Replaces texts as an agent's tool does: each has to be there, and once only unless all of them are meant. */
export function applyEdits(text: string, edits: readonly TextEdit[]): Edited {
  let edited = text;
  for (const { before, after, all } of edits) {
    const times = before === '' ? 0 : edited.split(before).length - 1;
    if (times === 0) return { problem: 'the text it replaced is not there' };
    if (times > 1 && !all) return { problem: `the text it replaced is there ${times} times` };
    edited = edited.replaceAll(before, () => after);
  }
  return { text: edited };
}
