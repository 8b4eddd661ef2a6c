import { abort } from '../../revert/by-hand/abort.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { endDocument, renderEnd } from '../views/by-hand.ts';
import { withOwner } from './revert-continue.ts';
import { applierOf, refuseNames } from './revert-settings.ts';

/** `--abort`: exit 1 where it was too late, and the commit stands. */
export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  refuseNames(args, '--abort');
  return withOwner(io, async (ledger) => {
    const ended = await abort(ledger, await applierOf(io, ledger, flags));
    if (flags['json'] === true) io.print(`${JSON.stringify(endDocument(ended.result, ended))}\n`);
    else io.print(renderEnd(ended.result, ended, null, io));
    return ended.result === 'done' ? 1 : 0;
  });
}
