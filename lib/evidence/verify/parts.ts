import { readCommit } from '../../git/objects/objects.ts';
import type { AskedCommit } from '../../ledger/binding/judge-many.ts';
import { type Note, readNote } from '../../ledger/ledger.ts';
import { listNotes } from '../../ledger/reading/scan.ts';
import { checkCommit, checkPatches } from './commits.ts';
import type { Verifying } from './context.ts';
import { checkNote } from './notes.ts';
import { checkSigners } from './signers.ts';
import { checkSubjects, makePatches } from './subjects.ts';

/** Some objects: their notes, and of those that are commits whether they bear out what is said of them. */
export async function checkPart(verifying: Verifying, part: readonly AskedCommit[]): Promise<void> {
  const { report, ledger } = verifying;
  const commits = part.flatMap(({ judged }) => judged ?? []);
  const notes = await Promise.all(
    part.map(async ({ oid, judged }) =>
      judged === null ? await readNote(ledger, oid) : judged.judgement.note,
    ),
  );
  await makePatches(
    verifying,
    notes.filter((note) => note !== null),
  );
  for (const [at, { oid, judged }] of part.entries()) {
    const note = notes[at] ?? null;
    // git gives no commit whose bytes are not what its id says; read as it lies there, it is noticed.
    if (judged === null) await ledger.reader.read(oid);
    if (judged !== null) {
      report.counts('commits');
      await checkCommit(verifying, judged);
    }
    if (note !== null) await checkOne(verifying, note, judged !== null);
  }
  await checkPatches(verifying, commits);
}

async function checkOne(verifying: Verifying, note: Note, isHere: boolean): Promise<void> {
  checkNote(verifying, note);
  checkSigners(verifying, note);
  await checkSubjects(verifying, note);
  await checkCheckpoints(verifying, note);
  const isBound = note.lines.some(
    (line) => 'record' in line && line.record.schema === 'agent-log/binding/v1',
  );
  if (!isHere && isBound)
    verifying.report.unknown(
      'bindings',
      note.object,
      'the commit is not here: what is bound to it is told as the ledger has it',
    );
}

const MOST_CHECKPOINTS = 50;

/** A checkpoint tells how many notes the ledger had. */
async function checkCheckpoints({ report, ledger, isPartial }: Verifying, note: Note): Promise<void> {
  for (const line of note.lines) {
    if (!('record' in line) || line.record.schema !== 'agent-log/checkpoint/v1') continue;
    const { tip, notes } = line.record;
    if (isPartial || report.checkedOf('checkpoints') >= MOST_CHECKPOINTS) {
      report.unknown('checkpoints', line.digest, 'how many notes the ledger had is not counted again here');
      continue;
    }
    if ((await readCommit(ledger.reader, tip)) === null) {
      report.unknown('checkpoints', line.digest, `the ledger's commit ${tip} it tells of is not here`);
      continue;
    }
    report.checked('checkpoints');
    const found = (await listNotes(ledger, tip)).length;
    if (found !== notes)
      report.fails(
        'checkpoints',
        line.digest,
        `it tells of ${notes} notes at ${tip}, and there are ${found}`,
      );
  }
}
