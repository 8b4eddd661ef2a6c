import { decisionTable } from './decisions.ts';
import type { Drawing } from './drawing.ts';
import { laterEvents } from './events-later.ts';
import { type Html, html, NOTHING, said, saidLines } from './html.ts';
import { LIMITS } from './limits.ts';
import { type Run, runsOf, runTone, tallyOf } from './outcome.ts';
import type { TimelineEvent } from './timeline.ts';
import { type Approval, BASES, count, marked, oid, person, wholeId } from './words.ts';

/** What others told of the changes afterwards. */
export function sayingEvents(drawing: Drawing): TimelineEvent[] {
  const { changes, decisions, approvals } = drawing.evidence;
  return [
    ...runsOf(decisions.slice(0, LIMITS.decisions)).map((run) => checked(run, drawing.place)),
    ...approvals.slice(0, LIMITS.approvals).map(approved),
    ...laterEvents(changes),
  ];
}

const STAGES = {
  commit: 'the commit',
  mr: 'the merge request',
  pipeline: 'the pipeline',
  merge: 'the merge',
  deploy: 'the deployment',
} as const;

function checked(run: Run, place: string): TimelineEvent {
  const { decision, basis, signedBy } = run.first;
  const { passed, applied, open } = tallyOf(run.decisions);
  return {
    phase: 'checked',
    at: decision.recordedAt,
    order: decision.recordedAt,
    tone: runTone(run),
    title: html`${passed} of ${count(applied, 'rule')} passed at ${STAGES[decision.stage]}${open > 0 ? `, ${open} did not` : ''}`,
    body: html`<dl class="rows"><dt>basis</dt><dd>${marked(BASES[basis]?.tone ?? 'warn', basisWords(basis, signedBy))}</dd><dt>judged</dt><dd>up to commit ${oid(decision.subject.head)}${decision.subject.target === null ? NOTHING : html`, on its way to ${said(decision.subject.target, 200)}`}</dd>${policyRows(run)}<dt>facts</dt><dd>${wholeId(decision.inputs)}</dd>${decision.by === null ? NOTHING : html`<dt>run by</dt><dd>${person(decision.by)}</dd>`}</dl>
${decisionTable(run.decisions, place)}`,
  };
}

function basisWords(basis: string, signedBy: string | null): string {
  const says = BASES[basis]?.says ?? basis;
  return signedBy === null ? says : `${says}: ${signedBy.slice(0, 100)}`;
}

function policyRows({ first: { decision } }: Run): Html {
  const { policy, source } = decision;
  if (policy === null)
    return html`<dt>by</dt><dd>${said(source.tool, 100)} ${said(source.version ?? '', 60)}: no policy of the repository</dd>`;
  return html`<dt>policy</dt><dd><code class="path">${said(policy.path, 300)}</code> at ${oid(policy.commit)}<br>${wholeId(policy.digest)}</dd>`;
}

const KINDS = {
  approval: 'approved',
  sponsorship: 'took sponsorship of',
  withdrawal: 'took back what was said of',
} as const;

function approved({ approval, basis, present, signedBy }: Approval): TimelineEvent {
  const { by, kind, subject, note, imported } = approval;
  const rows: [string, Html][] = [
    ['of', html`commit ${oid(subject.head)}, tree ${oid(subject.tree)}`],
    ['basis', marked(BASES[basis]?.tone ?? 'warn', BASES[basis]?.says ?? basis)],
    [
      'signer',
      signedBy === null
        ? marked(basis === 'asserted' ? 'warn' : 'idle', 'no key of a person signed it')
        : person(signedBy),
    ],
    [
      'in person',
      present
        ? marked('ok', 'a security key was touched')
        : html`<span class="sub">no security key says that somebody was there</span>`,
    ],
    ...(imported === undefined
      ? []
      : [
          ['host', html`${said(imported.format, 100)}: ${said(imported.account, 100)}`] satisfies [
            string,
            Html,
          ],
        ]),
  ];
  return {
    phase: 'approved',
    at: approval.recordedAt,
    order: approval.recordedAt,
    tone: kind === 'withdrawal' || basis === 'asserted' ? 'warn' : 'ok',
    title: html`${said(by.name, 200)} ${KINDS[kind]} it`,
    body: html`<p class="sub">${person(by)}</p>${note === null || note === '' ? NOTHING : saidLines(note, 2000)}<dl class="rows">${rows.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>`,
  };
}
