import type { ObjectReader } from '../objects/catfile.ts';
import { type GitResult, gitFailed } from '../process/runner.ts';
import { askedReader } from './asked-reader.ts';
import type { Asking } from './asking.ts';
import { FirstAnswer } from './first-answer.ts';
import { type Repository, repositoryFrom } from './repository.ts';
import { REPOSITORY_QUERY } from './repository-query.ts';

/** A repository that is being looked for, and its objects, which may be asked for at once. */
export interface Opening {
  readonly repository: Promise<Repository>;
  readonly reader: ObjectReader;
}

/** Opens the repository git was asked about. Where there is no shell to ask git, both promises fail. */
export function openAsked(asking: Asking): Opening {
  const first = new FirstAnswer();
  const repository = first.answer.then((answer) => repositoryFrom({ cwd: asking.cwd }, accepted(answer)));
  // Whoever awaits it hears of a failure.
  repository.catch(() => undefined);
  return { repository, reader: askedReader(asking, first) };
}

/** What git said where it could be started. */
function accepted(answer: GitResult): GitResult {
  if (answer.code === 0 || answer.code === 128) return answer;
  throw gitFailed(REPOSITORY_QUERY, answer.code, '');
}
