import { shortOid } from '../../core/oid.ts';
import type { ShowDocument } from '../../ledger/reading/describe.ts';
import { count, oneLine, type ViewOptions } from './text.ts';

type Row = [string, string];
type Decision = ShowDocument['decisions'][number];

const BASIS = { attested: 'signed', imported: 'by the host, signed', asserted: 'asserted' } as const;
const WORD = { approval: 'approved by', sponsorship: 'sponsored by', withdrawal: 'taken back by' } as const;
const OWN = "  wrote some of it: no second person's word";
const MOST_SHOWN = 5;

/** Who said yes, and who answers for it. */
export function approvalRows({ approvals, commit }: ShowDocument, { paint, columns }: ViewOptions): Row[] {
  const shown = approvals
    .slice(-MOST_SHOWN)
    .flatMap(({ kind, by, basis, present, head, isAuthor }): string[] => {
      const sure = present ? `${BASIS[basis]}, in person` : BASIS[basis];
      const isOwn = kind === 'approval' && isAuthor === true;
      // What was said up to another commit of the transaction is told as that.
      const of = head === commit ? '' : ` up to ${shortOid(head)}`;
      const text = oneLine(`${WORD[kind]} ${by.name} <${by.email}>${of} (${sure})`, columns - 14);
      return [basis === 'asserted' ? paint.warn(text) : text, ...(isOwn ? [paint.warn(OWN)] : [])];
    });
  return named('approvals', shown);
}

/** What is not in order with it, and what of that is closed. */
export function exceptionRows({ exceptions }: ShowDocument, { paint, columns }: ViewOptions): Row[] {
  const shown = exceptions
    .slice(-MOST_SHOWN)
    .map(({ id, type, severity, state, trust, rule, resolution }) => {
      const about = rule === null ? '' : ` (${rule})`;
      const how = state === 'closed' ? `, ${trust}` : '';
      const text = oneLine(
        `${id.slice(0, 8)} ${type}${about}, ${severity}, ${resolution ?? state}${how}`,
        columns - 14,
      );
      return state === 'closed' ? text : paint.warn(text);
    });
  return named('exceptions', shown);
}

/** The last decisions of each stage: all that passed in one number, the others by name. */
export function decisionRows({ decisions }: ShowDocument, { paint, columns }: ViewOptions): Row[] {
  const shown = [...lastOfStages(decisions)].flatMap(([stage, made]) => {
    const passed = made.filter(({ result }) => result === 'pass').length;
    const open = made.filter(({ result }) => result === 'fail' || result === 'error' || result === 'warn');
    const [first] = made;
    const head = `${stage} of ${shortOid(first?.head ?? '')}: ${count(passed, 'rule')} passed, ${open.length} did not (${first?.basis ?? 'asserted'})`;
    const rest = open.slice(0, MOST_SHOWN).map((one) => paint.warn(oneLine(`  ${said(one)}`, columns - 14)));
    return [oneLine(head, columns - 14), ...rest];
  });
  return named('decisions', shown);
}

function said({ rule, result, waiver }: Decision): string {
  return `${result} ${rule}${waiver === null ? '' : ', waived'}`;
}

/** Of each stage those for the head that was judged last, of each rule the last. */
function lastOfStages(decisions: readonly Decision[]): Map<string, Decision[]> {
  const stages = new Map<string, Map<string, Decision>>();
  for (const decision of decisions) {
    const known = stages.get(decision.stage);
    const [other] = known?.values() ?? [];
    if (known === undefined || other?.head !== decision.head)
      stages.set(decision.stage, new Map([[decision.rule, decision]]));
    else known.set(decision.rule, decision);
  }
  return new Map([...stages].map(([stage, rules]) => [stage, [...rules.values()]]));
}

function named(name: string, lines: readonly string[]): Row[] {
  return lines.map((line, i) => [i === 0 ? name : '', line]);
}
