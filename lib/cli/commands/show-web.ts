import { AgentLogError } from '../../core/errors.ts';
import { gatherEvidence } from '../../evidence/bundle/gather.ts';
import { diffTexts } from '../../evidence/bundle/page.ts';
import { keepPage } from '../../evidence/page/keep.ts';
import { renderPage } from '../../evidence/page/page.ts';
import { bundleSources } from '../shared/bundling.ts';
import { withLedger } from '../shared/open.ts';
import { textFlag } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { packageVersion } from '../version.ts';
import { shellWord } from '../views/text.ts';

/** Writes the page an evidence bundle has, of a commit or a transaction, and opens it where there is a terminal and a browser. */
export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const other = ['json', 'raw', 'full', 'remote'].find((flag) => flags[flag] !== undefined);
  if (other !== undefined)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `--web and --${other} do not go together`);
  const name = textFlag(flags, 'mr') ?? args[0] ?? 'HEAD';
  return withLedger(io, async (ledger) => {
    const progress = progressOf(io);
    const gathered = gatherEvidence(ledger, { kind: 'named', name }, bundleSources(io, ledger), {
      now: io.now,
      version: packageVersion(),
      withProof: false,
      onProgress: (doing) => progress.say(`show: ${doing}`),
    });
    const { document, diffs } = await gathered.finally(() => progress.end());
    const command = `git agent-log evidence ${shellWord(name)} --json`;
    const html = renderPage(document, diffTexts(diffs), { command });
    const path = await keepPage(ledger.repo, document.question.name, html, io.now);
    io.print(`${path}\n`);
    if (io.open !== null && !(await io.open(path)))
      io.say('hint: no browser was found; name one with `git config agentLog.browser`, or open the file.\n');
    return document.changes.some(({ integrity }) => !integrity.ok) ? 3 : 0;
  });
}
