import { txnNamed } from '../../ledger/txn.ts';
import type { Io } from '../io.ts';
import { withLedger } from '../open.ts';
import { lastOf, sayAndPrint } from '../saying.ts';
import type { Flags } from '../table.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  return withLedger(io, async (ledger) => {
    const found = await txnNamed(ledger, args[0] ?? 'HEAD');
    const said = { kind: 'sponsorship', named: lastOf(found, flags), txn: found.txn } as const;
    return sayAndPrint(io, ledger, said, flags);
  });
}
