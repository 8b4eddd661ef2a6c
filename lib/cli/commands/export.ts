import { AgentLogError } from '../../core/errors.ts';
import { EXPORT_FORMATS, exportFormat, exportRecords, lineEndOf } from '../../evidence/export.ts';
import { commitsOfRange } from '../../git/history/named-range.ts';
import { withLedger } from '../shared/open.ts';
import { textFlag } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { openOutput } from '../terminal/output.ts';
import { progressOf } from '../terminal/progress.ts';
import { packageVersion } from '../version.ts';
import { count } from '../views/text.ts';

export async function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const [name, range] = args;
  if (name === undefined)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'export needs a format', {
      hints: [`There are: ${EXPORT_FORMATS.join(', ')}.`],
    });
  const format = exportFormat(name);
  return withLedger(io, async (ledger) => {
    const only = range === undefined ? null : new Set(await commitsOfRange(ledger.repo, range));
    const output = await openOutput(io, textFlag(flags, 'output'));
    const progress = progressOf(io);
    let written = 0;
    let left = 0;
    try {
      const leftOut = (): number => left++;
      for await (const line of exportRecords(ledger, {
        format,
        only,
        version: packageVersion(),
        now: io.now,
        leftOut,
      })) {
        await output.write(line + lineEndOf(format));
        progress.say(`exporting: ${++written} records`);
      }
    } catch (error) {
      await output.fail();
      throw error;
    }
    progress.end();
    await output.done();
    if (left > 0)
      io.say(
        `note: ${count(left, 'commit')} left out: not in this clone, or not shown to be its record's work.\n`,
      );
    return 0;
  });
}
