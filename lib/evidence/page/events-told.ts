import { decisionTable } from './decisions.ts';
import type { Drawing } from './drawing.ts';
import { type Html, html, NOTHING, said, saidLines } from './html.ts';
import { LIMITS } from './limits.ts';
import { isOpen, type Run, runsOf, runTone } from './outcome.ts';
import type { TimelineEvent } from './timeline.ts';
import {
  type Approval,
  BASES,
  type Change,
  chip,
  count,
  listed,
  moment,
  oid,
  person,
  type Tone,
  wholeId,
} from './words.ts';

/** What others told of the changes afterwards. */
export function sayingEvents(drawing: Drawing): TimelineEvent[] {
  const { changes, decisions, approvals } = drawing.evidence;
  return [
    ...runsOf(decisions.slice(0, LIMITS.decisions)).map((run) => checked(run, drawing.place)),
    ...approvals.slice(0, LIMITS.approvals).map(approved),
    ...once(changes.flatMap(landed)),
    ...changes.flatMap(replayed),
    ...once(changes.flatMap(reverted)),
    ...once(changes.flatMap(relanded)),
  ];
}

/** Several commits tell of one and the same. */
function once(events: readonly (TimelineEvent & { readonly key: string })[]): TimelineEvent[] {
  return [...new Map(events.map((event) => [event.key, event])).values()];
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
  const open = run.decisions.filter(isOpen).length;
  const passed = run.decisions.filter((one) => one.decision.result === 'pass').length;
  return {
    phase: 'checked',
    at: decision.recordedAt,
    order: decision.recordedAt,
    tone: runTone(run),
    title: html`${passed} of ${count(run.decisions.length, 'rule')} passed at ${STAGES[decision.stage]}${open > 0 ? `, ${open} did not` : ''}`,
    body: html`<p>${chip(BASES[basis]?.tone ?? 'warn', basisWords(basis, signedBy))}</p>
<dl class="rows"><dt>judged</dt><dd>up to commit ${oid(decision.subject.head)}${decision.subject.target === null ? NOTHING : html`, on its way to ${said(decision.subject.target, 200)}`}</dd>${policyRows(run)}<dt>facts</dt><dd>${wholeId(decision.inputs)}</dd>${decision.by === null ? NOTHING : html`<dt>run by</dt><dd>${person(decision.by)}</dd>`}</dl>
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
    ['basis', chip(BASES[basis]?.tone ?? 'warn', BASES[basis]?.says ?? basis)],
    [
      'signer',
      signedBy === null
        ? html`${chip(basis === 'asserted' ? 'warn' : 'idle', 'no key of a person signed it')}`
        : person(signedBy),
    ],
    [
      'in person',
      present
        ? chip('ok', 'a security key was touched')
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

type Keyed = TimelineEvent & { readonly key: string };

const PROOFS = {
  trailer: 'its message names the record',
  'patch-id': 'it is the same patch',
  'range-patch-id': 'it is the same patch as the range',
  rewrite: 'git told of the rewrite',
} as const;

function landed({ landings }: Change): Keyed[] {
  return landings.slice(0, LIMITS.approvals).map((one) => ({
    key: `${one.from} ${one.commit} ${one.record}`,
    phase: 'landed',
    at: one.at,
    order: one.at,
    tone: one.grade === 'modified' ? 'warn' : 'ok',
    title: html`The work of ${oid(one.from)} is in ${oid(one.commit)}`,
    body: html`<p>${chip(one.grade === 'modified' ? 'warn' : 'ok', one.grade)} <span class="sub">${PROOFS[one.proof]}; ${said(one.via, 60)}${one.sealed ? '; sealed' : ''}</span></p><dl class="rows"><dt>commit</dt><dd>${wholeId(one.commit)}</dd><dt>record</dt><dd>${wholeId(one.record)}</dd></dl>`,
  }));
}

const VERDICTS: Readonly<Record<Change['replays'][number]['verdict'], Tone>> = {
  identical: 'ok',
  equivalent: 'ok',
  accepted: 'ok',
  divergent: 'bad',
  failed: 'bad',
  inconclusive: 'warn',
  invalid: 'bad',
  skipped: 'idle',
};

const MODES = {
  verify: 'checked against its record',
  calls: 'made again from its calls',
  rerun: 'given to an agent again',
} as const;

function replayed({ commit, replays }: Change): TimelineEvent[] {
  return replays.slice(0, LIMITS.approvals).map(({ mode, verdict, at, coverage, problems }) => ({
    phase: 'replayed',
    at,
    order: at,
    tone: VERDICTS[verdict],
    title: html`Commit ${oid(commit)} was ${MODES[mode]}: ${verdict}`,
    body: html`<p class="sub">Of ${count(coverage.callsTotal, 'call')}: ${coverage.executed} executed, ${coverage.stubbed} stood in for, ${coverage.skipped} skipped.</p>${problems.length === 0 ? NOTHING : html`<ul>${problems.slice(0, LIMITS.texts).map((problem) => html`<li>${said(problem, 500)}</li>`)}</ul>`}`,
  }));
}

function reverted({ reverts }: Change): Keyed[] {
  return reverts.map(({ commit, txns, scope, verdict, plan, at }) => ({
    key: `${commit} ${at}`,
    phase: 'reverted',
    at,
    order: at,
    tone: 'warn',
    title: html`${scope === 'partial' ? 'Taken back in part' : 'Taken back'} by ${oid(commit)}`,
    body: html`<p class="sub">Asserted: what git agent-revert said it did (${verdict}).</p><dl class="rows"><dt>commit</dt><dd>${wholeId(commit)}</dd><dt>of</dt><dd>${listed(txns.slice(0, 20).map(wholeId))}</dd><dt>plan</dt><dd>${wholeId(plan)}</dd></dl>`,
  }));
}

function relanded({ relands }: Change): Keyed[] {
  return relands.map(({ commit, txns, scope, at }) => ({
    key: `${commit} ${at}`,
    phase: 'landed',
    at,
    order: at,
    tone: 'idle',
    title: html`${scope === 'partial' ? 'Brought back in part' : 'Brought back'} by ${oid(commit)}`,
    body: html`<p class="sub">Asserted, ${moment(at)}.</p><dl class="rows"><dt>of</dt><dd>${listed(txns.slice(0, 20).map(wholeId))}</dd></dl>`,
  }));
}
