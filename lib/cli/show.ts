import type { Asking } from '../git/repository/asking.ts';
import type { SaidOfChange } from '../ledger/reading/describe.ts';
import { hasTold } from '../ledger/told/told.ts';
import { doAside } from './entry/aside.ts';
import { codeName } from './entry/code-name.ts';
import { answerShow } from './entry/show-answer.ts';
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
    work: (io, ledger) => answerShow(io, ledger, name, flags, nobodySaid),
    did: codeName(['show', name]),
  });
}

/** Where anything was told of changes, this bundle does not begin. */
const nobodySaid = (): Promise<SaidOfChange> => Promise.resolve({});
