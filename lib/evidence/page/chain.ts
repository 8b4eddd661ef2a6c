import { visibleParts } from '../../core/escape-html.ts';
import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import { type ChainNode, chainNodes, LANES } from './chain-nodes.ts';
import type { Drawing } from './drawing.ts';
import { type Html, html, NOTHING } from './html.ts';
import { LIMITS } from './limits.ts';
import { moreOf } from './words.ts';

const BOX = { width: 174, height: 46, gapX: 34, gapY: 14, top: 34 } as const;

interface Placed extends ChainNode {
  readonly x: number;
  readonly y: number;
}

/** Who led to what, drawn: each answer leads back to what it was about, and what is not there is drawn as a gap. */
export function chain(drawing: Drawing): Html {
  const nodes = chainNodes(beginningOf(drawing.evidence));
  const rows = nodes.reduce((most, { row }) => Math.max(most, row + 1), 0);
  const placed = nodes.filter(({ row }) => row < LIMITS.graphRows).map(place);
  const byId = new Map(placed.map((node) => [node.id, node]));
  const height = BOX.top + Math.min(rows, LIMITS.graphRows) * (BOX.height + BOX.gapY) + 2;
  const width = LANES.length * BOX.width + (LANES.length - 1) * BOX.gapX + 4;
  const edges = placed.flatMap((node) => node.of.flatMap((id) => edge(byId.get(id), node)));
  return html`<section id="chain" aria-labelledby="chain-title">
<h2 id="chain-title">The chain</h2>
<p class="note">Read from left to right. A dashed box is a link nobody can show. <a href="#timeline">What happened</a> tells the same in words.</p>
<div class="scroll chain" tabindex="0" role="region" aria-label="The chain, drawn">
<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="chain-words">
<title id="chain-words">${placed.length} links: ${LANES.map((lane, i) => `${placed.filter((node) => node.lane === i && !node.isGap).length} ${lane.toLowerCase()}`).join(', ')}</title>
${LANES.map((lane, i) => html`<text class="lane" x="${xOf(i)}" y="16">${lane}</text><line class="rule-line" x1="${xOf(i)}" x2="${xOf(i) + BOX.width}" y1="24" y2="24"></line>`)}
${edges}${placed.map(box)}
</svg></div>
${rows > LIMITS.graphRows ? moreOf(rows - LIMITS.graphRows, 'row', drawing.place) : NOTHING}
</section>`;
}

/** As much of it as can have a place in the drawing. */
function beginningOf(evidence: EvidenceDocument): EvidenceDocument {
  return {
    ...evidence,
    txns: evidence.txns.slice(0, LIMITS.txns),
    changes: evidence.changes.slice(0, LIMITS.changes),
    decisions: evidence.decisions.slice(0, LIMITS.decisions),
    approvals: evidence.approvals.slice(0, LIMITS.approvals),
  };
}

function xOf(lane: number): number {
  return 2 + lane * (BOX.width + BOX.gapX);
}

function place(node: ChainNode): Placed {
  return { ...node, x: xOf(node.lane), y: BOX.top + node.row * (BOX.height + BOX.gapY) };
}

function edge(from: Placed | undefined, to: Placed): Html[] {
  if (from === undefined) return [];
  const x1 = from.x + BOX.width;
  const y1 = from.y + BOX.height / 2;
  const y2 = to.y + BOX.height / 2;
  const bend = Math.max(to.x - BOX.gapX / 2, x1 + 4);
  const tone = to.isGap ? 'gap' : to.tone;
  const path =
    y1 === y2
      ? `M${x1} ${y1}H${to.x}`
      : `M${x1} ${y1}H${bend - 6}C${bend + 6} ${y1} ${bend - 6} ${y2} ${bend + 6} ${y2}H${to.x}`;
  return [html`<path class="edge ${tone}" d="${path}"></path>`];
}

function box({ x, y, tone, isGap, title, sub }: Placed): Html {
  return html`<g class="node ${tone}${isGap ? ' gap' : ''}"><rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="7"></rect><svg x="${x + 9}" y="${y + 9}" width="13" height="13" class="icon"><use href="#i-${tone}"></use></svg><svg x="${x + 28}" y="${y}" width="${BOX.width - 34}" height="${BOX.height}"><text class="title" x="0" y="20">${fitted(title, 20)}</text><text class="sub" x="0" y="36">${fitted(sub, 26)}</text></svg></g>`;
}

/** As much as fits in a box, with everything unseen made visible first. */
function fitted(text: string, most: number): string {
  const letters = [
    ...visibleParts(text.slice(0, 200))
      .map((part) => part.text)
      .join(''),
  ];
  return letters.length <= most ? letters.join('') : `${letters.slice(0, most - 1).join('')}\u2026`;
}
