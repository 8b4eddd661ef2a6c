import { pipeOf } from '../objects/batch-pipe.ts';
import { Batch, type ObjectReader } from '../objects/catfile.ts';
import { type GitResult, gitFailed } from '../process/runner.ts';
import { WaitingShells } from '../process/waiting.ts';
import { askedReader } from './asked-reader.ts';
import type { Held, Started } from './asking.ts';
import { FirstAnswer } from './first-answer.ts';
import { type Heard, heardKey } from './heard.ts';
import { HeldPipe } from './held-pipe.ts';
import { type Repository, repositoryFrom } from './repository.ts';
import { REPOSITORY_QUERY } from './repository-query.ts';

/** A repository that is being looked for, and its objects, which may be asked for at once. */
export interface Opening {
  readonly repository: Promise<Repository>;
  readonly reader: ObjectReader;
}

/** Opens the repository git was asked about. Where there is no shell to ask git, both promises fail. */
export function openAsked(asking: Started): Opening {
  const { cwd, child, names, question } = asking;
  const second = question === null ? null : new FirstAnswer();
  const first = new FirstAnswer(second);
  const waiting = asking.waiting.length === 0 ? null : new WaitingShells(asking.waiting);
  const repository = Promise.all([first.answer, second?.answer]).then(([answer, settings]) => {
    const heard = question === null || settings === undefined ? null : heardOf(question, settings);
    const place = { cwd, ...(heard && { heard }), ...(waiting && { waiting }) };
    return repositoryFrom(place, accepted(answer));
  });
  // Whoever awaits it hears of a failure.
  repository.catch(() => undefined);
  const reader = askedReader(new Batch(pipeOf(child), first), names);
  const close = (): void => {
    waiting?.close();
    reader.close();
  };
  return { repository, reader: { ...reader, close } };
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

function heardOf(question: readonly string[], answer: GitResult): Heard {
  return { answers: new Map([[heardKey(question), answer]]), objects: new Map() };
}

/** What git said where it could be started. */
function accepted(answer: GitResult): GitResult {
  if (answer.code === 0 || answer.code === 128) return answer;
  throw gitFailed(REPOSITORY_QUERY, answer.code, '');
}
