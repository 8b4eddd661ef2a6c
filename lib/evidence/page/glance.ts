import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import type { Drawing } from './drawing.ts';
import { cutList, type Html, html, NOTHING, said, saidLines } from './html.ts';
import { LIMITS } from './limits.ts';
import {
  type Answering,
  answeringFor,
  isOpen,
  lastDecisions,
  standingApprovals,
  totalsOf,
} from './outcome.ts';
import { rollbackWords } from './rollback.ts';
import {
  type Change,
  chip,
  count,
  icon,
  listed,
  moment,
  moreOf,
  oid,
  person,
  STATES,
  type Tone,
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
<dl class="cards">${[stateCard(drawing), sponsorCard(drawing), agentCard(drawing), checksCard(drawing), approvalCard(drawing), rollbackCard(drawing)]}</dl>
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

function card(name: string, tone: Tone, answer: Html | string, more: Html | string = NOTHING): Html {
  return html`<div class="card ${tone}"><dt>${name}</dt><dd><p class="answer">${icon(tone)}<span>${answer}</span></p><div class="sub">${more}</div></dd></div>`;
}

function stateCard({ evidence }: Drawing): Html {
  const { txns, repository } = evidence;
  const target =
    repository.target === null ? 'no target branch is known' : html`on ${said(repository.target.ref, 200)}`;
  const [first] = txns;
  if (first === undefined) return card('What became of it', 'warn', 'Unknown', 'There is no transaction.');
  const states = [...new Set(txns.map(({ state }) => state))];
  if (states.length === 1)
    return card('What became of it', STATES[first.state].tone, STATES[first.state].word, target);
  const words = states.map(
    (state) => `${txns.filter((txn) => txn.state === state).length} ${STATES[state].word.toLowerCase()}`,
  );
  return card('What became of it', 'warn', words.join(', '), target);
}

function sponsorCard({ evidence }: Drawing): Html {
  const name = 'Who answers for it';
  const { people, unnamed } = answering(evidence);
  const [one] = people;
  if (one === undefined) return card(name, 'bad', 'Nobody is named', 'No record names a person.');
  const isSigned = people.every((person) => person.isSigned);
  const sure = isSigned ? 'taken on with a signature' : 'as the records say, not signed';
  const but = unnamed > 0 ? html`<br>${count(unnamed, 'transaction')} without anybody` : NOTHING;
  const more = people.length > 1 ? html` and ${count(people.length - 1, 'other')}` : NOTHING;
  const tone = unnamed > 0 ? 'bad' : isSigned ? 'ok' : 'warn';
  return card(name, tone, html`${said(one.name, 80)}${more}`, html`${said(one.email, 120)}<br>${sure}${but}`);
}

/** Everybody who answers for any of it, and for how many transactions nobody does. */
function answering(evidence: EvidenceDocument): {
  readonly people: readonly Answering[];
  readonly unnamed: number;
} {
  const all = evidence.txns.slice(0, LIMITS.changes).map((txn) => answeringFor(txn, evidence));
  const people = new Map(all.flat().map((person) => [person.email, person]));
  return { people: [...people.values()], unnamed: all.filter(({ length }) => length === 0).length };
}

function agentCard({ evidence }: Drawing): Html {
  const { agents, models, calls, files } = totalsOf(evidence);
  const name = 'Who did it';
  const work = `${count(calls, 'tool call')}, ${count(files, 'file')}`;
  if (agents.length === 0) return card(name, 'warn', 'No agent on record', work);
  const model =
    models.length === 0 ? 'model not known' : listed(models.slice(0, 3).map((one) => said(one, 80)));
  return card(
    name,
    'idle',
    listed(agents.slice(0, 3).map((one) => said(one, 80))),
    html`${model}<br>${work}`,
  );
}

function checksCard({ evidence }: Drawing): Html {
  const name = 'What was checked';
  const all = lastDecisions(evidence.decisions);
  const last = all.filter(({ decision }) => decision.result !== 'skip');
  if (last.length === 0) return card(name, 'warn', 'Nothing', 'No decision is about it.');
  const passed = last.filter(({ decision }) => decision.result === 'pass').length;
  const open = last.filter(isOpen);
  const waived = last.filter(({ decision }) => decision.waiver !== undefined).length;
  const asserted = last.filter(({ basis }) => basis === 'asserted').length;
  const stages = [...new Set(evidence.decisions.map(({ decision }) => decision.stage))];
  const notes = [
    open.length > 0 ? `${open.length} did not` : '',
    waived > 0 ? `${waived} waived` : '',
    all.length > last.length ? `${all.length - last.length} did not apply` : '',
    asserted === 0 ? 'all signed by a pipeline' : `${asserted} only asserted`,
  ].filter((note) => note !== '');
  const tone = open.length > 0 ? 'bad' : waived + asserted > 0 ? 'warn' : 'ok';
  return card(
    name,
    tone,
    `${passed} of ${count(last.length, 'rule')} passed`,
    html`${notes.join(', ')}<br>at ${stages.join(', ')}`,
  );
}

function approvalCard({ evidence }: Drawing): Html {
  const name = 'Who approved';
  const standing = standingApprovals(evidence.approvals);
  const best =
    standing.find(({ basis }) => basis === 'attested') ??
    standing.find(({ basis }) => basis === 'imported') ??
    standing[0];
  if (best === undefined) return card(name, 'warn', 'Nobody', 'No approval is on record.');
  const others = new Set(standing.map(({ approval }) => approval.by.email)).size - 1;
  const more = others > 0 ? html` and ${count(others, 'other')}` : NOTHING;
  const how = {
    attested: 'signed with a key of this person',
    imported: 'the host says so, signed by the pipeline',
    asserted: 'only asserted: not signed',
  }[best.basis];
  const commits = evidence.changes.map(({ commit }) => commit);
  const { head } = best.approval.subject;
  const isOfEarlier = commits.slice(0, -1).includes(head);
  const earlier = isOfEarlier ? html`<br>of ${oid(head)}, not of the last commit` : NOTHING;
  const touch = best.present ? html`<br>a security key was touched` : NOTHING;
  return card(
    name,
    best.basis === 'asserted' || isOfEarlier ? 'warn' : 'ok',
    html`${said(best.approval.by.name, 80)}${more}`,
    html`${how}${touch}${earlier}`,
  );
}

function rollbackCard({ evidence }: Drawing): Html {
  const name = 'Can it be undone';
  const all = evidence.rollbacks.map(rollbackWords);
  const [first] = all;
  if (first === undefined) return card(name, 'warn', 'Not known', 'No plan was made.');
  const worst = all.find(({ tone }) => tone === 'bad') ?? all.find(({ tone }) => tone === 'warn') ?? first;
  return card(
    name,
    worst.tone,
    worst.word,
    all.length > 1 ? html`${worst.says} (of ${count(all.length, 'transaction')})` : worst.says,
  );
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
