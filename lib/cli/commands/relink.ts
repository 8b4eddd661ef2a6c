import { sealConfig } from '../../capture/commit/context.ts';
import { relink } from '../../capture/relink.ts';
import { commitsOfRange } from '../../git/history/named-range.ts';
import { committerLine } from '../../identity/committer.ts';
import { withLedger } from '../shared/open.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { relinkDocument, renderRelink } from '../views/relink.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const dryRun = flags['dryRun'] === true;
  return withLedger(io, async (ledger) => {
    const commits = args[0] === undefined ? undefined : await commitsOfRange(ledger.repo, args[0]);
    const progress = progressOf(io);
    const identity = committerLine(io.env, await sealConfig(ledger.repo), io.now);
    const relinked = await relink(ledger, {
      ...(commits === undefined ? {} : { commits }),
      dryRun,
      identity,
      now: io.now,
      progress: (text) => progress.say(text),
    });
    progress.end();
    if (flags['json'] === true) io.print(`${JSON.stringify(relinkDocument(relinked, dryRun))}\n`);
    else await io.page(renderRelink(relinked, dryRun, io.paint));
    return relinked.unproven.some(({ why }) => why === 'shallow') ? 3 : 0;
  });
}
