import type { Drawing } from './drawing.ts';
import { cutList, type Html, html, NOTHING, said, saidLines } from './html.ts';
import { LIMITS } from './limits.ts';
import type { TimelineEvent } from './timeline.ts';
import { toolCalls } from './tool-calls.ts';
import {
  BINDINGS,
  type Change,
  chip,
  count,
  listed,
  marked,
  moment,
  moreOf,
  number,
  oid,
  plainChip,
  textOrWhy,
  wholeId,
} from './words.ts';

/** What each commit's record says: asked, saw, did, committed. */
export function changeEvents(drawing: Drawing): TimelineEvent[] {
  return drawing.evidence.changes
    .slice(0, LIMITS.changes)
    .flatMap((change) => [
      ...asked(change, drawing),
      ...saw(change, drawing),
      ...did(change, drawing),
      committed(change, drawing),
    ]);
}

function orderOf(change: Change): string {
  return change.recordedAt ?? '';
}

function asked(change: Change, drawing: Drawing): TimelineEvent[] {
  const { prompts, task, commit } = change;
  if (prompts.length === 0) return [];
  const { shown, more } = cutList(prompts, LIMITS.texts);
  const texts = shown.map((prompt) => {
    const isTask = prompt.text !== undefined && prompt.text === task?.text;
    const text = isTask
      ? html`<p class="sub">The task, as above.</p>`
      : textOrWhy(prompt, (it) => longText(it, drawing));
    return html`<li><p class="sub">${moment(prompt.at)}</p>${text}</li>`;
  });
  return [
    {
      phase: 'asked',
      at: shown[0]?.at ?? null,
      order: orderOf(change),
      tone: prompts.some(({ text }) => text === undefined) ? 'warn' : 'idle',
      title: html`${count(prompts.length, 'prompt')} before commit ${oid(commit)}`,
      body: html`<ol class="texts">${texts}</ol>${moreOf(more, 'prompt', drawing.place)}`,
    },
  ];
}

function saw(change: Change, drawing: Drawing): TimelineEvent[] {
  const { context, base } = change;
  if (context.length === 0 && base === null) return [];
  const { shown, more } = cutList(context, LIMITS.context);
  const items = shown.map(
    ({ kind, uri, digest }) =>
      html`<li>${plainChip(said(kind, 60))} <code class="path">${uri === null ? 'not named in the record' : said(uri, 500)}</code>${digest === null ? NOTHING : html` <code class="digest" title="${digest}">${digest.slice(0, 22)}\u2026</code>`}</li>`,
  );
  const list =
    items.length === 0
      ? NOTHING
      : html`<details ${items.length <= 8 ? html`open` : NOTHING}><summary>${count(context.length, 'thing')} it read</summary><ul class="plain rows">${items}</ul>${moreOf(more, 'thing', drawing.place)}</details>`;
  return [
    {
      phase: 'saw',
      at: null,
      order: orderOf(change),
      tone: base?.dirty === true ? 'warn' : 'idle',
      title: html`${baseWords(base)}`,
      body: html`${dirtyWords(base)}${list}`,
    },
  ];
}

function baseWords(base: Change['base']): Html {
  if (base === null) return html`On a base nobody recorded`;
  const where = base.commit === null ? html`an empty repository` : html`commit ${oid(base.commit)}`;
  return html`The repository at ${where}${base.branch === null ? NOTHING : html` on ${said(base.branch, 200)}`}`;
}

function dirtyWords(base: Change['base']): Html {
  if (base?.dirty !== true)
    return base?.dirty === false ? html`<p class="sub">Nothing was uncommitted.</p>` : NOTHING;
  const paths = base.dirtyPaths ?? [];
  const { shown } = cutList(paths, LIMITS.filesOfCall);
  return html`<p>${chip('warn', `${number(paths.length)} uncommitted`)} ${listed(shown.map((path) => html`<code class="path">${said(path, 300)}</code>`))}</p>`;
}

