import { readFile } from 'node:fs/promises';
import { withoutSeal } from '../../core/records/trailers.ts';
import { type GitPlace, runGit } from '../../git/process/runner.ts';
import { replaceContent } from '../../ledger/notes/files.ts';

/** Where a commit message ends and what git adds for the reader begins (`commit -v`, `--cleanup=scissors`). */
const SCISSORS = /^(.|#) ?-{24} >8 -{24}$/m;

/** Where no repository is and no setting: a trailer.<name>.key or .command of the user's would change what is written. */
export const NOBODYS: Readonly<Record<string, string>> = {
  GIT_DIR: '/dev/null',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

export const INTERPRET_TRAILERS: readonly string[] = [
  'interpret-trailers',
  '--in-place',
  '--no-divider',
  '--where',
  'end',
  '--if-exists',
  'addIfDifferent',
  '--if-missing',
  'add',
];

/** Trailers to be put into a message file. */
export interface MessageSeal {
  readonly file: string;
  readonly trailers: readonly string[];
  readonly commentChar: string;
  /** The seal that is there belongs to the commit as well, and stays. */
  readonly keep?: boolean;
}

/**
 * Puts seal trailers into a message file with `git interpret-trailers`, after taking an inherited seal out. The
 * user's own trailer.* settings do not change what is written; a message in another encoding keeps its bytes.
 */
export async function sealMessage({ cwd }: GitPlace, seal: MessageSeal): Promise<void> {
  const { file, trailers, commentChar } = seal;
  await makeReady(seal);
  const args = [
    '-c',
    `core.commentChar=${commentChar}`,
    ...INTERPRET_TRAILERS,
    ...trailers.flatMap((line) => ['--trailer', line]),
    file,
  ];
  await runGit({ cwd, foreign: true }, { args, env: NOBODYS });
}

/** Makes a message ready for a seal: without an inherited one, unless that is to stay, and with its last line ended. */
export async function makeReady({ file, keep }: MessageSeal): Promise<void> {
  const before = await readFile(file, 'latin1');
  const bare = endLine(keep === true ? before : withoutSeal(before));
  if (bare !== before) await replaceContent(file, Buffer.from(bare, 'latin1'));
}

/** git merge hands over its message without a line feed: trailers put right after one would join the subject. */
function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/**
 * True when git will find nothing but comments in the message, and so abort: then a seal must not be what makes it
 * a message. Comments count only when an editor was open, as in git.
 */
export function isEmptyMessage(text: string, commentChar: string, editor: boolean): boolean {
  return messageBody(text, commentChar, editor) === '';
}

/** The message as git's cleanup would leave it, for comparing: without comments, scissors and blank lines at the end. */
export function messageBody(text: string, commentChar: string, editor: boolean): string {
  const cut = SCISSORS.exec(text);
  const lines = (editor && cut ? text.slice(0, cut.index) : text).split('\n');
  const kept = editor ? lines.filter((line) => !line.startsWith(commentChar)) : lines;
  return kept
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}

/** As git judges it: what was typed is the template, with nothing or only sign-offs after it. */
export function isUntouchedTemplate(body: string, template: string): boolean {
  if (template === '' || !body.startsWith(template)) return false;
  const rest = body.slice(template.length).trim();
  return rest === '' || rest.split('\n').every((line) => line.startsWith('Signed-off-by: '));
}
