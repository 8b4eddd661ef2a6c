import { hasQueued } from '../capture/payloads/queue.ts';
import { placeOf } from '../capture/place.ts';
import type { Asking } from '../git/repository/asking.ts';
import { openAsked } from '../git/repository/opening.ts';
import { doAside } from './entry/aside.ts';
import { codeName } from './entry/code-name.ts';
import { inScratch, planned, sayPlan } from './entry/plan-answer.ts';
import { parsePlan } from './entry/plan-words.ts';
import { withRemoteHint } from './shared/hint-remote.ts';
import type { Ended } from './start.ts';

/**
 * Where `git agent-revert --plan` starts: it has a bundle of its own with only what planning takes. Null when not all is as
 * usual (other words than these, no repository, something to take in first): then the program does it, from the beginning.
 */
export async function main(argv: readonly string[], asking: Asking | null): Promise<Ended | null> {
  const asked = parsePlan(argv.slice(1));
  if (asked === null || asking?.child == null) return null;
  const { names, flags } = asked;
  return doAside(
    { cwd: asking.cwd, opening: openAsked(asking) },
    {
      needsProgram: ({ repo }) => hasQueued(placeOf(repo)),
      work: (io, ledger) =>
        withRemoteHint(ledger, () =>
          inScratch(ledger, async (scratch) => {
            const plan = await planned(io, ledger, scratch, { txns: names, paths: [] }, flags);
            return sayPlan(io, plan, flags);
          }),
        ),
      did: codeName(argv),
    },
  );
}
