import { recordDigest } from '../core/digest.ts';
import type { Asking } from '../git/repository/asking.ts';
import { type Opening, openAsked, openHeld } from '../git/repository/opening.ts';
import { hasTold } from '../ledger/told/told.ts';
import { doAside } from './entry/aside.ts';
import { codeName } from './entry/code-name.ts';
import { answerShow, type SayingsOf } from './entry/show-answer.ts';
import { askedByShell } from './entry/show-asked.ts';
import { parseShow } from './entry/show-words.ts';
import type { Ended } from './start.ts';

/**
 * Where `show` starts: it has a bundle of its own with only what showing takes. Null when not all is as usual (other
 * words than these, no repository, something to take in first): then the program does it, from the beginning.
 */
export async function main(argv: readonly string[], asking: Asking | null): Promise<Ended | null> {
  const asked = parseShow(argv.slice(1));
  if (asked === null || asking === null) return null;
  const { name, flags } = asked;
  const opening = openingOf(asking, name);
  if (opening === null) return null;
  return doAside(
    { cwd: asking.cwd, opening },
    {
      // Decisions, approvals and exceptions are told by what this bundle does not have.
      needsProgram: hasTold,
      work: (io, ledger) => unlessForProgram(answerShow(io, ledger, name, flags, nobodySaid)),
      did: codeName(['show', name]),
    },
  );
}

/** Null where git did not answer: the program asks it, and says what is wrong. */
function openingOf(asking: Asking, name: string): Opening | null {
  if (asking.child !== null) return openAsked(asking);
  // What makes digests is loaded before anybody waits for the pipe, so that git has all the time it takes.
  recordDigest('');
  try {
    return openHeld(asking, askedByShell(name));
  } catch {
    return null;
  }
}

const FOR_PROGRAM = new Error('only the program can judge signatures');

/** Where anything was told of changes, this bundle does not begin. Where texts were erased somebody has to judge who says so. */
const nobodySaid: SayingsOf = (_, { erasure }) =>
  erasure === null ? Promise.resolve({}) : Promise.reject(FOR_PROGRAM);

async function unlessForProgram(answering: Promise<number>): Promise<number | null> {
  try {
    return await answering;
  } catch (error) {
    if (error === FOR_PROGRAM) return null;
    throw error;
  }
}
