import type { AskedBefore } from '../../git/repository/opening.ts';
import { REPOSITORY_QUERY } from '../../git/repository/repository-query.ts';
import { SETTINGS_QUERY } from '../../identity/recipients/settings-query.ts';
import { askedFirst, isId } from '../../ledger/reading/asked-first.ts';

/** What the shell of `bin/git-agent-log` asks git for `show` while Node starts. */
export function askedByShell(revision: string): AskedBefore {
  const commitQuery = ['rev-parse', '--quiet', '--verify', '--end-of-options', `${revision}^{commit}`];
  return {
    questions: [REPOSITORY_QUERY, SETTINGS_QUERY, commitQuery],
    names: (results) => {
      const commit = results[2]?.stdout.toString('latin1').trim() ?? '';
      return askedFirst(revision, isId(commit) ? commit : null);
    },
  };
}
