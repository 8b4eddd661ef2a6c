import { AGENT_VARIABLES } from '../../capture/agents/detect.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What compiled code is kept under. Commands differ in what they run of the program: one name for each, two for what may be
 * a commit or a transaction, and for what a commit waits for one for each way an agent makes itself known: a transaction
 * begun by hand takes none of the code that reads an agent's events, so whichever came first would decide what is kept.
 */
export function codeName(argv: readonly string[], env: Environment = process.env): string {
  const [command, name = ''] = argv;
  if (command === 'show' && TXN.test(name)) return 'show-txn';
  const words = command === 'hook' ? [command, name, ...wayOf(name, env)] : argv.slice(0, 1);
  return words.join('-').replaceAll(/[^a-z-]/g, '');
}

/** As transactions are named, and few commits. Not "in either case", which V8 takes ten times as long to compile. */
const TXN = /^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{7,25}$/;

/** Hooks that a commit waits for. */
export const WAITED_FOR: ReadonlySet<string> = new Set(['prepare-commit-msg', 'commit-msg', 'unsealed']);

function wayOf(hook: string, env: Environment): string[] {
  const variable = WAITED_FOR.has(hook) ? AGENT_VARIABLES.find((one) => env[one]) : undefined;
  return variable === undefined ? [] : [variable.toLowerCase().replaceAll('_', '-')];
}

/** Flags of V8 are of this form. Paths and addresses are not, of which there may be any number. */
const FLAG = /^--[a-z0-9_-]+(?:=\d+)?$/i;
const MAX_LETTERS = 100;

/** V8 takes compiled code only under the flags it was compiled under: a shell with NODE_OPTIONS and one without each keep their own. */
export function flagsName(options: string | undefined, flags: readonly string[]): string {
  if (options === undefined && flags.length === 0) return '';
  const given = [...(options ?? '').split(/\s+/), ...flags].filter((word) => FLAG.test(word));
  return given.join('').slice(0, MAX_LETTERS);
}
