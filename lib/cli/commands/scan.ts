import type { Finding } from '../../core/records/exception.ts';
import { checkRange } from '../../git/history/named-range.ts';
import { newRiskiest, newSummary, type ScannedCommit, scanCommits } from '../../oversight/scan.ts';
import { findingsOf } from '../../oversight/scan-findings.ts';
import { openOrSay } from '../shared/acting.ts';
import { withLedger } from '../shared/open.ts';
import { textFlag } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { writeReport } from '../terminal/output.ts';
import { progressOf } from '../terminal/progress.ts';
import { renderScan, scanReport } from '../views/scan.ts';

const MOST_SHOWN = 20;

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  return withLedger(io, async (ledger) => {
    const json = flags['json'] === true ? jsonWriter(io) : null;
    const totals = newSummary();
    const riskiest = newRiskiest(MOST_SHOWN);
    const findings: Finding[] = [];
    await checkRange(ledger.repo, args[0] ?? 'HEAD');
    const progress = progressOf(io);
    for await (const commit of scanCommits(ledger, [args[0] ?? 'HEAD'], totals.elsewhere)) {
      totals.add(commit);
      riskiest.add(commit);
      json?.commit(commit);
      if (flags['openExceptions'] === true) findings.push(...findingsOf(commit));
      progress.say(() => `scanning: ${totals.summary().commits} commits`);
    }
    progress.end();
    const view = { summary: totals.summary(), riskiest: riskiest.list() };
    const report = textFlag(flags, 'markdown');
    if (report !== undefined) await writeReport(io, 'markdown', report, scanReport(view));
    if (json === null) await io.page(renderScan(view, io.paint, io.columns));
    else json.end(view.summary);
    await openOrSay(io, ledger, findings, flags);
    return 0;
  });
}

/** One JSON document, written as it comes: a scan of a large repository is never held as a whole. */
function jsonWriter(io: Io): { commit: (commit: ScannedCommit) => void; end: (summary: object) => void } {
  let separator = '{"schema":"agent-log/scan/v1","commits":[\n';
  const start = (): string => {
    const text = separator;
    separator = ',\n';
    return text;
  };
  return {
    commit: (commit) => io.print(start() + JSON.stringify(commit)),
    end: (summary) =>
      io.print(`${separator === ',\n' ? '' : separator}\n],"summary":${JSON.stringify(summary)}}\n`),
  };
}
