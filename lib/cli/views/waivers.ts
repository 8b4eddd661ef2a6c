import type { EvidenceRequest } from '../../core/events/requests.ts';
import type { Waiver } from '../../core/events/waivers.ts';
import { localTime, oneLine, type ViewOptions } from './text.ts';

/** Of an id: its time, and enough to tell two of one moment apart. */
const SHORT = 12;

type Options = Pick<ViewOptions, 'paint' | 'columns'>;

/** Waivers, one a line: how it stands, until when, for what, who said yes, and whether that is signed. */
export function renderWaivers(
  waivers: readonly Waiver[],
  heeded: ReadonlySet<string>,
  { paint, columns }: Options,
): string {
  if (waivers.length === 0) return 'No waivers.\n';
  return waivers
    .map((one) => {
      const isHeeded = heeded.has(one.id);
      const tint = isHeeded ? paint.good : paint.faint;
      const who = one.approvedBy === null ? `asked by ${one.requestedBy.name}` : `by ${one.approvedBy.name}`;
      const scope = one.rule ?? `exception ${one.exception?.slice(0, 8) ?? ''}`;
      const text = `${scope}${one.paths === null ? '' : ` ${one.paths.join(' ')}`}, ${who}${one.state === 'active' && !isHeeded ? ', not signed' : ''}`;
      return `${paint.name(one.id.slice(0, SHORT))}  ${tint(one.state.padEnd(10))}  until ${localTime(new Date(one.until).toISOString()).slice(0, 10)}  ${oneLine(text, Math.max(16, columns - 44))}\n`;
    })
    .join('');
}

/** Requests for evidence, one a line. */
export function renderRequests(requests: readonly EvidenceRequest[], { paint, columns }: Options): string {
  if (requests.length === 0) return 'No requests for evidence.\n';
  return requests
    .map((one) => {
      const tint = one.state === 'accepted' ? paint.good : paint.warn;
      const since = localTime(new Date(one.requestedAt).toISOString());
      return `${paint.name(one.id.slice(0, SHORT))}  ${tint(one.state.padEnd(9))}  ${paint.faint(since)}  ${oneLine(one.question, Math.max(20, columns - 43))}\n`;
    })
    .join('');
}
