import { saidOf } from '../../identity/said-of.ts';
import { answerShow } from '../entry/show-answer.ts';
import { withAskedLedger } from '../shared/far.ts';
import { txnsOfMr } from '../shared/mr-txns.ts';
import { textFlag } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  if (flags['web'] === true) return import('./show-web.ts').then((web) => web.run(io, args, flags));
  const mr = textFlag(flags, 'mr');
  return withAskedLedger(io, flags, mr === undefined ? (args[0] ?? 'HEAD') : null, async (ledger, asked) => {
    const names = mr === undefined ? [asked ?? 'HEAD'] : await txnsOfMr(ledger, mr);
    let code = 0;
    for (const name of names) code = Math.max(code, await answerShow(io, ledger, name, flags, saidOf));
    return code;
  });
}
