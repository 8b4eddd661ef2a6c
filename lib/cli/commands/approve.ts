import { withLedger } from '../shared/open.ts';
import { changeNamed, sayAndPrint } from '../shared/saying.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  return withLedger(io, async (ledger) => {
    const named = await changeNamed(ledger, args[0] ?? 'HEAD', flags);
    return sayAndPrint(io, ledger, { kind: 'approval', named, txn: null }, flags);
  });
}
