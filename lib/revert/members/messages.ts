import { type GitPlace, runGit } from '../../git/process/runner.ts';
import { SAYS_REVERT } from '../state/claims.ts';

/** What the messages of commits tell. */
interface Said {
  /** Commits with one of some transactions anywhere in their message. */
  readonly named: readonly string[];
  /** Whether any says that it takes another commit back. */
  readonly saysReverts: boolean;
}

/** Searches the messages of a branch once for all that is looked for in them: of what `since` does not lead to, where it is given. */
export async function commitsSaying(
  place: GitPlace,
  txns: readonly string[],
  tip: string,
  since: string | null = null,
): Promise<Said> {
  const wanted = [...txns, ...SAYS_REVERT].flatMap((words) => ['--grep', words]);
  const args = [
    'log',
    '-i',
    '-F',
    ...wanted,
    '-z',
    '--format=%H%n%B',
    '--no-show-signature',
    '--encoding=UTF-8',
  ];
  const range = since === null ? [tip] : [tip, `^${since}`];
  const { stdout } = await runGit(place, { args: [...args, '--end-of-options', ...range, '--'] });
  const named: string[] = [];
  let saysReverts = false;
  for (const text of stdout.toString('utf8').split('\0').filter(Boolean)) {
    const end = text.indexOf('\n');
    const message = text.slice(end + 1);
    if (txns.some((txn) => includesWords(message, txn))) named.push(text.slice(0, end));
    saysReverts ||= SAYS_REVERT.some((words) => includesWords(message, words));
  }
  return { named, saysReverts };
}

/** As git's `-i -F`: letters of ASCII count the same in either case, and only they. */
function includesWords(text: string, words: string): boolean {
  return new RegExp(words.replaceAll(/[^\w ]/g, '\\$&'), 'i').test(text);
}
