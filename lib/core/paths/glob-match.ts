import { endsOfGlob, expandBraces, isClass } from './glob.ts';

/** Longer globs, and such with more braces and commas, are refused: alternatives multiply. */
const MAX_LENGTH = 500;
const MAX_ALTERNATIVES = 24;
/** Of all alternatives written out. */
const MAX_LETTERS = 20_000;

/** Why a text is no glob; null when it is one. */
export function problemOfGlob(glob: string): string | null {
  if (glob === '') return 'a glob is empty';
  if (glob.length > MAX_LENGTH) return `a glob is longer than ${MAX_LENGTH} letters`;
  if ((glob.match(/[{,]/g) ?? []).length > MAX_ALTERNATIVES) return 'a glob has too many alternatives';
  try {
    const letters = expandBraces(glob).reduce((sum, one) => sum + one.length, 0);
    return letters > MAX_LETTERS ? 'a glob has too many alternatives' : null;
  } catch {
    return 'a brace of a glob is not closed';
  }
}

/**
 * Tells whether a path fits a glob, as the globs of the risk classes are meant: `**` crosses folders, `*` and `?` do not,
 * and letter case does not matter. The time it takes grows with the path times the glob, whatever is in them: a regular
 * expression made of a hostile glob would go back again and again. Throws RangeError on what is no glob.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const problem = problemOfGlob(glob);
  if (problem !== null) throw new RangeError(problem);
  const matchers = expandBraces(glob.toLowerCase()).map(matcherOf);
  return (path) => {
    const lower = path.toLowerCase();
    return matchers.some((matches) => matches(lower));
  };
}

function matcherOf(glob: string): (path: string) => boolean {
  const [head, tail] = endsOfGlob(glob);
  const steps = stepsOf(glob);
  return (path) => path.startsWith(head) && path.endsWith(tail) && accepts(steps, path);
}

type Test = (letter: string) => boolean;

/** One state: where it leads without a letter, on which letters it stays, on which it goes to the next. */
interface Step {
  readonly skips: readonly number[];
  readonly stays: Test | null;
  readonly takes: Test | null;
}

const any: Test = () => true;
const inFolder: Test = (letter) => letter !== '/';
const slash: Test = (letter) => letter === '/';

const take = (takes: Test): Step => ({ skips: [], stays: null, takes });
const repeat = (stays: Test): Step => ({ skips: [1], stays, takes: null });
/** `(?:.*\/)?`: any folders, or none. */
const FOLDERS: readonly Step[] = [
  { skips: [1, 2], stays: null, takes: null },
  { skips: [], stays: any, takes: slash },
];
/** `(?:\/.*)?`: what is in a folder, or the folder itself. */
const WITHIN: readonly Step[] = [{ skips: [1, 3], stays: null, takes: null }, take(slash), repeat(any)];

function stepsOf(glob: string): readonly Step[] {
  const anywhere = glob.startsWith('**/');
  const parts = (anywhere ? glob.slice(3) : glob).match(/\/\*\*\/|\/\*\*$|\*\*|\[[^\]]*\]|[\s\S]/g) ?? [];
  return [...(anywhere ? FOLDERS : []), ...parts.flatMap(stepsOfPart)];
}

function stepsOfPart(part: string): readonly Step[] {
  if (part === '/**/') return [take(slash), ...FOLDERS];
  if (part === '/**') return WITHIN;
  if (part === '**') return [repeat(any)];
  if (part === '*') return [repeat(inFolder)];
  if (part === '?') return [take(inFolder)];
  if (part.length > 2 && isClass(part)) {
    const one = new RegExp(`^${part}$`, 's');
    return [take((letter) => one.test(letter))];
  }
  return part.split('').map((own) => take((letter) => letter === own));
}

/** All states a path may be in go along it side by side. */
function accepts(steps: readonly Step[], path: string): boolean {
  let now = new Uint8Array(steps.length + 1);
  now[0] = 1;
  skipAlong(steps, now);
  for (const letter of path.split('')) {
    const next = new Uint8Array(steps.length + 1);
    for (const [at, { stays, takes }] of steps.entries()) {
      if (now[at] === 0) continue;
      if (stays?.(letter) === true) next[at] = 1;
      if (takes?.(letter) === true) next[at + 1] = 1;
    }
    skipAlong(steps, next);
    now = next;
  }
  return now[steps.length] === 1;
}

/** Skips lead forward only. */
function skipAlong(steps: readonly Step[], states: Uint8Array): void {
  for (const [at, { skips }] of steps.entries())
    if (states[at] === 1) for (const by of skips) states[at + by] = 1;
}
