import type { ExecutionRecord } from '../../core/records/record.ts';
import { explainLines } from '../../oversight/why.ts';
import { type WhyDocument, whyDocument } from '../../oversight/why-document.ts';
import { badTarget } from '../../oversight/why-target.ts';
import { withLedger } from '../shared/open.ts';
import { readTexts } from '../shared/record-texts.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { renderWhy } from '../views/why.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const [given, revision = null] = args;
  if (given === undefined) throw badTarget('why needs a file');
  return withLedger(io, async (ledger) => {
    const progress = progressOf(io);
    const why = await explainLines(ledger, given, { revision, now: io.now, progress: progress.say });
    const records = why.commits.flatMap(({ record }) => (record === null ? [] : [record]));
    const { texts, missing } = await readTexts(ledger, records, told, io.env);
    const document = whyDocument(why, texts, missing);
    progress.end();
    if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
    else
      await io.page(
        renderWhy(document, { paint: io.paint, columns: io.columns, full: flags['full'] === true }),
      );
    return exitCodeFor(document);
  });
}

/** The texts a story is told with. */
function told(record: ExecutionRecord): ReadonlySet<string> {
  const digests = [record.task?.digest, record.reason?.digest];
  return new Set(digests.filter((digest) => digest !== undefined));
}

/** 1 when there is no transaction to tell of. */
function exitCodeFor({ groups }: WhyDocument): number {
  return groups.some(({ txn }) => txn !== null) ? 0 : 1;
}
