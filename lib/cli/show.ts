import type { Asking } from '../git/repository/asking.ts';
import { hasTold } from '../ledger/told/told.ts';
import { doAside } from './entry/aside.ts';
import { codeName } from './entry/code-name.ts';
import { answerShow, type SayingsOf } from './entry/show-answer.ts';
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
  return doAside(asking, {
    // Decisions, approvals and exceptions are told by what this bundle does not have.
    needsProgram: hasTold,
    work: (io, ledger) => unlessForProgram(answerShow(io, ledger, name, flags, nobodySaid)),
    did: codeName(['show', name]),
  });
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
