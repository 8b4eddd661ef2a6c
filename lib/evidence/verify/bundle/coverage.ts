import { isExecution, isMergeRequest, isReadable } from '../../../core/records/record.ts';
import { ledgerTrees } from '../../../ledger/ledger.ts';
import { placeNote } from '../../../ledger/notes/fanout.ts';
import { anchorOf } from '../../../ledger/told/anchor.ts';
import { mrUrl } from '../../../ledger/told/change-subject.ts';
import type { Report } from '../report.ts';
import type { BundleManifest } from './manifest.ts';
import type { Proof } from './proof.ts';

/**
 * Whether the bundle holds what its question is about. That the ledger has a note of something is shown by its trees; which commits a range
 * or a merge request has only a clone can tell, and that is said.
 */
export async function checkCoverage(manifest: BundleManifest, proof: Proof, report: Report): Promise<void> {
  const { question, commits, txns } = manifest;
  report.checked('coverage');
  const mr = question.kind === 'mr' ? mrUrl(question.name) : null;
  const wanted = [...commits, ...(mr === null ? [] : [anchorOf(manifest.repository, 'mr', mr)])];
  await checkNotes(wanted, manifest, proof, report);
  if (mr !== null && !tellsOf(proof, mr))
    report.fails('coverage', mr, 'no record of this merge request is in the bundle');
  if (question.kind === 'txn' && !txns.some((txn) => txn.startsWith(question.name.toUpperCase())))
    report.unknown(
      'coverage',
      question.name,
      'that this names the transaction told of only a clone can tell',
    );
  if (question.kind !== 'commit')
    report.unknown(
      'coverage',
      question.name,
      `that ${commits.length === 1 ? 'this 1 commit is' : `these ${commits.length} commits are`} all of it only a clone can tell: git agent-log list ${mr === null ? question.name : `--mr ${mr}`}`,
    );
}

/**
 * Records of a transaction are numbered from 1: which of them are not here shows. They may be on notes of other commits that nobody
 * asked for.
 */
export function checkNumbers(
  { txns }: BundleManifest,
  { notes }: Pick<Proof, 'notes'>,
  report: Report,
): void {
  const records = notes.flatMap(({ lines }) => lines.filter(isReadable).filter(isExecution));
  const numbers = new Map<string, Set<number>>(txns.map((txn) => [txn, new Set()]));
  for (const { record } of records) numbers.get(record.txn)?.add(record.seq);
  for (const [txn, here] of numbers) {
    const last = [...here].reduce((most, one) => Math.max(most, one), 0);
    report.checked('population');
    if (here.size < last)
      report.unknown(
        'population',
        txn,
        `its records are numbered up to ${last}, and ${here.size} of them are here: the others are no part of this bundle`,
      );
  }
}

/** A note the ledger's trees name, of something asked for, is in the bundle. */
async function checkNotes(
  wanted: readonly string[],
  { objects, ledger }: BundleManifest,
  proof: Proof,
  report: Report,
): Promise<void> {
  const told = new Set(objects.map(({ object }) => object));
  const treeAt = ledgerTrees(proof.ledger, ledger.tip);
  for (const object of wanted) {
    report.checked('coverage');
    if (told.has(object)) continue;
    const { found } = await placeNote(object, treeAt);
    if (found.length > 0)
      report.fails('coverage', object, 'the ledger has a note of it, and the bundle leaves that out');
  }
}

function tellsOf({ notes }: Proof, mr: string): boolean {
  return notes.some(({ lines }) =>
    lines.some((line) => isReadable(line) && isMergeRequest(line) && line.record.url === mr),
  );
}
