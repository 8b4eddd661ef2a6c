import { unquotePath } from './quote-path.ts';
import { type GitPlace, runGit } from './runner.ts';

/** Names that files lost to another name, in any commit of a branch's own line after `base` (null: from its beginning). */
export async function renamedPaths(
  place: GitPlace,
  base: string | null,
  tip: string,
): Promise<ReadonlySet<string>> {
  const { stdout } = await runGit(place, {
    args: [
      '-c',
      'core.quotePath=true',
      'log',
      '--first-parent',
      '-m',
      '--no-show-signature',
      '--format=',
      '--raw',
      '-M',
      '-l30000',
      '--diff-filter=R',
      '--no-ext-diff',
      tip,
      ...(base === null ? [] : [`^${base}`]),
      '--',
    ],
    env: { GIT_ATTR_NOSYSTEM: '1' },
  });
  const lines = stdout.toString('utf8').split('\n');
  return new Set(
    lines.filter((line) => line.startsWith(':')).map((line) => unquotePath(line.split('\t')[1] ?? '')),
  );
}
