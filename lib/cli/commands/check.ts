import { AgentLogError } from '../../core/errors.ts';
import type { CheckDocument } from '../../core/generated/check-v1.types.ts';
import { judgeDecisions } from '../../identity/decisions.ts';
import { judgedAt } from '../../identity/signatures/judged-at.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { toldOn } from '../../ledger/told/told.ts';
import { type Checked, checkChange } from '../../policy/check.ts';
import { findingsOf } from '../../policy/findings.ts';
import { recordHostApprovals } from '../../policy/merge-requests/host-approvals.ts';
import { passesOf } from '../../policy/passes.ts';
import {
  type RecordedCheck,
  type Recorder,
  recordCheck,
  recordCheckpoint,
} from '../../policy/record-check.ts';
import { STAGES } from '../../policy/rules/policy.ts';
import { finderOf, openOrSay } from '../shared/acting.ts';
import { addToAnchorBranch, anchorBranchFor } from '../shared/anchor.ts';
import { importFiles } from '../shared/import-files.ts';
import { withLedger } from '../shared/open.ts';
import { listFlag, textFlag } from '../shared/open-flags.ts';
import { passOrSay } from '../shared/passing.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { writeReport } from '../terminal/output.ts';
import { progressOf } from '../terminal/progress.ts';
import { packageVersion } from '../version.ts';
import { checkDocument, type Written } from '../views/check/document.ts';
import { checkJunit } from '../views/check/junit.ts';
import { checkMarkdown } from '../views/check/markdown.ts';
import { checkSarif } from '../views/check/sarif.ts';
import { checkText } from '../views/check/text.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const stage = stageOf(textFlag(flags, 'stage'));
  return withLedger(io, async (ledger) => {
    const imports = await importFiles(io, listFlag(flags, 'import'));
    const progress = progressOf(io);
    const request = {
      revision: args[0] ?? 'HEAD',
      stage,
      target: textFlag(flags, 'target'),
      mr: textFlag(flags, 'mr'),
      imports,
      version: packageVersion(),
      now: io.now,
    };
    const branch = await anchorBranchFor(ledger, stage, flags);
    // What the host says counts from the ledger, like any approval: by whose word it is.
    if (flags['dryRun'] !== true)
      await recordHostApprovals(ledger, request, imports, await recorderOf(io, ledger, flags));
    const checked = await checkChange(ledger, {
      ...request,
      progress: (done) => progress.say(() => `looking at the change: ${done} commits`),
    });
    progress.end();
    const written = flags['dryRun'] === true ? null : await record(io, ledger, checked, flags);
    const document = checkDocument(
      written?.isRepeated === true ? asBefore(checked, written) : checked,
      written,
    );
    if (written !== null) await keepQueue(io, ledger, checked, written, flags);
    await writeOutputs(io, document, flags);
    if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
    else
      await io.page(
        checkText(document, { paint: io.paint, columns: io.columns, full: flags['full'] === true }),
      );
    if (branch !== null && written !== null)
      await addToAnchorBranch(io, ledger, branch, {
        checkpoint: written.checkpoint,
        identity: written.recorder.identity,
        recorded: () => recordCheckpoint(ledger, checked, written.recorder),
      });
    return document.verdict === 'pass' ? 0 : 1;
  });
}

/** A pipeline signs; a person who looks what would come of it need not touch a key for that. Throws NOT_SIGNED. */
async function recorderOf(io: Io, ledger: Ledger, flags: Flags): Promise<Recorder> {
  const isWanted = flags['sign'] === true || (flags['sign'] === undefined && Boolean(io.env['CI']));
  const { by, identity, sign = null } = await finderOf(io, ledger, { ...flags, sign: isWanted });
  if (flags['sign'] === true && sign === null)
    throw new AgentLogError('NOT_SIGNED', 'usage', 'there is no key to sign with', {
      hints: ['git config gpg.format ssh and git config user.signingkey FILE; nothing was recorded.'],
    });
  return { by, identity, sign };
}

type Recorded = Written & Pick<RecordedCheck, 'checkpoint' | 'isRepeated'> & { readonly recorder: Recorder };

/** A check that came to what the last one did: its decisions are those of that one. */
function asBefore(checked: Checked, { judged }: Written): Checked {
  const [first] = judged;
  if (first === undefined) return checked;
  const { run, recordedAt } = first.told.stored.record;
  const note = `the check of ${recordedAt} came to the same by the same facts: its decisions stand, and the new checkpoint tells that this one looked`;
  return { ...checked, run, notes: [...checked.notes, note] };
}

async function record(io: Io, ledger: Ledger, checked: Checked, flags: Flags): Promise<Recorded> {
  const recorder = await recorderOf(io, ledger, flags);
  const { decisions, isRepeated, tip, checkpoint } = await recordCheck(ledger, checked, recorder);
  const told = toldOn(await readNote(ledger, checked.subject.head), 'decision');
  const at = await judgedAt(ledger, checked.roster, told, io.now);
  const judged = new Map(
    judgeDecisions(told, checked.roster, at).map((one) => [one.told.stored.digest, one]),
  );
  return {
    tip,
    isRepeated,
    checkpoint,
    recorder,
    judged: decisions.flatMap(({ digest }) => judged.get(digest) ?? []),
  };
}

/** What the check found goes into the queue, and what it found before and finds no more gets evidence of that. */
async function keepQueue(
  io: Io,
  ledger: Ledger,
  checked: Checked,
  { judged }: Written,
  flags: Flags,
): Promise<void> {
  await openOrSay(io, ledger, findingsOf(checked, flags['openExceptions'] === true), flags);
  await passOrSay(io, ledger, passesOf(checked, judged), checked, flags);
}

async function writeOutputs(io: Io, document: CheckDocument, flags: Flags): Promise<void> {
  const outputs: readonly (readonly [string, () => string])[] = [
    ['sarif', () => checkSarif(document, packageVersion())],
    ['junit', () => checkJunit(document)],
    ['summary', () => checkMarkdown(document)],
  ];
  for (const [flag, text] of outputs) {
    const file = textFlag(flags, flag);
    if (file !== undefined) await writeReport(io, flag, file, text());
  }
}

function stageOf(text: string | undefined): Checked['stage'] {
  const stage = STAGES.find((one) => one === text);
  if (stage !== undefined) return stage;
  const problem = text === undefined ? 'a check needs a stage' : `there is no stage '${text}'`;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', problem, {
    hints: [`--stage ${STAGES.join(', ')}: rules say at which of them they are evaluated.`],
  });
}
