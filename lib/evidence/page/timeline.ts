import type { Drawing } from './drawing.ts';
import { changeEvents } from './events-of-change.ts';
import { sayingEvents } from './events-told.ts';
import { cutList, type Html, html, NOTHING } from './html.ts';
import { LIMITS } from './limits.ts';
import { icon, moment, moreOf, type Tone } from './words.ts';

/** Steps of a piece of work, in the order they come where nothing tells their times apart. */
export const PHASES = [
  'asked',
  'saw',
  'did',
  'committed',
  'checked',
  'approved',
  'landed',
  'replayed',
  'reverted',
] as const;
export type Phase = (typeof PHASES)[number];

const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  asked: 'Asked',
  saw: 'Saw',
  did: 'Did',
  committed: 'Committed',
  checked: 'Checked',
  approved: 'Approved',
  landed: 'Landed',
  replayed: 'Replayed',
  reverted: 'Reverted',
};

export interface TimelineEvent {
  readonly phase: Phase;
  /** When it is told to have happened; null where no record says. */
  readonly at: string | null;
  /** What it is ordered by: of the parts of one commit the time of its record, so that they stay together. */
  readonly order: string;
  readonly tone: Tone;
  readonly title: Html;
  readonly body: Html;
}

/** What happened, oldest first. */
export function timeline(drawing: Drawing): Html {
  const events = [...changeEvents(drawing), ...sayingEvents(drawing)].sort(byOrder);
  const { shown, more } = cutList(events, LIMITS.events);
  const present = PHASES.filter((phase) => shown.some((event) => event.phase === phase));
  return html`<section id="timeline" aria-labelledby="timeline-title">
<h2 id="timeline-title">What happened</h2>
<div class="tools" id="timeline-tools" hidden role="group" aria-label="Show in the timeline">
${present.map((phase) => html`<button type="button" class="toggle" data-phase="${phase}" aria-pressed="true">${PHASE_WORDS[phase]}</button>`)}
<button type="button" class="plain-button" id="open-all">Open all</button><button type="button" class="plain-button" id="close-all">Close all</button>
</div>
${shown.length === 0 ? html`<p class="no-text">Nothing is on record.</p>` : html`<ol class="timeline">${shown.map(item)}</ol>`}
${moreOf(more, 'event', drawing.place)}
</section>`;
}

function byOrder(a: TimelineEvent, b: TimelineEvent): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  return PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase);
}

function item({ phase, at, tone, title, body }: TimelineEvent): Html {
  return html`<li class="event ${tone}" data-phase="${phase}"><div class="mark">${icon(phase)}</div><div class="what"><p class="when"><span class="phase">${PHASE_WORDS[phase]}</span> ${at === null ? NOTHING : moment(at)}</p><h3>${title}</h3>${body}</div></li>`;
}
