import { recordDigest } from '../core/digest.ts';
import type { Asking } from '../git/asking.ts';
import { type Opening, openAsked } from '../git/opening.ts';
import { rememberingReader } from '../git/remembering.ts';
import type { Repository } from '../git/repository.ts';
import type { SaidOfChange } from '../ledger/describe.ts';
import { hasFetched } from '../ledger/has-fetched.ts';
import { hasTold } from '../ledger/told.ts';
import { hasUnfinishedErasure } from '../oversight/retention/intents.ts';
import { wantsColor } from './color.ts';
import { ending } from './ending.ts';
import { indexingOf } from './indexing.ts';
import { openIo } from './io.ts';
import { answerShow } from './show-answer.ts';
import { type AskedToShow, parseShow } from './show-words.ts';
import { codeName, type Ended } from './start.ts';
import { isBroken, whatWaits } from './waits.ts';
import { writeOut } from './write-out.ts';

/**
 * Where `show` starts: it has a bundle of its own with only what showing takes. Null when not all is as usual (other
 * words than these, no repository, something to take in first): then the program does it, from the beginning.
 */
export async function main(argv: readonly string[], asking: Asking | null): Promise<Ended | null> {
  const asked = parseShow(argv.slice(1));
  if (asked === null || asking === null) return null;
  const opening = openAsked(asking);
  try {
    // While git answers we load what makes digests.
    recordDigest('');
    const [color, repo] = await Promise.all([wantsColor(asking.cwd, true), settled(opening)]);
    return repo === null ? null : await show(asked, opening, repo, color);
  } finally {
    opening.reader.close();
  }
}

function show(
  { name, flags }: AskedToShow,
  { reader }: Opening,
  repo: Repository,
  color: boolean,
): Promise<Ended> {
  return ending(false, async () => {
    let isSaid = true;
    const io = await openIo(repo.cwd, color, Promise.resolve(repo), (text) => {
      isSaid = writeOut(text) && isSaid;
    });
    const indexing = indexingOf(io);
    // Nobody writes meanwhile: what a transaction's commits have in common is read once.
    const once = rememberingReader(reader);
    const ledger = { repo, reader: once, indexing, notes: new Map(), close: () => reader.close() };
    const code = await answerShow(io, ledger, name, flags, nobodySaid);
    return { code, did: code === 0 ? codeName(['show', name]) : null, isSaid };
  });
}

/** Where anything was told of changes, this bundle does not begin. */
const nobodySaid = (): Promise<SaidOfChange> => Promise.resolve({});

/** The repository, if there is one, nothing in it waits to be taken in, and it has no decisions, approvals or exceptions. */
async function settled({ repository, reader }: Opening): Promise<Repository | null> {
  const repo = await repository.catch(() => null);
  if (repo === null || (await whatWaits(repo)) !== null || (await hasFetched(repo))) return null;
  if (await hasUnfinishedErasure(repo)) return null;
  const [isTold, broken] = await Promise.all([hasTold({ repo, reader }), isBroken({ repo, reader })]);
  return isTold || broken ? null : repo;
}
