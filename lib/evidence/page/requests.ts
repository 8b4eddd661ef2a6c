import type { Drawing } from './drawing.ts';
import { cutList, type Html, html, NOTHING, said } from './html.ts';
import { LIMITS } from './limits.ts';
import { chip, count, moment, moreOf, person, type Tone } from './words.ts';

const STATES: Readonly<Record<Drawing['evidence']['requests'][number]['state'], Tone>> = {
  requested: 'warn',
  delivered: 'idle',
  accepted: 'ok',
  rejected: 'bad',
};

/** Who asked for this evidence, and what became of it. */
export function requests({ evidence, place }: Drawing): Html {
  const { shown, more } = cutList(evidence.requests, LIMITS.requests);
  if (shown.length === 0) return NOTHING;
  const items = shown.map(
    (one) =>
      html`<li><p>${chip(STATES[one.state], `${one.state}, ${one.trust}`)} <strong>${said(one.question, 1000)}</strong></p><p class="sub">asked ${moment(one.requestedAt)}${one.requestedBy === null ? NOTHING : html` by ${person(one.requestedBy)}`}${one.due === null ? NOTHING : html`, due ${moment(one.due)}`}${one.overdue ? ', overdue' : ''}${one.deliveredAt === null ? NOTHING : html`, delivered ${moment(one.deliveredAt)}${one.missing.length > 0 ? html` with ${count(one.missing.length, 'gap')}` : NOTHING}`}${one.acceptedAt === null ? NOTHING : html`, accepted ${moment(one.acceptedAt)}`}${one.rejections > 0 ? html`, ${count(one.rejections, 'rejection')}` : NOTHING}</p></li>`,
  );
  return html`<section id="requests" aria-labelledby="requests-title"><h2 id="requests-title">Requests for evidence</h2><ul class="plain cards-list">${items}</ul>${moreOf(more, 'request', place)}</section>`;
}
