import { sealConfig } from '../../capture/commit/context.ts';
import { AgentLogError } from '../../core/errors.ts';
import { remoteNames } from '../../git/refs/remote.ts';
import { committerLine } from '../../identity/committer.ts';
import { mayPushTo, readPayloadSettings } from '../../identity/recipients/settings.ts';
import { unreadableLines } from '../../ledger/binding/inspect.ts';
import { defaultRemote } from '../../ledger/sync/remote-ledger.ts';
import { type SyncOptions, syncLedger } from '../../ledger/sync/sync.ts';
import { finishErasuresOrSay, storeTextsOrSay, withLedger } from '../shared/open.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { renderSync, syncDocument } from '../views/sync.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const direction = directionOf(flags);
  return withLedger(io, async (ledger) => {
    const progress = progressOf(io);
    const remote = args[0] ?? (await defaultRemote(ledger.repo));
    const identity = committerLine(io.env, await sealConfig(ledger.repo), io.now);
    // Also what was held back: nobody may have been set to read it then.
    await storeTextsOrSay(io, ledger);
    const settings = await readPayloadSettings(ledger.repo);
    const payloads = { mayPush: mayPushTo(settings, remote, await remoteNames(ledger.repo)) };
    const result = await syncLedger(ledger, {
      remote,
      direction,
      identity,
      payloads,
      onProgress: progress.say,
    });
    await finishErasuresOrSay(io, ledger);
    progress.say('looking at what came');
    const unreadable = await unreadableLines(ledger, result.received.notes);
    progress.end();
    const document = syncDocument(result, unreadable);
    if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
    else io.print(renderSync(document, io.paint, io.columns));
    return 0;
  });
}

function directionOf(flags: Flags): SyncOptions['direction'] {
  const [push, fetch] = [flags['push'] === true, flags['fetch'] === true];
  if (push && fetch)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', '--push and --fetch exclude each other', {
      hints: ['Without either, both is done.'],
    });
  return push ? 'push' : fetch ? 'fetch' : 'both';
}
