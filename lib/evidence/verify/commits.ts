import { isExact } from '../../core/records/binding.ts';
import { isBinding, isLanding, isReadable, type ReplayRecord } from '../../core/records/record.ts';
import { patchIds } from '../../git/diffs/patch-id.ts';
import { integrityOf } from '../../ledger/binding/integrity.ts';
import type { JudgedCommit } from '../../ledger/binding/judge-many.ts';
import { strongest } from '../../ledger/binding/resolve.ts';
import type { Verifying } from './context.ts';
import { unlessGitFails } from './git-fails.ts';

type Problem = ReplayRecord['problems'][number];

const SAYS: Partial<Record<Problem, string>> = {
  'record-altered':
    'a binding names a record that the note does not hold: somebody changed or removed the line',
  'seal-broken': 'the ledger says that the message names the record, and it names another or none',
  'txn-differs': 'the message names the record, but another transaction',
  'binding-contradicts': 'the binding tells of another tree or other parents than the commit has',
  'object-damaged': 'the bytes of the commit or its tree are not what its id says',
};

/** Whether commit, message, note and bindings say the same, and every record the message names is here. */
export async function checkCommit(verifying: Verifying, one: JudgedCommit): Promise<void> {
  const { report } = verifying;
  const { commit, judgement } = one;
  const best = strongest(judgement.judged);
  const { problems, missing } = integrityOf(commit, judgement, best);
  report.checked('completeness', judgement.claims.records.length);
  report.checked('bindings', judgement.judged.length);
  for (const problem of problems) {
    const says = SAYS[problem];
    if (says !== undefined) report.fails('bindings', commit.oid, says);
  }
  for (const { id } of missing) {
    const says = `the commit names ${id}, which is not here`;
    if (!verifying.isAsked(commit.oid))
      report.unknown('completeness', commit.oid, `${says}: the question is not about this commit`);
    else if (verifying.isToldMissing(commit.oid))
      report.unknown('completeness', commit.oid, `${says}, as is said beforehand`);
    else report.fails(verifying.isPartial ? 'gaps' : 'completeness', commit.oid, says);
  }
  checkBindings(verifying, one);
  await checkUnproven(verifying, one);
}

/** Every binding of the commit, whichever record it is of. */
function checkBindings({ report }: Verifying, { commit, shape, judgement }: JudgedCommit): void {
  const lines = (judgement.note?.lines ?? []).filter(isReadable);
  const records = new Map(
    judgement.judged.map(({ candidate: { record } }) => [record.digest, record.record]),
  );
  for (const { record } of lines.filter(isBinding)) {
    if (record.commit !== commit.oid) continue;
    const known = records.get(record.record);
    const wrong = [
      [record.tree !== commit.tree, 'another tree than the commit has'],
      [record.parents.join(' ') !== commit.parents.join(' '), 'other parents than the commit has'],
      [record.sealed && !judgement.claims.records.includes(record.record), 'a message that names the record'],
      [known !== undefined && record.txn !== known.txn, 'another transaction than the record'],
      [
        record.grade === 'exact' &&
          known !== undefined &&
          shape.parentTree !== null &&
          !isExact(known, shape),
        'just the tree that was sealed, and the commit has another',
      ],
    ] as const;
    for (const [is, what] of wrong)
      if (is) report.fails('bindings', commit.oid, `the binding of ${record.record} tells of ${what}`);
  }
}

/** A record that is bound here, and of which nothing is in the commit. A trailer alone proves nothing, and is no crime. */
async function checkUnproven(
  verifying: Verifying,
  { commit, shape, judgement }: JudgedCommit,
): Promise<void> {
  const { report, canDiff } = verifying;
  const claimed = judgement.judged.filter(({ binding }) => binding === 'claimed');
  if (claimed.length === 0 || commit.parents.length > 1) return;
  const isTellable = shape.parents.length === 0 || shape.parentTree !== null;
  const tellable = isTellable && (await canDiff(shape.parentTree, shape.tree));
  for (const { candidate, sealed } of claimed) {
    const { digest, record } = candidate.record;
    const isBound = candidate.bindings.some((bound) => bound.record.commit === commit.oid);
    if (!isBound && !sealed) continue;
    const sealedThere = record.tree !== null && (await canDiff(record.head.tree, record.tree));
    if (isBound && tellable && sealedThere)
      report.fails(
        'bindings',
        commit.oid,
        `${digest} is bound to it, and nothing of that record is in the commit`,
      );
    else if (isBound || judgement.judged.length === claimed.length)
      report.unknown(
        'bindings',
        commit.oid,
        `${digest} is named for it, and nothing here shows that it is its work`,
      );
  }
}

/** What is told where git could not make one. */
export const NOT_MADE = 'git could not make the patch-id, or not in time';

/** The patch-ids that bindings and landings tell, against those of the commits: one pair of processes for all. */
export async function checkPatches(verifying: Verifying, commits: readonly JudgedCommit[]): Promise<void> {
  const { report, ledger, canDiff } = verifying;
  const told = commits.flatMap((one) => toldPatches(one).map((patch) => ({ one, ...patch })));
  const asked: string[] = [];
  for (const { oid, parents, parentTree, tree } of new Set(told.map(({ one }) => one.shape))) {
    const isOne = parents.length === 0 || (parents.length === 1 && parentTree !== null);
    if (isOne && (await canDiff(parentTree, tree))) asked.push(oid);
  }
  const made = await unlessGitFails(patchIds(ledger.repo, asked));
  const known = new Set(asked);
  for (const { one, record, patchId } of told) {
    const { oid, parents } = one.commit;
    if (!known.has(oid) && parents.length < 2)
      report.unknown('patches', oid, 'objects that the patch-id needs are not here');
    else if (made === null) report.unknown('patches', oid, NOT_MADE);
    else {
      report.checked('patches');
      const is = made.get(oid) ?? null;
      if (is !== patchId)
        report.fails(
          'patches',
          oid,
          `the patch-id told for ${record} is ${patchId}, and the commit's is ${is ?? 'none'}`,
        );
    }
  }
}

function toldPatches({ commit, judgement }: JudgedCommit): { record: string; patchId: string }[] {
  return (judgement.note?.lines ?? []).filter(isReadable).flatMap((line) => {
    if (!isBinding(line) && !isLanding(line)) return [];
    const { commit: of, record, patchId } = line.record;
    return of === commit.oid && patchId !== null ? [{ record, patchId }] : [];
  });
}
