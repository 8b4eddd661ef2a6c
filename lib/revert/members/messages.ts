import { type LoggedCommit, loggedRange } from '../../git/history/logged-range.ts';
import { type GitPlace, runGit } from '../../git/process/runner.ts';
import { SAYS_REVERT } from '../state/claims.ts';

/** What the messages of commits tell. */
interface Said {
  /** Commits with one of some transactions anywhere in their message. */
  readonly named: readonly string[];
  /** Whether any says that it takes another commit back. */
  readonly saysReverts: boolean;
  /** All commits that were searched; null where they are many. */
  readonly searched: readonly LoggedCommit[] | null;
}

/** Searches the messages of a branch once for all that is looked for in them: of what `since` does not lead to, where it is given. */
export async function commitsSaying(
  place: GitPlace,
  txns: readonly string[],
  tip: string,
  since: string | null = null,
): Promise<Said> {
  const searched = since === null ? null : await loggedRange(place, tip, since);
  const messages = searched ?? (await messagesWith([...txns, ...SAYS_REVERT], place, tip, since));
  const isTold = saying(txns);
  const isRevert = saying(SAYS_REVERT);
  return {
    named: messages.filter(({ message }) => isTold(message)).map(({ commit }) => commit),
    saysReverts: messages.some(({ message }) => isRevert(message)),
    searched,
  };
}

/** The messages of a branch that have any of some words in them, newest first. */
async function messagesWith(
  words: readonly string[],
  place: GitPlace,
  tip: string,
  since: string | null,
): Promise<Pick<LoggedCommit, 'commit' | 'message'>[]> {
  const wanted = words.flatMap((one) => ['--grep', one]);
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
  const texts = stdout.toString('utf8').split('\0').filter(Boolean);
  return texts.map((text) => {
    const end = text.indexOf('\n');
    return { commit: text.slice(0, end), message: text.slice(end + 1) };
  });
}

/** As git's `-i -F`: letters of ASCII count the same in either case, and only they. */
function saying(words: readonly string[]): (text: string) => boolean {
  const wanted = new RegExp(words.map((one) => one.replaceAll(/[^\w ]/g, '\\$&')).join('|'), 'i');
  return (text) => words.length > 0 && wanted.test(text);
}
