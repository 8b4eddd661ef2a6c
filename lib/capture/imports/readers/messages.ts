import { type GitPlace, runGit } from '../../../git/process/runner.ts';
import { listRefs } from '../../../git/refs/refs.ts';

/** A commit and its message. */
export interface CommitMessage {
  readonly commit: string;
  readonly message: string;
}

/** Branches of tools that hold no work of the repository's own. */
const TOOL_BRANCH = /^refs\/(heads|remotes\/[^/]+)\/entire\//;

/** Where the history a person would look at ends: branches, tags and HEAD, without what tools keep as branches. */
export async function historyTips(place: GitPlace): Promise<string[]> {
  const refs = await listRefs(place, 'refs/heads/', 'refs/remotes/', 'refs/tags/');
  const tips = refs.filter(({ name, type }) => type === 'commit' && !TOOL_BRANCH.test(name));
  const head = await runGit(place, {
    args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'],
    okCodes: [1, 128],
  });
  const at = head.code === 0 ? [head.stdout.toString('utf8').trim()] : [];
  return [...new Set([...at, ...tips.map(({ oid }) => oid)])].sort();
}

/** The commits of the whole history whose message holds a text, whatever its case. */
export async function messagesWith(place: GitPlace, text: string): Promise<CommitMessage[]> {
  const tips = await historyTips(place);
  if (tips.length === 0) return [];
  const args = [
    'log',
    '-z',
    '-i',
    '-F',
    `--grep=${text}`,
    '--format=%H%n%B',
    '--no-color',
    '--no-show-signature',
    '--no-notes',
    '--stdin',
  ];
  const { stdout } = await runGit(place, { args, stdin: `${tips.join('\n')}\n` });
  return stdout
    .toString('utf8')
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => ({
      commit: entry.slice(0, entry.indexOf('\n')),
      message: entry.slice(entry.indexOf('\n') + 1),
    }));
}
