import { pipeOf } from '../objects/batch-pipe.ts';
import { Batch, type ObjectReader } from '../objects/catfile.ts';
import { type GitResult, gitFailed } from '../process/runner.ts';
import { askedReader } from './asked-reader.ts';
import type { Held, Started } from './asking.ts';
import { FirstAnswer } from './first-answer.ts';
import { heardKey } from './heard.ts';
import { HeldPipe } from './held-pipe.ts';
import { type Repository, repositoryFrom } from './repository.ts';
import { REPOSITORY_QUERY } from './repository-query.ts';

/** A repository that is being looked for, and its objects, which may be asked for at once. */
export interface Opening {
  readonly repository: Promise<Repository>;
  readonly reader: ObjectReader;
}

/** Opens the repository git was asked about. Where there is no shell to ask git, both promises fail. */
export function openAsked({ cwd, child, names }: Started): Opening {
  const first = new FirstAnswer();
  const repository = first.answer.then((answer) => repositoryFrom({ cwd }, accepted(answer)));
  // Whoever awaits it hears of a failure.
  repository.catch(() => undefined);
  return { repository, reader: askedReader(new Batch(pipeOf(child), first), names) };
}

/** What a git was asked before us: commands first, where the repository is before all others, then objects. */
export interface AskedBefore {
  readonly questions: readonly (readonly string[])[];
  /** Names of those objects, once it is known what the commands said. */
  readonly names: (results: readonly GitResult[]) => readonly string[];
}

/** Opens the repository a git was asked about that had been started before us. Throws where it did not answer. */
export function openHeld({ cwd }: Held, { questions, names }: AskedBefore): Opening {
  const pipe = new HeldPipe();
  const results = pipe.results(questions.length);
  const answers = new Map(questions.map((args, at) => [heardKey(args), results[at] as GitResult]));
  const reader = askedReader(new Batch(pipe), names(results));
  pipe.hear();
  const place = { cwd, heard: { answers, objects: new Map() } };
  const repository = new Promise<Repository>((resolve) =>
    resolve(repositoryFrom(place, accepted(results[0] as GitResult))),
  );
  // Whoever awaits it hears of a failure.
  repository.catch(() => undefined);
  return { repository, reader };
}

/** What git said where it could be started. */
function accepted(answer: GitResult): GitResult {
  if (answer.code === 0 || answer.code === 128) return answer;
  throw gitFailed(REPOSITORY_QUERY, answer.code, '');
}
