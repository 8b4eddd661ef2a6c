import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import { cards } from './cards.ts';
import type { Drawing } from './drawing.ts';
import { cutList, type Html, html, NOTHING, said, saidLines } from './html.ts';
import { LIMITS } from './limits.ts';
import { answering, answeringFor, totalsOf } from './outcome.ts';
import {
  type Change,
  chip,
  count,
  listed,
  moment,
  moreOf,
  person,
  STATES,
  type Txn,
  textOrWhy,
  wholeId,
} from './words.ts';

/** What was asked and the answer, before anything else. */
export function glance(drawing: Drawing): Html {
  const { evidence } = drawing;
  const { shown, more } = cutList(evidence.txns, LIMITS.txns);
  return html`<section id="glance" aria-labelledby="glance-title">
<h2 id="glance-title">At a glance</h2>
${sentence(drawing)}
<dl class="cards">${cards(drawing)}</dl>
${shown.map((txn) => txnBlock(drawing, txn))}
${moreOf(more, 'transaction', drawing.place)}
${mergeRequests(drawing)}
</section>`;
}

/** The answer as one would say it. */
function sentence({ evidence }: Drawing): Html {
  const { agents, models, files } = totalsOf(evidence);
  const who =
    agents.length === 0
      ? html`Nobody on record`
      : listed(agents.slice(0, 3).map((name) => html`<strong>${said(name, 80)}</strong>`));
  const model =
    models.length === 0 ? NOTHING : html` (${listed(models.slice(0, 3).map((name) => said(name, 80)))})`;
  const n = evidence.changes.length;
  return html`<p class="lead">${who}${model} changed <strong>${count(files, 'file')}</strong> in <strong>${count(n, 'commit')}</strong>${forWhom(evidence)}.</p>`;
}

function forWhom(evidence: EvidenceDocument): Html {
  const names = answering(evidence).people.map(({ name }) => name);
  if (names.length === 0)
    return html`. <strong class="bad-text">Nobody is named as answering for it</strong>`;
  const more = names.length > 3 ? html` and ${count(names.length - 3, 'other')}` : NOTHING;
  const people = listed(names.slice(0, 3).map((name) => html`<strong>${said(name, 80)}</strong>`));
  return html`, and ${people}${more} ${names.length === 1 ? 'answers' : 'answer'} for it`;
}

/** What one transaction was asked to do. */
function txnBlock(drawing: Drawing, txn: Txn): Html {
  const changes = drawing.evidence.changes.filter((change) => change.txn === txn.txn);
  const tasks = uniqueTasks(changes);
  const classes = [...new Set(changes.flatMap(({ files }) => files.flatMap((file) => file.classes)))];
  const state = STATES[txn.state];
  const people = answeringFor(txn, drawing.evidence).slice(0, 3);
  const sponsor =
    people.length === 0
      ? chip('bad', 'nobody answers for it')
      : html`<span>for ${listed(people.map(person))}</span>`;
  const risks = classes
    .slice(0, LIMITS.classes)
    .map((one) => html`<span class="chip risk">${said(one, 100)}</span>`);
  return html`<article class="txn" aria-label="Transaction ${txn.txn}">
<h3>What was asked</h3>
${tasks.length === 0 ? html`<p class="no-text">No task was recorded.</p>` : tasks.map((task) => taskText(task, drawing))}
<p class="facts"><span>transaction ${wholeId(txn.txn)}</span>${sponsor}${chip(state.tone, state.word)}${risks}</p>
</article>`;
}

function taskText(task: NonNullable<Change['task']>, drawing: Drawing): Html {
  const text = textOrWhy(task, (it) =>
    saidLines(it, drawing.characters(Math.min(it.length, LIMITS.textCharacters))),
  );
  return html`<blockquote>${text}</blockquote>${task.ref === null ? NOTHING : html`<p class="ref">Reference: ${said(task.ref, 500)}</p>`}`;
}

function uniqueTasks(changes: readonly Change[]): NonNullable<Change['task']>[] {
  const tasks = changes.flatMap(({ task }) => (task === null ? [] : [task]));
  const byText = new Map(tasks.map((task) => [`${task.text ?? task.digest} ${task.ref ?? ''}`, task]));
  return [...byText.values()].slice(0, LIMITS.texts);
}

function mergeRequests({ evidence, place }: Drawing): Html {
  const { shown, more } = cutList(evidence.mergeRequests, LIMITS.txns);
  if (shown.length === 0) return NOTHING;
  const rows = shown.map(
    ({ title, url, state, landed, at }) =>
      html`<li>${chip(state === 'merged' ? 'ok' : 'idle', state)} <strong>${title === null ? 'no title' : said(title, 300)}</strong> <span class="ref">${said(url, 500)}</span> <span class="sub">told ${moment(at)}${landed === null ? NOTHING : html`, landed as ${wholeId(landed)}`}</span></li>`,
  );
  return html`<h3>${count(evidence.mergeRequests.length, 'merge request')}</h3><ul class="plain">${rows}</ul>${moreOf(more, 'merge request', place)}`;
}
