import { configQuery } from '../../git/repository/config.ts';
import { stagedQuery, WRITE_TREE } from '../../git/repository/index-diff.ts';
import { REPOSITORY_QUERY } from '../../git/repository/repository-query.ts';
import { LEDGER_REF } from '../../ledger/ledger.ts';
import { SEAL_CONFIG } from './context.ts';

/** What nearly every commit of an agent asks git: prepare-commit-msg's shell asks it while Node starts. */
export const QUESTIONS: readonly (readonly string[])[] = [
  REPOSITORY_QUERY,
  configQuery(SEAL_CONFIG),
  WRITE_TREE,
  stagedQuery('HEAD'),
];

/** Objects it reads, by name: the last few to see whether a branch's work has landed. */
export const OBJECTS: readonly string[] = [
  'HEAD^{commit}',
  `${LEDGER_REF}^{commit}`,
  'refs/heads/main^{commit}',
  'refs/remotes/origin/main^{commit}',
  'refs/heads/master^{commit}',
  'refs/remotes/origin/master^{commit}',
];

/** Says that the answers are on standard input, and that trailers handed to standard output get into the message. */
export const ASKED = '--asked';
