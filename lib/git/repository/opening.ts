import type { ObjectReader } from '../objects/catfile.ts';
import { type GitResult, gitFailed } from '../process/runner.ts';
import { WaitingShells } from '../process/waiting.ts';
import { askedReader } from './asked-reader.ts';
import type { Asking } from './asking.ts';
import { FirstAnswer } from './first-answer.ts';
import { type Heard, heardKey } from './heard.ts';
import { type Repository, repositoryFrom } from './repository.ts';
import { REPOSITORY_QUERY } from './repository-query.ts';

/** A repository that is being looked for, and its objects, which may be asked for at once. */
export interface Opening {
  readonly repository: Promise<Repository>;
  readonly reader: ObjectReader;
}

/** Opens the repository git was asked about. Where there is no shell to ask git, both promises fail. */
export function openAsked(asking: Asking): Opening {
  const { cwd, question } = asking;
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
  const reader = askedReader(asking, first);
  const close = (): void => {
    waiting?.close();
    reader.close();
  };
  return { repository, reader: { ...reader, close } };
}

function heardOf(question: readonly string[], answer: GitResult): Heard {
  return { answers: new Map([[heardKey(question), answer]]), objects: new Map() };
}

/** What git said where it could be started. */
function accepted(answer: GitResult): GitResult {
  if (answer.code === 0 || answer.code === 128) return answer;
  throw gitFailed(REPOSITORY_QUERY, answer.code, '');
}
