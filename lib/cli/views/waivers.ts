import type { EvidenceRequest } from '../../core/events/requests.ts';
import type { Waiver } from '../../core/events/waivers.ts';
import type { Queue } from '../../oversight/exceptions/queue.ts';
import { count, localTime, oneLine, type ViewOptions } from './text.ts';

/** Of an id: its time, and enough to tell two of one moment apart. */
const SHORT = 12;

type Options = Pick<ViewOptions, 'paint' | 'columns'>;

/** Waivers, one a line: how it stands, until when, for what, who said yes, whether that is signed, and what does not fit. */
export function renderWaivers(
  waivers: readonly Waiver[],
  { heeded, anomalies }: Pick<Queue, 'heeded' | 'anomalies'>,
  { paint, columns }: Options,
): string {
  if (waivers.length === 0) return 'No waivers.\n';
  return waivers
    .map((one) => {
      const isHeeded = heeded.has(one.id);
      const tint = isHeeded ? paint.good : paint.faint;
      const odd = anomalies.filter(({ record }) => record.of === one.id).length;
      const text = `${odd === 0 ? '' : `${count(odd, 'step')} fit nowhere; `}${said(one, isHeeded)}`;
      return `${paint.name(one.id.slice(0, SHORT))}  ${tint(one.state.padEnd(10))}  until ${localTime(new Date(one.until).toISOString()).slice(0, 10)}  ${oneLine(text, Math.max(16, columns - 44))}\n`;
    })
    .join('');
}

function said({ rule, exception, paths, state, requestedBy, approvedBy }: Waiver, isHeeded: boolean): string {
  const scope = rule ?? `exception ${exception?.slice(0, 8) ?? ''}`;
  const where = paths === null ? '' : ` ${paths.join(' ')}`;
  const who = approvedBy === null ? `asked by ${requestedBy.name}` : `by ${approvedBy.name}`;
  return `${scope}${where}, ${who}${state === 'active' && !isHeeded ? ', not signed' : ''}`;
}

/** Requests for evidence, one a line. */
export function renderRequests(requests: readonly EvidenceRequest[], { paint, columns }: Options): string {
  if (requests.length === 0) return 'No requests for evidence.\n';
  return requests
    .map((one) => {
      const isUnsure = one.state === 'accepted' && one.trust === 'asserted';
      const tint = one.state === 'accepted' ? paint.good : paint.warn;
      const since = localTime(new Date(one.requestedAt).toISOString());
      return `${paint.name(one.id.slice(0, SHORT))}  ${tint(`${one.state}${isUnsure ? '?' : ''}`.padEnd(9))}  ${paint.faint(since)}  ${oneLine(one.question, Math.max(20, columns - 43))}\n`;
    })
    .join('');
}
