import { escapeTerminal, wellFormed } from '../../../core/escape.ts';
import type { CheckDecision, CheckDocument } from '../../../core/generated/check-v1.types.ts';
import { reasonsOf, toldBy, verdictWord } from './groups.ts';

/** JUnit's XML: a test case for each decision. Only what denies is a failure; what warns, was waived or does not apply is skipped. */
export function checkJunit(document: CheckDocument): string {
  const { decisions, counts, stage } = document;
  const errors = decisions.filter(({ denies, result }) => denies && result === 'error').length;
  const skipped = decisions.filter(({ denies, result }) => !denies && result !== 'pass').length;
  const totals = `tests="${decisions.length}" failures="${counts.denies - errors}" errors="${errors}" skipped="${skipped}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="git-agent-log check" ${totals}>`,
    `  <testsuite name="${xml(`check at ${stage}`)}" ${totals}>`,
    ...decisions.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(decision: CheckDecision): string {
  const open = `    <testcase classname="${xml(decision.source.tool)}" name="${xml(decision.rule)}"`;
  const reasons = reasonsOf(decision);
  const message = xml(
    [reasons[0] ?? verdictWord(decision), toldBy(decision)].filter((part) => part !== null).join(', '),
  );
  if (!decision.denies) {
    if (decision.result === 'pass') return `${open}/>`;
    return `${open}><skipped message="${decision.waiver === null ? '' : 'waived: '}${message}"/></testcase>`;
  }
  const element = decision.result === 'error' ? 'error' : 'failure';
  const mend = decision.hint === null ? [] : [`To mend it: ${decision.hint}`];
  const body = xml([...reasons, ...mend].join('\n'));
  return `${open}><${element} message="${message}" type="${decision.severity}">${body}</${element}></testcase>`;
}

/** Text for an element or an attribute. What XML can't hold at all is shown as an escape. */
function xml(text: string): string {
  return wellFormed(escapeTerminal(text, true)).replaceAll(
    /[&<>"'\n\t\ufffe\uffff]/g,
    (found) => `&#${found.charCodeAt(0) > 0xfffd ? 0xfffd : found.charCodeAt(0)};`,
  );
}
