import { sealConfig } from '../../capture/commit/context.ts';
import { type ImportReport, importRecords } from '../../capture/imports/import.ts';
import { IMPORT_FORMATS, type ImportFormat } from '../../capture/imports/source.ts';
import { AgentLogError } from '../../core/errors.ts';
import { committerLine } from '../../identity/committer.ts';
import { withLedger } from '../shared/open.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderImport } from '../views/import.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const format = formatOf(args[0]);
  return withLedger(io, async (ledger) => {
    const identity = committerLine(io.env, await sealConfig(ledger.repo), io.now);
    let next = Date.now() + 500;
    const report = await importRecords(ledger, {
      format,
      source: args[1],
      dryRun: flags['dryRun'] === true,
      identity,
      now: io.now,
      onProgress(text) {
        if (Date.now() < next) return;
        next = Date.now() + 200;
        io.progress(text);
      },
    });
    io.progress(null);
    if (flags['json'] === true) io.print(`${JSON.stringify({ schema: 'agent-log/import/v1', ...report })}\n`);
    else await io.page(renderImport(report, io.paint, io.columns));
    return exitCodeFor(report);
  });
}

function formatOf(name: string | undefined): ImportFormat {
  const format = IMPORT_FORMATS.find((one) => one === name);
  if (format !== undefined) return format;
  const what = name === undefined ? 'no format is named' : `nothing called '${name}' can be imported`;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', what, { hints: [`One of ${IMPORT_FORMATS.join(', ')}.`] });
}

/** 1 when nothing was found, or nothing of it could be read. */
function exitCodeFor({ items, empty }: ImportReport): number {
  return items.length > 0 || empty > 0 ? 0 : 1;
}
