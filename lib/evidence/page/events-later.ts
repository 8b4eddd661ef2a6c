import { type Html, html, NOTHING, said } from './html.ts';
import { LIMITS } from './limits.ts';
import type { TimelineEvent } from './timeline.ts';
import { type Change, chip, count, listed, moreOf, oid, type Tone, wholeId } from './words.ts';

/** What became of the commits: landed, replayed, taken back, brought back. */
export function laterEvents(changes: readonly Change[]): TimelineEvent[] {
  return [
    ...landed(changes),
    ...changes.flatMap(replayed),
    ...once(changes.flatMap(reverted)),
    ...once(changes.flatMap(relanded)),
  ];
}

type Keyed = TimelineEvent & { readonly key: string };

/** Several commits tell of one and the same. */
function once(events: readonly Keyed[]): TimelineEvent[] {
  return [...new Map(events.map((event) => [event.key, event])).values()];
}

type Landing = Change['landings'][number];

/** Landings of several records in one commit are one. */
function landed(changes: readonly Change[]): TimelineEvent[] {
  const byCommit = new Map<string, [Landing, ...Landing[]]>();
  for (const one of changes.flatMap(({ landings }) => landings)) {
    const known = byCommit.get(one.commit);
    if (known === undefined) byCommit.set(one.commit, [one]);
    else if (known.every(({ from, record }) => from !== one.from || record !== one.record)) known.push(one);
  }
  return [...byCommit.values()].map(landingEvent);
}

const PROOFS = {
  trailer: 'its message names the record',
  'patch-id': 'it is the same patch',
  'range-patch-id': 'it is the same patch as the whole range',
  rewrite: 'git told of the rewrite',
} as const;

function landingEvent(landings: readonly [Landing, ...Landing[]]): TimelineEvent {
  const [first] = landings;
  const shown = landings.slice(0, LIMITS.texts);
  const rows = shown.map(
    (one) =>
      html`<dt>${oid(one.from)}</dt><dd>${chip(toneOf(one), one.grade)} <span class="sub">${PROOFS[one.proof]}${one.sealed ? ', sealed' : ''}; told by ${said(one.via, 60)}</span><br>record ${wholeId(one.record)}</dd>`,
  );
  return {
    phase: 'landed',
    at: first.at,
    order: first.at,
    tone: landings.some((one) => toneOf(one) === 'warn') ? 'warn' : 'ok',
    title: html`The work of ${landings.length === 1 ? oid(first.from) : count(landings.length, 'commit')} is in ${oid(first.commit)}`,
    body: html`<dl class="rows"><dt>commit</dt><dd>${wholeId(first.commit)}</dd>${rows}</dl>${moreOf(landings.length - shown.length, 'commit', 'the ledger')}`,
  };
}

function toneOf({ grade }: Landing): Tone {
  return grade === 'modified' ? 'warn' : 'ok';
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
    body: html`${mode === 'verify' ? NOTHING : html`<p class="sub">Of ${count(coverage.callsTotal, 'call')}: ${coverage.executed} executed, ${coverage.stubbed} stood in for, ${coverage.skipped} skipped.</p>`}${problemList(problems)}`,
  }));
}

function problemList(problems: readonly string[]): Html {
  if (problems.length === 0) return NOTHING;
  return html`<ul>${problems.slice(0, LIMITS.texts).map((problem) => html`<li>${said(problem, 500)}</li>`)}</ul>`;
}

function reverted({ reverts }: Change): Keyed[] {
  return reverts.map(({ commit, txns, scope, verdict, plan, at }) => ({
    key: `${commit} ${at}`,
    phase: 'reverted',
    at,
    order: at,
    tone: 'warn',
    title: html`${scope === 'partial' ? 'Taken back in part' : 'Taken back'} by ${oid(commit)}`,
    body: html`<p class="sub">Asserted: git agent-revert says it did so (${verdict}).</p><dl class="rows"><dt>commit</dt><dd>${wholeId(commit)}</dd><dt>of</dt><dd>${listed(txns.slice(0, 20).map(wholeId))}</dd><dt>plan</dt><dd>${wholeId(plan)}</dd></dl>`,
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
    body: html`<p class="sub">Asserted: git agent-revert says it did so.</p><dl class="rows"><dt>commit</dt><dd>${wholeId(commit)}</dd><dt>of</dt><dd>${listed(txns.slice(0, 20).map(wholeId))}</dd></dl>`,
  }));
}
