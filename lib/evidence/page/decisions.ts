import { cutList, type Html, html, NOTHING, said } from './html.ts';
import { LIMITS } from './limits.ts';
import { BASES, chip, type Decision, moreOf, plainChip, RESULTS, wholeId } from './words.ts';

type Clause = Decision['decision']['clauses'][number];

/** What each rule came to, with its clauses and the facts they saw. Those that did not pass come first. */
export function decisionTable(decisions: readonly Decision[], place: string): Html {
  const rank = ({ decision }: Decision): number =>
    ['error', 'fail', 'warn', 'pass', 'skip'].indexOf(decision.result);
  const ordered = decisions.toSorted((a, b) => rank(a) - rank(b));
  const { shown, more } = cutList(ordered, LIMITS.rulesOfRun);
  return html`<ul class="rules">${shown.map((one) => html`<li>${rule(one, place)}</li>`)}</ul>${moreOf(more, 'rule', place)}`;
}

function rule(one: Decision, place: string): Html {
  const { decision } = one;
  const { tone, word } = RESULTS[decision.result] ?? { tone: 'warn', word: decision.result };
  const isWaived = decision.waiver !== undefined;
  const isShownOpen = decision.result === 'fail' || decision.result === 'error';
  return html`<details class="rule" ${isShownOpen ? html`open` : NOTHING}><summary>${chip(isWaived ? 'warn' : tone, isWaived ? `${word}, waived` : word)}<span class="tool">${said(decision.rule, 120)}</span><span class="sub">${decision.severity}, ${ENFORCE[decision.enforce]}</span></summary><div class="inner">
${decision.message === null || decision.message === '' ? NOTHING : html`<p>${said(decision.message, 2000)}</p>`}
${decision.clauses.slice(0, LIMITS.clauses).map((clause) => clauseBlock(clause, place))}${moreOf(decision.clauses.length - LIMITS.clauses, 'clause', place)}
<p class="sub">${BASES[one.basis]?.says ?? one.basis}${sourceWords(decision)}${decision.waiver === undefined ? NOTHING : html`; waiver ${wholeId(decision.waiver)}`}</p>
${decision.controls.length === 0 ? NOTHING : html`<p class="facts">${decision.controls.slice(0, LIMITS.classes).map((control) => plainChip(said(control, 200)))}</p>`}
<p class="sub">record ${wholeId(one.digest)}</p></div></details>`;
}

const ENFORCE = { deny: 'denies', warn: 'warns', audit: 'is only told' } as const;

function sourceWords({ source }: Decision['decision']): Html {
  if (source.kind === 'rules') return html`; by ${said(source.tool, 100)} ${said(source.version ?? '', 60)}`;
  return html`; found by ${said(source.tool, 100)} ${said(source.version ?? '', 60)}${source.format === undefined ? NOTHING : html` as ${said(source.format, 100)}`}${source.ref === undefined ? NOTHING : html` (${said(source.ref, 300)})`}`;
}

function clauseBlock({ id, result, message, facts }: Clause, place: string): Html {
  const { tone, word } = RESULTS[result] ?? { tone: 'warn', word: result };
  const seen = Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1));
  const { shown, more } = cutList(seen, LIMITS.facts);
  const rows = shown.map(
    ([name, value]) =>
      html`<dt><code>${said(name, 200)}</code></dt><dd><code>${said(value, 1001)}</code></dd>`,
  );
  return html`<div class="clause"><p>${chip(tone, word)} <strong>${said(id, 200)}</strong>${message === null ? NOTHING : html` ${said(message, 2000)}`}</p>${rows.length === 0 ? NOTHING : html`<dl class="rows facts-seen" aria-label="Facts it saw">${rows}</dl>`}${moreOf(more, 'fact', place)}</div>`;
}
