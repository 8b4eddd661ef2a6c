import type { Drawing } from './drawing.ts';
import { cutList, type Html, html, NOTHING, said } from './html.ts';
import { LIMITS } from './limits.ts';
import { chip, count, moreOf, oid, plainChip, type Rollback, type Tone, wholeId } from './words.ts';

type Plan = NonNullable<Rollback['plan']>;

const VERDICTS: Readonly<
  Record<Plan['verdict'], { readonly tone: Tone; readonly word: string; readonly says: string }>
> = {
  clean: { tone: 'ok', word: 'Yes, cleanly', says: 'nothing else would change' },
  'already-reverted': { tone: 'idle', word: 'It was undone already', says: 'it was taken back before' },
  noop: { tone: 'idle', word: 'Nothing is left of it', says: 'a revert would change nothing' },
  'in-force': { tone: 'idle', word: 'Nothing was taken out', says: 'there is nothing to bring back' },
  'needs-decision': {
    tone: 'warn',
    word: 'Yes, after a decision',
    says: 'later work is in the way: somebody has to choose',
  },
  'not-landed': { tone: 'idle', word: 'Nothing to undo', says: 'it is not on the branch' },
  refused: { tone: 'bad', word: 'Not safely', says: 'the history or the records can\u2019t be relied on' },
};

/** Whether a transaction can be taken back, in a few words. */
export function rollbackWords({ plan, problem }: Rollback): { tone: Tone; word: string; says: string } {
  if (plan !== null) return VERDICTS[plan.verdict];
  return { tone: 'warn', word: 'Not known', says: (problem ?? 'no plan was made').slice(0, 300) };
}

/** What a revert would do, as planned when this was made. */
export function rollbacks({ evidence, place }: Drawing): Html {
  const { shown, more } = cutList(evidence.rollbacks, LIMITS.txns);
  const body =
    shown.length === 0
      ? html`<p class="no-text">No rollback was planned.</p>`
      : html`${shown.map((one) => rollback(one, place))}${moreOf(more, 'plan', place)}`;
  return html`<section id="rollback" aria-labelledby="rollback-title">
<h2 id="rollback-title">Can it be undone</h2>
<p class="note">Planned when this was made. Commits since then can change the answer: <code>git agent-revert --plan</code> says what it is now.</p>
${body}</section>`;
}

function rollback(one: Rollback, place: string): Html {
  const { tone, word, says } = rollbackWords(one);
  return html`<article class="plan"><header><h3>${chip(tone, word)} <span class="sub">${says}</span></h3><p class="facts">transaction ${wholeId(one.txn)}</p></header>
${one.plan === null ? NOTHING : planned(one.plan, place)}</article>`;
}

function planned(plan: Plan, place: string): Html {
  const head = html`<p>On ${plan.branch === null ? html`commit ${oid(plan.head)}` : html`${said(plan.branch, 200)} at ${oid(plan.head)}`}: ${count(plan.files.length, 'file')} would change, ${count(plan.kept, 'later commit')} would be left alone.</p>`;
  return html`${head}${list(
    'Why',
    plan.why.map((why) => said(why, 1000)),
    place,
  )}${list(
    'In the way',
    plan.blockers.map(
      (one) =>
        html`${oid(one.commit)}${one.subject === '' ? NOTHING : html` ${said(one.subject, 200)}, by ${said(one.author, 200)}`}: ${said(one.reason, 500)}`,
    ),
    place,
  )}${list(
    'Would have to go with it',
    plan.dependants.map(
      (one) =>
        html`${oid(one.commit)}${one.subject === '' ? NOTHING : html` ${said(one.subject, 200)}`}: ${said(one.why, 500)}`,
    ),
    place,
  )}${list(
    'Ways',
    plan.options.map(
      (one) =>
        html`<code>git agent-revert ${said(one.flag, 100)}</code> comes to ${said(one.verdict, 50)}${one.adds.length === 0 ? NOTHING : `, with ${one.adds.length} more`}`,
    ),
    place,
  )}${list(
    'Files',
    plan.files.map(
      (one) =>
        html`<code class="path">${said(one.path, 500)}</code> ${said(one.change, 50)} ${one.classes.slice(0, LIMITS.classes).map((name) => plainChip(said(name, 100)))}`,
    ),
    place,
  )}${list(
    'A revert does not take back',
    plan.notUndone.map((what) => said(what, 500)),
    place,
  )}${list(
    'To look at first',
    plan.warnings.map((one) => said(one.text, 500)),
    place,
  )}`;
}

function list(name: string, items: readonly Html[], place: string): Html {
  if (items.length === 0) return NOTHING;
  const { shown, more } = cutList(items, LIMITS.planned);
  return html`<h4>${name}</h4><ul>${shown.map((item) => html`<li>${item}</li>`)}</ul>${moreOf(more, 'line', place)}`;
}
