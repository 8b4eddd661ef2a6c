import type { Scratch } from '../objects/scratch.ts';
import type { GitPlace } from '../process/environment.ts';
import { linesOf, type StartedAhead, startAhead } from '../process/stream.ts';
import type { TreePair } from '../trees/tree-diff.ts';
import { PINNED_DIFF, PINNED_SETTINGS } from './pinned-diff.ts';
import { unquotePath } from './quote-path.ts';

/** What was added to a file, as text. */
export interface AddedText {
  readonly path: string;
  readonly text: string;
}

const LONGEST_LINE = 64 * 1024;

/** Tells changes of a scratch repository's trees, a pair of ids a line, as patches: by a git that is started now where that takes no time. */
export function openPatches(place: GitPlace, env: Readonly<Record<string, string>>): StartedAhead {
  const args = [...PINNED_SETTINGS, 'diff-tree', '--stdin', '-r', '-U0', ...PINNED_DIFF];
  return startAhead(place, { args, env });
}

/**
 * The lines that changes of trees add, by file, up to `most` characters in all. `isWhole` tells whether that was everything.
 */
export async function addedText(
  scratch: Scratch,
  pairs: readonly TreePair[],
  most: number,
): Promise<{ readonly files: readonly AddedText[]; readonly isWhole: boolean }> {
  const stdin = pairs.map(({ from, to }) => `${from} ${to}\n`).join('');
  const files: { path: string; lines: string[] }[] = [];
  let [left, removed, added] = [most, 0, 0];
  for await (const line of linesOf(scratch.patches.ask(stdin), LONGEST_LINE)) {
    if (removed > 0 && line.startsWith('-')) removed--;
    else if (added > 0 && line.startsWith('+')) {
      added--;
      left -= line.length;
      if (left < 0) return { files: files.map(joined), isWhole: false };
      files.at(-1)?.lines.push(line.slice(1));
    } else if (line.startsWith('@@')) {
      const [, minus = '1', plus = '1'] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line) ?? [];
      [removed, added] = [Number(minus), Number(plus)];
    } else if (line.startsWith('+++ ')) files.push({ path: pathOf(line), lines: [] });
  }
  return { files: files.map(joined), isWhole: true };
}

/** `+++ b/path`, quoted where git has to, with a tab at the end where there is a blank in it. */
function pathOf(line: string): string {
  return unquotePath(line.slice(4).replace(/\t$/, '')).replace(/^b\//, '');
}

function joined({ path, lines }: { path: string; lines: string[] }): AddedText {
  return { path, text: lines.join('\n') };
}
