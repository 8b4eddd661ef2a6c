import type { Drawing } from './drawing.ts';
import { cutList, type Html, html, NOTHING, said } from './html.ts';
import { LIMITS } from './limits.ts';
import { exceptionsOf, type OpenException } from './outcome.ts';
import { chip, count, type Gap, moment, moreOf, oid, person, plainChip } from './words.ts';

/** What an auditor would look for and does not find, up front. */
export function missing(drawing: Drawing): Html {
  const { evidence, place } = drawing;
  const gaps = cutList(evidence.missing, LIMITS.gaps);
  const exceptions = exceptionsOf(evidence);
  const listedExceptions = cutList(exceptions, LIMITS.gaps);
  const problems = evidence.changes.flatMap(({ commit, integrity }) =>
    integrity.problems.map((says) => ({ commit, says })),
  );
  const isClean = gaps.shown.length === 0 && exceptions.length === 0 && problems.length === 0;
  return html`<section id="missing" aria-labelledby="missing-title" class="${isClean ? 'clean' : 'gaps'}">
<h2 id="missing-title">What is missing ${isClean ? chip('ok', 'nothing listed') : chip(problems.length > 0 ? 'bad' : 'warn', count(evidence.missing.length, 'gap'))}</h2>
${isClean ? html`<p class="note">Whoever made this lists no gap, no exception and no problem of a record.</p>` : NOTHING}
${problemList(problems, place)}
${gaps.shown.length === 0 ? NOTHING : html`<ul class="gap-list">${gaps.shown.map((gap) => gapItem(gap, exceptions))}</ul>`}${moreOf(gaps.more, 'gap', place)}
${listedExceptions.shown.length === 0 ? NOTHING : html`<h3>${count(exceptions.length, 'exception')} on record</h3>${exceptionTable(listedExceptions.shown)}${moreOf(listedExceptions.more, 'exception', place)}`}
</section>`;
}

function problemList(
  problems: readonly { readonly commit: string; readonly says: string }[],
  place: string,
): Html {
  if (problems.length === 0) return NOTHING;
  const { shown, more } = cutList(problems, LIMITS.gaps);
  const items = shown.map(
    ({ commit, says }) =>
      html`<li>${chip('bad', 'does not verify')} ${said(says, 1000)} <span class="sub">commit ${oid(commit)}</span></li>`,
  );
  return html`<ul class="gap-list">${items}</ul>${moreOf(more, 'problem', place)}`;
}

const KINDS: Readonly<Record<Gap['kind'], string>> = {
  record: 'Record',
  text: 'Text',
  sponsor: 'Sponsor',
  signature: 'Signature',
  decision: 'Decision',
  policy: 'Policy',
  approval: 'Approval',
  replay: 'Replay',
  history: 'History',
  object: 'Object',
  'merge-request': 'Merge request',
  check: 'Check',
};

function gapItem(gap: Gap, exceptions: readonly OpenException[]): Html {
  const found = exceptions.find(({ exception }) => exception.id === gap.exception)?.exception;
  const stands =
    gap.exception === null
      ? chip('warn', 'no exception was opened for it')
      : html`${chip(found?.state === 'closed' ? 'idle' : 'warn', `exception ${gap.exception.slice(0, 8)}${found === undefined ? '' : `, ${found.resolution ?? found.state}`}`)}`;
  return html`<li><p><strong>${KINDS[gap.kind]}</strong> ${said(gap.why, 1000)}</p><p class="sub">of <code>${said(gap.of, 300)}</code> ${stands}</p></li>`;
}

function exceptionTable(items: readonly OpenException[]): Html {
  const rows = items.map(
    ({ exception: one, commits }) =>
      html`<tr><td><code>${one.id.slice(0, 8)}</code></td><td>${said(one.type, 100)}${one.rule === null ? NOTHING : html`<br><span class="sub">${said(one.rule, 200)}</span>`}</td><td>${plainChip(one.severity)}</td><td>${chip(one.state === 'closed' ? 'ok' : 'warn', one.resolution ?? one.state)}<br><span class="sub">${one.trust}</span></td><td>${one.owner === null ? 'nobody' : person(one.owner)}</td><td>${moment(one.openedAt)}${one.due === null ? NOTHING : html`<br><span class="sub">due ${moment(one.due)}</span>`}</td><td>${count(commits.length, 'commit')}</td></tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Exceptions"><table><thead><tr><th scope="col">Id</th><th scope="col">What</th><th scope="col">Severity</th><th scope="col">State</th><th scope="col">Owner</th><th scope="col">Opened</th><th scope="col">Of</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
