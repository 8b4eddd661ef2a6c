import type { Io } from '../io.ts';
import { withLedger } from '../open.ts';
import { answerShow } from '../show-answer.ts';
import type { Flags } from '../table.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  return withLedger(io, (ledger) => answerShow(io, ledger, args[0] ?? 'HEAD', flags));
}
