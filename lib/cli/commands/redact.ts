import { localPii } from '../../capture/session/local-pii.ts';
import { AgentLogError } from '../../core/errors.ts';
import { commitsOfRange } from '../../git/history/named-range.ts';
import { selectRecords } from '../../ledger/reading/select.ts';
import { dryRedaction, textDigestsIn } from '../../oversight/dry-redaction.ts';
import { withLedger } from '../shared/open.ts';
import { textsOf } from '../shared/record-texts.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { redactionDocument, renderRedaction } from '../views/redact.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  if (flags['dryRun'] !== true)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'what was recorded is not redacted afterwards', {
      hints: ['`git agent-log redact --dry-run` says what would be found today.'],
    });
  return withLedger(io, async (ledger) => {
    const only = args[0] === undefined ? {} : { only: new Set(await commitsOfRange(ledger.repo, args[0])) };
    const pii = await localPii(ledger.repo);
    const progress = progressOf(io);
    const found = await selectRecords(ledger, only);
    const looked = await dryRedaction(found, {
      pii,
      texts: (records) => textsOf(ledger, records, textDigestsIn, io.env),
      progress: (done) => progress.say(() => `looking through records: ${done} of ${found.length}`),
    });
    progress.end();
    const document = redactionDocument(looked, pii);
    if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
    else await io.page(renderRedaction(document, io.paint));
    return document.found.length === 0 ? 0 : 1;
  });
}
