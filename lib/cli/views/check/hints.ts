import type { CheckDocument } from '../../../core/generated/check-v1.types.ts';
import type { Person } from '../../../core/person.ts';
import { peopleText } from '../approve.ts';
import { shellWord } from '../text.ts';

type Decision = CheckDocument['decisions'][number];

/** What a denied change is, as far as a hint needs it. */
export interface Hinted {
  readonly subject: CheckDocument['subject'];
  /** Transactions in it. */
  readonly txns: readonly string[];
  /** People its records name as answering for it, and who have not signed. */
  readonly unsigned: readonly Person[];
}

/** What mends a clause that reads a fact, by the fact: the first that fits counts. */
const MENDS: readonly (readonly [RegExp, (change: Hinted) => string])[] = [
  [
    /^change\.unrecorded_agent_commits/,
    ({ subject }) => `git agent-log relink ${rangeOf(subject)}; what was never recorded: git agent-log adopt`,
  ],
  [
    /^change\.(owner_approvals|approvals)/,
    ({ subject }) => `a code owner runs: git agent-log approve ${rangeOf(subject)} --sign${about(subject)}`,
  ],
  [
    /^change\.sponsors?(_missing)?\b/,
    ({ subject, txns, unsigned }) =>
      `${signers(unsigned)}: git agent-log sponsor ${txns[0] ?? '<txn>'} --sign${about(subject)}`,
  ],
  [
    /^change\.(tasks_missing|task_refs)/,
    () => 'next time: git agent-log begin --task TEXT; now: a waiver (git agent-log exception waive)',
  ],
  [
    /^change\.(models|providers|models_missing|agents|tools)\b/,
    () => 'the list of the policy at the target decides; or a waiver: git agent-log exception waive',
  ],
  [/^change\.checks/, () => 'import what the tool found: --import FORMAT:FILE'],
  [/^change\.replays/, ({ subject }) => `git agent-log replay ${rangeOf(subject)} --mode verify`],
  [
    /^change\.(records_ok|problems|claimed_commits|modified_commits|unsealed_commits)/,
    ({ subject }) => `see what is wrong: git agent-log show ${subject.head.slice(0, 12)}`,
  ],
  [/^change\.(exceptions)/, () => 'see what is open, and why: git agent-log exception list'],
  [/^change\.behind/, () => 'bring it up to date with its target'],
];

/** What people do next about a decision that denies, one thing a line; null where nobody can tell. */
export function hintFor({ denies, clauses, source, result }: Decision, change: Hinted): string | null {
  if (!denies) return null;
  if (source.kind === 'import') return `mend it where ${source.tool} found it, and import again`;
  const mends = clauses
    .filter((clause) => clause.result !== 'pass')
    .flatMap(({ facts }) => mendFor(Object.keys(facts), change));
  if (mends.length > 0) return [...new Set(mends)].join('\n');
  return result === 'error'
    ? 'the rule, or the fact it reads, has to be mended: see the policy at the target'
    : null;
}

function mendFor(facts: readonly string[], change: Hinted): string[] {
  const found = MENDS.find(([fact]) => facts.some((name) => fact.test(name)));
  return found === undefined ? [] : [found[1](change)];
}

/** Nobody else's signature stands in for that of somebody a record names. */
function signers(unsigned: readonly Person[]): string {
  if (unsigned.length === 0) return 'a person who answers for it runs';
  return unsigned.length === 1
    ? `${peopleText(unsigned)}, whom a record names, has not signed and runs, as themselves`
    : `${peopleText(unsigned)}, whom records name, have not signed and each runs, as themselves`;
}

function rangeOf({ base, head }: CheckDocument['subject']): string {
  return base === null ? head.slice(0, 12) : `${base.slice(0, 12)}..${head.slice(0, 12)}`;
}

function about({ target, mr }: CheckDocument['subject']): string {
  const branch = target === null ? '' : ` --target ${shellWord(target.replace(/^refs\/heads\//, ''))}`;
  return mr === undefined ? branch : `${branch} --mr ${shellWord(mr)}`;
}
