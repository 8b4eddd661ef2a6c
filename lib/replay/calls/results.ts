import { parseObject } from '../../core/json/object.ts';
import type { Ended } from '../containment/run-limited.ts';

/** Whether what a command printed is what is recorded; `unknown`: not enough is recorded to tell. */
export type Match = 'same' | 'differs' | 'unknown';

const REDACTED = /\[redacted:[\w-]+\]/;
/** Ids of commits, in git's words about one it made: they hold when and by whom. */
const COMMIT_IDS = /^(\[[^\]\n]{1,200} )[0-9a-f]{7,64}\]/gm;

/** Compares what a command printed with its result as it was recorded (null: not kept). */
export function matchResult(result: string | null, ended: Ended): Match {
  if (result === null || REDACTED.test(result)) return 'unknown';
  if (ended.isCut) return 'differs';
  const said = saidIn(result);
  if (said === null) return isMixOf(outputIn(result), ended) ? 'same' : 'unknown';
  const separate = same(said.stdout, ended.stdout) && same(said.stderr, ended.stderr);
  const together = said.stderr === '' && isMixOf(said.stdout, ended);
  return separate || together ? 'same' : 'differs';
}

/** What a result tells apart, as Claude Code has it. */
function saidIn(result: string): { readonly stdout: string; readonly stderr: string } | null {
  const value = parseObject(result);
  const [stdout, stderr] = [value?.['stdout'], value?.['stderr'] ?? ''];
  return typeof stdout === 'string' && typeof stderr === 'string' ? { stdout, stderr } : null;
}

/**
 * What was printed, in a result that is a text: with the exit code before it (Claude Code, of a command that failed), among other
 * fields (Gemini CLI), or as it is.
 */
function outputIn(result: string): string {
  const [label] = /(?:^|\n)Output: /.exec(result) ?? [];
  const from = label === undefined ? -1 : result.indexOf(label) + label.length;
  const [output = ''] =
    from < 0
      ? [result.replace(/^Exit code \d+\n?/i, '')]
      : result.slice(from).split(/\n(?:Error|Exit Code|Signal|Background PIDs|Process Group PGID): /, 1);
  return output === '(empty)' ? '' : output;
}

function same(recorded: string, printed: string): boolean {
  return plain(recorded) === plain(printed);
}

/** Both outputs in one, each in its own order: agents often have them in one pipe. */
function isMixOf(recorded: string, { stdout, stderr }: Ended): boolean {
  const [both, first, second] = [recorded, stdout, stderr].map(linesOf);
  if (both === undefined || first === undefined || second === undefined) return false;
  if (both.length !== first.length + second.length || first.length * second.length > MOST_STEPS) return false;
  // Whether the first i + j lines of both can be the first i of one and the first j of the other; row by row.
  let row: boolean[] = [];
  for (let i = 0; i <= first.length; i++) {
    const above = row;
    row = [];
    for (let j = 0; j <= second.length; j++) {
      const line = both[i + j - 1];
      const isFirst = i > 0 && above[j] === true && first[i - 1] === line;
      const isSecond = j > 0 && row[j - 1] === true && second[j - 1] === line;
      row.push((i === 0 && j === 0) || isFirst || isSecond);
    }
  }
  return row[second.length] === true;
}

/** Of lines of one by lines of the other: what is more is not tried, and counts as something else. */
const MOST_STEPS = 4_000_000;

function linesOf(text: string): string[] {
  return plain(text).split('\n').filter(Boolean);
}

function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(COMMIT_IDS, '$1*]').trim();
}
