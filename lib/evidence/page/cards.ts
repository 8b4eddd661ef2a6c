import type { Drawing } from './drawing.ts';
import { type Html, html, NOTHING, said } from './html.ts';
import { answering, isOpen, lastDecisions, totalsOf } from './outcome.ts';
import { rollbackWords } from './rollback.ts';
import { givenApprovals, personKey } from './second-person.ts';
import { type Approval, count, icon, listed, oid, STATES, type Tone } from './words.ts';

/** The answers at a glance, each with how sure it is. */
export function cards(drawing: Drawing): Html[] {
  return [stateCard, sponsorCard, agentCard, checksCard, approvalCard, rollbackCard].map((draw) =>
    draw(drawing),
  );
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
  const stages = [...new Set(last.map(({ decision }) => decision.stage))];
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
  const { byOthers, byOwn } = givenApprovals(evidence);
  const best = surest(byOthers) ?? surest(byOwn);
  if (best === undefined) return card(name, 'warn', 'Nobody', 'No approval is on record.');
  const isOwn = byOthers.length === 0;
  const others = peopleOf(isOwn ? byOwn : byOthers) - 1;
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
  const apart = peopleOf(byOwn);
  const own = isOwn
    ? html`<br>answers for the change or wrote it: not the word of a second person`
    : apart > 0
      ? html`<br>not counted: ${count(apart, 'person who answers', 'people who answer')} for it or wrote it`
      : NOTHING;
  const touch = best.present ? html`<br>a security key was touched` : NOTHING;
  return card(
    name,
    best.basis === 'asserted' || isOfEarlier || isOwn ? 'warn' : 'ok',
    html`${said(best.approval.by.name, 80)}${more}`,
    html`${how}${touch}${earlier}${own}`,
  );
}

/** The approval with the most behind it. */
function surest(approvals: readonly Approval[]): Approval | undefined {
  const of = (wanted: Approval['basis']): Approval | undefined =>
    approvals.find(({ basis }) => basis === wanted);
  return of('attested') ?? of('imported') ?? approvals[0];
}

function peopleOf(approvals: readonly Approval[]): number {
  return new Set(approvals.map(({ approval }) => personKey(approval.by))).size;
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
