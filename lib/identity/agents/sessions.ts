import { createHash } from 'node:crypto';

/** A session of an agent that a commit names, in the words of the tool that put it there. */
export interface SessionMark {
  /** The tool: `entire`, `claude-session`… */
  readonly format: string;
  /** What the tool calls the session. */
  readonly unit: string;
  /** The agent, where the tool records only one. */
  readonly agent: string | null;
  readonly model: string | null;
  /** The agent's own name for the session. Null when the commit names several. */
  readonly sessionId: string | null;
}

interface Trailer {
  readonly format: string;
  readonly agent: string | null;
  readonly pattern: RegExp;
}

/** Trailers that name a session. A message may have several of one key, in the middle, in any case (squashes do). */
const TRAILERS: readonly Trailer[] = [
  trailer('gitvow', null, 'Gitvow-Session'),
  trailer('claude-session', 'claude-code', 'Claude-Session', 'https:\\/\\/claude\\.ai\\/code\\/(?=session_)'),
  trailer('amp-thread', 'amp', 'Amp-Thread-ID', 'https:\\/\\/ampcode\\.com\\/threads\\/(?=T-)'),
  trailer(
    'copilot-session',
    'copilot',
    'Agent-Logs-Url',
    'https:\\/\\/github\\.com\\/(?=\\S+\\/sessions\\/)',
  ),
  trailer('replit-session', 'replit', 'Replit-Commit-Session-Id'),
  trailer('whogitit', null, 'AI-Session'),
];

const ENTIRE_SESSION = trailer('entire', null, 'Entire-Session');
const ENTIRE_CHECKPOINT =
  /^[ \t>*+-]*Entire-Checkpoint:[ \t]*([0-9a-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25})[ \t]*\r?$/gim;

/** The session that a message names by a trailer of Entire; null when it names none so. */
export function entireSession(message: string): SessionMark | null {
  return markOf(ENTIRE_SESSION, message);
}

/** The checkpoints of Entire that a message names: where they are kept tells the session. */
export function entireCheckpoints(message: string): string[] {
  return distinct(message.matchAll(ENTIRE_CHECKPOINT));
}

/** The session that a message names by a trailer of any other tool; null when it names none. */
export function trailerSession(message: string): SessionMark | null {
  for (const known of TRAILERS) {
    const mark = markOf(known, message);
    if (mark !== null) return mark;
  }
  return null;
}

/** One session, or several as one: a squashed commit can't be told apart again. Null when there is none. */
export function sessionMark(
  format: string,
  ids: readonly string[],
  told: Pick<SessionMark, 'agent' | 'model'>,
): SessionMark | null {
  const known = [...new Set(ids.map(clean))].filter((id) => id !== '').sort();
  const [first] = known;
  if (first === undefined) return null;
  return { format, unit: unitOf(known), ...told, sessionId: known.length === 1 ? first.slice(0, 200) : null };
}

function markOf({ format, agent, pattern }: Trailer, message: string): SessionMark | null {
  return sessionMark(format, distinct(message.matchAll(pattern)), { agent, model: null });
}

function trailer(format: string, agent: string | null, key: string, before = ''): Trailer {
  return { format, agent, pattern: new RegExp(`^[ \\t>*+-]*${key}:[ \\t]*${before}(\\S{1,300})`, 'gim') };
}

function distinct(matches: Iterable<RegExpMatchArray>): string[] {
  return [...new Set([...matches].map((match) => match[1] ?? ''))];
}

const LONGEST_UNIT = 400;

function unitOf(ids: readonly string[]): string {
  const unit = ids.join(' + ');
  if (unit.length <= LONGEST_UNIT) return unit;
  const digest = createHash('sha256').update(unit).digest('hex');
  return `${unit.slice(0, LONGEST_UNIT)}… ${digest.slice(0, 16)}`;
}

function clean(id: string): string {
  return id.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim();
}
