import { hasQueued } from '../capture/payloads/queue.ts';
import { placeOf } from '../capture/place.ts';
import { recordDigest } from '../core/digest.ts';
import type { Asking } from '../git/asking.ts';
import { type Opening, openAsked } from '../git/opening.ts';
import { rememberingReader } from '../git/remembering.ts';
import type { Repository } from '../git/repository.ts';
import { hasFetched } from '../ledger/has-fetched.ts';
import { hasUnfinishedErasure } from '../oversight/retention/intents.ts';
import { wantsColor } from './color.ts';
import { ending } from './ending.ts';
import { withRemoteHint } from './hint-remote.ts';
import { indexingOf } from './indexing.ts';
import { openIo } from './io.ts';
import { inScratch, planned, sayPlan } from './plan-answer.ts';
import { type AskedToPlan, parsePlan } from './plan-words.ts';
import type { Ended } from './start.ts';
import { isBroken, whatWaits } from './waits.ts';
import { writeOut } from './write-out.ts';

/**
 * Where `git agent-revert --plan` starts: it has a bundle of its own with only what planning takes. Null when not all is as
 * usual (other words than these, no repository, something to take in first): then the program does it, from the beginning.
 */
export async function main(argv: readonly string[], asking: Asking | null): Promise<Ended | null> {
  const asked = parsePlan(argv.slice(1));
  if (asked === null || asking === null) return null;
  const opening = openAsked(asking);
  try {
    // While git answers we load what makes digests.
    recordDigest('');
    const [color, repo] = await Promise.all([wantsColor(asking.cwd, true), settled(opening)]);
    return repo === null ? null : await plan(asked, opening, repo, color);
  } finally {
    opening.reader.close();
  }
}

function plan(
  { names, flags }: AskedToPlan,
  { reader }: Opening,
  repo: Repository,
  color: boolean,
): Promise<Ended> {
  return ending(false, async () => {
    let isSaid = true;
    const io = await openIo(repo.cwd, color, Promise.resolve(repo), (text) => {
      isSaid = writeOut(text) && isSaid;
    });
    // Nothing is written meanwhile but in a scratch repository.
    const once = rememberingReader(reader);
    const indexing = indexingOf(io);
    const ledger = { repo, reader: once, indexing, notes: new Map(), close: () => reader.close() };
    const code = await withRemoteHint(ledger, () =>
      inScratch(ledger, async (scratch) => {
        const made = await planned(io, ledger, scratch, { txns: names, paths: [] }, flags);
        return sayPlan(io, made, flags);
      }),
    );
    return { code, did: code === 0 ? 'agent-revert' : null, isSaid };
  });
}

/** The repository, if there is one and nothing in it waits to be taken in. */
async function settled({ repository, reader }: Opening): Promise<Repository | null> {
  const repo = await repository.catch(() => null);
  if (repo === null || (await whatWaits(repo)) !== null || (await hasFetched(repo))) return null;
  if ((await hasUnfinishedErasure(repo)) || (await hasQueued(placeOf(repo)))) return null;
  return (await isBroken({ repo, reader })) ? null : repo;
}
