import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { RevertRecord } from '../../core/records/record.ts';

export interface RevertMessage {
  readonly plan: Pick<
    RevertPlan,
    | 'txns'
    | 'units'
    | 'dependants'
    | 'digest'
    | 'notUndone'
    | 'missing'
    | 'residue'
    | 'leftOut'
    | 'regenerated'
  >;
  /** What the transaction was called; text from outside. */
  readonly title: string;
  /** Why it is undone; text from outside. */
  readonly reason: string | null;
  readonly verdict: RevertRecord['verdict'];
  /** Which of several commits it is of; null where there is one. */
  readonly step: { readonly number: number; readonly of: number } | null;
  /** The parent of each unit that is a merge, by its id. */
  readonly mergeParents: ReadonlyMap<string, string>;
}

/** Whatever of the transaction stays makes it a partial one. */
export function scopeOf({
  missing,
  residue,
  leftOut,
}: Pick<RevertPlan, 'missing' | 'residue' | 'leftOut'>): 'full' | 'partial' {
  return missing.length + residue.length + leftOut.length === 0 ? 'full' : 'partial';
}

/** How sure the result is, in the words of the record. */
export function verdictOf({
  verdict,
  dependants,
  residue,
  superseded,
  regenerated = [],
}: Pick<
  RevertPlan,
  'verdict' | 'dependants' | 'residue' | 'superseded' | 'regenerated'
>): RevertRecord['verdict'] {
  if (verdict !== 'clean' || residue.length + superseded.length + regenerated.length > 0) return 'relaxed';
  return dependants.length === 0 ? 'clean' : 'with-dependants';
}

const TITLE_LENGTH = 50;

/**
 * The message of a revert. What comes from outside can make neither a trailer nor a second paragraph of them: `This
 * reverts commit <id>.` is what git and release tools read, the trailers at the end are ours.
 */
export function revertMessage({ plan, verdict, title, reason, step, mergeParents }: RevertMessage): string {
  const { txns, units, dependants, digest, notUndone, regenerated = [] } = plan;
  const [txn = ''] = txns;
  const name = txns.length === 1 ? `txn ${txn}` : `${txns.length} txns`;
  const paragraphs = [
    `Revert agent ${name}: "${quoted(title)}"`,
    reason === null ? '' : `Reason: ${reasonText(reason)}`,
    units.flatMap((unit) => reverts(unit, mergeParents.get(unit.commit), isInPart(plan))).join('\n'),
    dependants
      .map(({ commit }) => `Also, because it builds on it: this reverts commit ${commit}.`)
      .join('\n'),
    step === null || step.of === 1
      ? ''
      : `Commit ${step.number} of the ${step.of} that take it back together.`,
    madeAgain(regenerated),
    notUndone.map((what) => `Not undone: ${oneLine(what, 200)}`).join('\n'),
    [
      ...txns.map((one) => `Reverts-Txn: ${one}`),
      `Revert-Scope: ${scopeOf(plan)}`,
      `Revert-Verdict: ${verdict}`,
      `Revert-Plan: ${digest}`,
    ].join('\n'),
  ];
  return `${paragraphs.filter(Boolean).join('\n\n')}\n`;
}

/** What no merge made; a path is text from outside, and a colon before it makes no trailer of it in a paragraph of its own. */
export function madeAgain(regenerated: NonNullable<RevertPlan['regenerated']>): string {
  return regenerated.map(({ path }) => `Made again, not merged: ${oneLine(path, 200)}`).join('\n');
}

/** Of what goes, something stays. */
export function isInPart({ residue, leftOut }: Pick<RevertPlan, 'residue' | 'leftOut'>): boolean {
  return residue.length + leftOut.length > 0;
}

function reverts(
  { commit, kind, members }: RevertPlan['units'][number],
  parent: string | undefined,
  inPart: boolean,
): string[] {
  const own = members.filter((member) => member !== commit);
  // Whoever reads that a commit was reverted takes all of it for gone.
  if (inPart || (kind === 'part' && (own.length === 0 || own.length < members.length)))
    return [`This reverts a part of commit ${commit}.`];
  if (kind === 'part') return own.map((member) => `This reverts commit ${member}.`);
  if (parent === undefined) return [`This reverts commit ${commit}.`];
  return [`This reverts commit ${commit}, reversing\nchanges made to ${parent}.`];
}

/** A title inside quotes on one line. */
export function quoted(title: string): string {
  return oneLine(title, TITLE_LENGTH).replaceAll('"', "'");
}

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

export function oneLine(text: string, length: number): string {
  const letters = Array.from(text.replaceAll(CONTROL, ' ').trim());
  return letters.length <= length ? letters.join('') : `${letters.slice(0, length - 1).join('')}…`;
}

const REASON_LINES = 20;

/** Lines after the first are indented: none of them is a trailer, a comment or a scissors line, and no blank line ends it. */
export function reasonText(reason: string): string {
  const lines = reason
    .split('\n')
    .map((line) => oneLine(line, 200))
    .filter(Boolean);
  return lines.slice(0, REASON_LINES).join('\n  ');
}