function did(change: Change, drawing: Drawing): TimelineEvent[] {
  const { toolCalls: calls, agent, model, reason, contributors = [] } = change;
  if (agent === null) return [];
  const failed = calls.filter(({ status }) => status === 'error').length;
  const name = html`${said(agent.name, 100)}${agent.version === null ? NOTHING : html` ${said(agent.version, 60)}`}`;
  const also = contributors
    .slice(0, 20)
    .map(
      (one) => html`<p class="sub">Also by ${said(one.name, 100)}, session ${said(one.sessionId, 100)}</p>`,
    );
  const why =
    reason == null
      ? NOTHING
      : html`<h4>The agent said</h4>${textOrWhy(reason, (it) => longText(it, drawing))}`;
  return [
    {
      phase: 'did',
      at: calls[0]?.startedAt ?? null,
      order: orderOf(change),
      tone: 'idle',
      title: html`${count(calls.length, 'tool call')} by ${name}${failed > 0 ? html` <span class="sub">${failed} failed</span>` : NOTHING}`,
      body: html`<p class="sub">${model?.name == null ? 'Model not known' : html`Model ${said(model.name, 100)}${model.provider === null ? NOTHING : html` by ${said(model.provider, 100)}`}`}${agent.sessionId === null ? NOTHING : html`, session ${said(agent.sessionId, 100)}`}${usageWords(change.usage)}</p>${also}${toolCalls(calls, drawing)}${why}`,
    },
  ];
}

function usageWords(usage: Change['usage']): string {
  if (usage === null) return '';
  return `, ${number(usage['inputTokens'] ?? 0)} tokens in, ${number(usage['outputTokens'] ?? 0)} out`;
}

function committed(change: Change, drawing: Drawing): TimelineEvent {
  const { commit, subject, binding, authorship, files, integrity } = change;
  const bound = BINDINGS[binding];
  const rows: [string, Html][] = [
    ['commit', wholeId(commit)],
    ['binding', marked(bound.tone, bound.says)],
    ['seal', sealWords(change)],
    ...(change.record == null ? [] : [['record', wholeId(change.record)] satisfies [string, Html]]),
    ...(change.regroupedFrom == null
      ? []
      : [['regrouped', html`recorded as part of ${wholeId(change.regroupedFrom)}`] satisfies [string, Html]]),
    ...assuranceRow(change),
    ...erasedRow(change),
  ];
  const gaps = (change.gaps ?? []).slice(0, LIMITS.texts).map((gap) => html`<li>${said(gap, 500)}</li>`);
  return {
    phase: 'committed',
    at: change.recordedAt ?? null,
    order: orderOf(change),
    tone: integrity.ok ? bound.tone : 'bad',
    title: html`${subject === undefined ? html`Commit ${oid(commit)}` : said(subject, 300)}`,
    body: html`<p class="sub">${authorship === 'agent' ? 'By an agent' : authorship === 'human' ? 'By a person' : 'By nobody can say whom'}, ${count(files.length, 'file')}; <a href="#change-${commit}">see the diff</a></p>
<dl class="rows">${rows.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>
${integrity.ok ? NOTHING : html`<ul>${integrity.problems.slice(0, LIMITS.texts).map((problem) => html`<li>${chip('bad', 'does not verify')} ${said(problem, 1000)}</li>`)}</ul>`}
${gaps.length === 0 ? NOTHING : html`<h4>Not seen by the recorder</h4><ul>${gaps}</ul>${moreOf((change.gaps?.length ?? 0) - gaps.length, 'line', drawing.place)}`}
`,
  };
}

function sealWords({ sealed, capture, record }: Change): Html {
  if (sealed) return marked('ok', 'sealed: the commit\u2019s message names the record by its digest');
  if (record == null) return marked('idle', 'there is no record to seal');
  return marked(
    'warn',
    capture?.late === true
      ? 'not sealed: no git hook ran, it was found later'
      : 'not sealed: the message does not name the record',
  );
}

function assuranceRow({ capture }: Change): [string, Html][] {
  if (capture?.assurance == null) return [];
  const says =
    capture.assurance === 'asserted'
      ? 'asserted after the fact: somebody says so, nobody saw it'
      : 'imported after the fact: another tool\u2019s file says so';
  return [['assurance', marked('warn', says)]];
}

function erasedRow({ erased }: Change): [string, Html][] {
  if (erased == null) return [];
  return [
    [
      'erased',
      html`${chip('warn', 'its texts were destroyed')} ${moment(erased.at)}: ${said(erased.reason, 500)}`,
    ],
  ];
}

function longText(text: string, drawing: Drawing): Html {
  return saidLines(text, drawing.characters(Math.min(text.length, LIMITS.textCharacters)));
}
