import type { Ledger } from '../../ledger/ledger.ts';
import type { Roster } from '../roster/roster.ts';
import { anchoring, type Signed } from './anchoring.ts';
import type { JudgedAt } from './judge.ts';
import { openpgpVerdicts } from './openpgp-verdicts.ts';

/**
 * All that judging some signatures takes besides the roster: when the branch anchored those whose keys have lost their force, and what gpg says of
 * those that are its. Neither costs anything where there is none of the kind. `now` is milliseconds since 1970.
 */
export async function judgedAt(
  ledger: Ledger,
  roster: Roster,
  signed: readonly Signed[],
  now: number,
): Promise<JudgedAt> {
  const signatures = signed.flatMap((one) =>
    one.signatures.filter(({ record }) => record === one.stored.digest),
  );
  const openpgp = await openpgpVerdicts(ledger.repo, roster, signatures);
  return { now, openpgp, anchored: await anchoring(ledger, roster, signed, { now, openpgp }) };
}
