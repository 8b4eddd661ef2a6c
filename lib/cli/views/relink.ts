import type { Relinked } from '../../capture/relink.ts';
import { shortOid } from '../../core/oid.ts';
import type { LandingRecord } from '../../core/records/record.ts';
import type { Paint } from '../terminal/io.ts';
import { count } from './text.ts';

/** What `relink --json` prints. */
export function relinkDocument({ landings, ...rest }: Relinked, dryRun: boolean): object {
  return {
    schema: 'agent-log/relink/v1',
    dryRun,
    ...rest,
    landings: landings.map(({ commit, txn, record, from, grade, sealed, proof, range }) => ({
      commit,
      txn,
      record,
      from,
      grade,
      sealed,
      proof,
      ...(range === undefined ? {} : { range }),
    })),
  };
}

const MOST_NAMED = 20;

/** What was found, a landing a line, and what could not be. */
export function renderRelink(relinked: Relinked, dryRun: boolean, paint: Paint): string {
  const { landings, looked, hasMore, ambiguous, unproven, absent } = relinked;
  const did = dryRun ? 'would be written' : 'written';
  const lines =
    landings.length === 0
      ? [`Nothing to relink in ${count(looked, 'commit')}.`]
      : [
          paint.strong(
            `${count(landings.length, 'landing')} ${did}, of ${count(looked, 'commit')} looked at`,
          ),
          ...landings.map((landing) => landingLine(landing, paint)),
        ];
  lines.push(
    ...named(ambiguous, ({ commit, records }) =>
      paint.warn(`${shortOid(commit)} could be the work of ${count(records.length, 'record')}: left alone`),
    ),
    ...named(unproven, ({ commit, record, why }) =>
      paint.warn(`${shortOid(commit)} names ${shortRecord(record)}: ${REASONS[why]}`),
    ),
    ...named(absent, ({ commit, record }) =>
      paint.warn(`${shortOid(commit)} names ${shortRecord(record)}, which is in no ledger here`),
    ),
    ...hints(relinked).map((hint) => `hint: ${hint}`),
  );
  if (hasMore)
    lines.push(paint.faint(`Only the newest ${looked} commits were looked at: name a range for more.`));
  if (dryRun) lines.push(paint.faint('Nothing was written.'));
  return `${lines.join('\n')}\n`;
}

const REASONS: Readonly<Record<Relinked['unproven'][number]['why'], string>> = {
  shallow: 'this clone ends here, so its change is not known',
  missing: 'the commit it was made as is not here to compare with',
  differs: 'the content is another',
};

function landingLine({ from, commit, grade, sealed, proof, txn }: LandingRecord, paint: Paint): string {
  const seal = sealed ? '' : paint.warn(', not sealed');
  return `  ${paint.name(shortOid(commit))}  ${grade.padEnd(10)}  from ${shortOid(from)} of ${txn}, by ${proof}${seal}`;
}

function named<T>(items: readonly T[], line: (item: T) => string): string[] {
  const more = items.length - MOST_NAMED;
  return [
    ...items.slice(0, MOST_NAMED).map(line),
    ...(more > 0 ? [`… and ${more} more (--json has all)`] : []),
  ];
}

function hints({ unproven, absent }: Relinked): string[] {
  const has = (why: string): boolean => unproven.some((one) => one.why === why);
  return [
    ...(has('shallow') ? ['Get the whole history with `git fetch --unshallow`, and run it again.'] : []),
    ...(has('missing')
      ? [
          'Fetch the source branch or the head of the merge request (refs/pull/N/head, refs/merge-requests/N/head), and run it again.',
        ]
      : []),
    ...(absent.length > 0 ? ['Get the records with `git agent-log sync --fetch`.'] : []),
  ];
}

function shortRecord(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
