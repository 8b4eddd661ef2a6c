import { spawn } from 'node:child_process';
import { batchReader, type ObjectReader } from './catfile.ts';
import { FirstAnswer } from './first-answer.ts';
import { REPOSITORY_QUERY, type Repository, repositoryFrom } from './repository.ts';
import { type GitResult, gitEnvironment, gitFailed } from './runner.ts';

/** A repository that is being looked for, and its objects, which may be asked for at once. */
export interface Opening {
  readonly repository: Promise<Repository>;
  readonly reader: ObjectReader;
}

/** What is asked stands in its arguments: the text is the same whatever they are. */
const ASK_THEN_READ = `git "$@" </dev/null; printf '\\0\\0%d\\n' $?; exec git cat-file --batch`;

/**
 * Opens the repository around a folder with one process of ours: a shell starts git faster than Node does, and the second git
 * while we still read what the first one said. Where there is no such shell both promises fail.
 */
export function openAround(cwd: string): Opening {
  const place = { cwd };
  const child = spawn('/bin/sh', ['-c', ASK_THEN_READ, 'sh', ...REPOSITORY_QUERY], {
    cwd,
    env: gitEnvironment(place),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const first = new FirstAnswer();
  const repository = first.answer.then((answer) => repositoryFrom(place, accepted(answer)));
  // Whoever awaits it hears of a failure.
  repository.catch(() => undefined);
  return { repository, reader: batchReader(child, first) };
}

/** What git said where it could be started. */
function accepted(answer: GitResult): GitResult {
  if (answer.code === 0 || answer.code === 128) return answer;
  throw gitFailed(REPOSITORY_QUERY, answer.code, '');
}
