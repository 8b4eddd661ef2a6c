import { label, plainUrl } from '../agents/payload.ts';
import { type Fields, Tally } from './fields.ts';
import { sourceJson, sourceText } from './json.ts';
import { countLines, type LineRange, lineRange } from './ranges.ts';
import {
  isProblem,
  type LineCounts,
  NO_SESSION,
  type ParsedSource,
  problem,
  type SourceDocument,
  type SourceFile,
  type SourceProblem,
  type SourceSession,
} from './source.ts';

const KNOWN_VERSIONS: readonly string[] = ['0.1', '0.1.0', '1.0'];
const MAX_TRACES = 200_000;
/** A file of traces grows with every edit; each of its lines is bounded as a note is. */
export const MAX_TRACE_FILE: number = 64 * 1024 * 1024;

/** One trace record, and the commit it names. */
export interface Trace {
  /** The record's own text: what its digest is of. */
  readonly raw: string;
  readonly revision: string;
  readonly at: string | null;
  readonly document: SourceDocument;
}

export interface ParsedTraces {
  readonly traces: readonly Trace[];
  readonly problems: readonly SourceProblem[];
}

/** Reads agent-trace records: one JSON object, a list of them, or one per line. What can't be read is named by line. */
export function parseAgentTraces(source: Uint8Array | string): ParsedTraces {
  const decoded = sourceText(source, MAX_TRACE_FILE);
  if (isProblem(decoded)) return { traces: [], problems: [decoded.problem] };
  const { parts, name } = partsOf(decoded.text);
  const traces: Trace[] = [];
  const problems: SourceProblem[] = [];
  for (const [i, part] of parts.slice(0, MAX_TRACES).entries()) {
    if (part.trim() === '') continue;
    const parsed = parseTrace(part);
    if ('problem' in parsed)
      problems.push({ ...parsed.problem, detail: `${name} ${i + 1}: ${parsed.problem.detail}` });
    else traces.push(parsed);
  }
  if (parts.length > MAX_TRACES + 1)
    problems.push({ code: 'too-many', detail: `more than ${MAX_TRACES} traces` });
  return { traces, problems };
}

/** Reads one trace record, as far as it is of this format: the commit it names is not looked at. */
export function parseAgentTrace(source: Uint8Array | string): ParsedSource {
  const decoded = sourceText(source);
  if (isProblem(decoded)) return decoded;
  const parsed = parseTrace(decoded.text);
  return 'problem' in parsed ? parsed : { document: parsed.document };
}

function partsOf(text: string): { parts: readonly string[]; name: 'line' | 'record' } {
  const whole = sourceJson(text);
  if (isProblem(whole)) return { parts: text.split('\n', MAX_TRACES + 2), name: 'line' };
  const { value } = whole;
  return { parts: Array.isArray(value) ? value.map((item) => JSON.stringify(item)) : [text], name: 'record' };
}

function parseTrace(raw: string): Trace | { readonly problem: SourceProblem } {
  const json = sourceJson(raw);
  if (isProblem(json)) return json;
  const tally = new Tally();
  const record = tally.open(json.value, '');
  if (record === null) return problem('invalid', 'no object');
  const version = record.label('version');
  if (version === null || !KNOWN_VERSIONS.includes(version))
    return problem('unknown-version', version === null ? 'no version' : `version ${version}`);
  const vcs = record.object('vcs');
  const system = vcs?.label('type') ?? null;
  const revision = vcs?.text('revision')?.toLowerCase() ?? '';
  if (system !== 'git') return problem('no-commit', `the trace is of ${system ?? 'no'} version control`);
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(revision))
    return problem('no-commit', `the revision is no commit's id: ${label(revision).slice(0, 80)}`);
  const tool = record.object('tool');
  const at = record.time('timestamp');
  const agent = { name: tool?.label('name') ?? null, version: tool?.label('version') ?? null };
  const sessions = sessionsOf(record).map((session) => ({ ...session, agent, at }));
  const document = {
    format: `agent-trace/${version}`,
    toolVersion: null,
    sessions,
    problems: [],
    unread: tally.unread(),
  };
  return { raw, revision, at, document };
}

type Lines = Map<string, Map<keyof LineCounts, LineRange[]>>;

/** What one model did in one session. */
interface Part {
  readonly session: string;
  readonly model: string | null;
  readonly files: Lines;
}

function sessionsOf(record: Fields): SourceSession[] {
  const metadata = record.object('metadata');
  const named = metadata?.label('session_id') ?? metadata?.label('conversation_id') ?? null;
  const id = record.label('id') ?? 'trace';
  const parts = new Map<string, Part>();
  const byHand = new Map<string, Lines>();
  for (const file of record.objects('files')) {
    const path = file.text('path');
    for (const conversation of file.objects('conversations')) {
      const session = sessionOf(conversation) ?? named ?? id;
      const contributor = contributorOf(conversation);
      for (const range of conversation.objects('ranges')) {
        range.skip('content_hash');
        const { by, model } = contributorOf(range) ?? contributor ?? UNKNOWN;
        const lines = lineRange(range.count('start_line') ?? 0, range.count('end_line') ?? 0);
        if (path === null || lines === null) continue;
        const isAgents = by === 'agent' || by === 'mixed';
        addRange(isAgents ? partOf(parts, session, model).files : linesOf(byHand, session), path, by, lines);
      }
    }
  }
  const all = [...parts.values()];
  const own = all.map(({ session }) => takeOnce(byHand, session));
  // Lines of a conversation no agent had a part in are told with the trace's first session.
  const others = [...byHand.values()];
  return all.map((part, i) => ({
    ...partSession(part, i === 0 ? [...own.slice(0, 1), ...others] : own.slice(i, i + 1)),
    id: i === 0 ? id : `${id}#${i + 1}`,
  }));
}

function partOf(parts: Map<string, Part>, session: string, model: string | null): Part {
  const key = JSON.stringify([session, model]);
  const part = parts.get(key) ?? { session, model, files: new Map() };
  parts.set(key, part);
  return part;
}

function linesOf(sessions: Map<string, Lines>, session: string): Lines {
  const lines = sessions.get(session) ?? new Map<string, Map<keyof LineCounts, LineRange[]>>();
  sessions.set(session, lines);
  return lines;
}

/** Lines nobody says an agent wrote: told once, with the first of the session's models. */
function takeOnce(sessions: Map<string, Lines>, session: string): Lines {
  const lines = sessions.get(session);
  sessions.delete(session);
  return lines ?? new Map<string, Map<keyof LineCounts, LineRange[]>>();
}

function addRange(files: Lines, path: string, by: keyof LineCounts, lines: LineRange): void {
  const file = files.get(path) ?? new Map<keyof LineCounts, LineRange[]>();
  const known = file.get(by);
  if (known === undefined) file.set(by, [lines]);
  else known.push(lines);
  files.set(path, file);
}

/** A conversation's address without what may be a secret in it; of a local file only the name. */
function sessionOf(conversation: Fields): string | null {
  const url = conversation.text('url');
  if (url === null) return null;
  if (/^file:/i.test(url)) return label(url.split(/[/\\]/).at(-1) ?? '') || null;
  return plainUrl(url) ?? null;
}

interface Contributor {
  readonly by: keyof LineCounts;
  readonly model: string | null;
}

const UNKNOWN: Contributor = { by: 'unknown', model: null };

const CONTRIBUTORS: ReadonlyMap<string, keyof LineCounts> = new Map([
  ['ai', 'agent'],
  ['mixed', 'mixed'],
  ['human', 'human'],
  ['unknown', 'unknown'],
]);

function contributorOf(fields: Fields): Contributor | null {
  const contributor = fields.object('contributor');
  if (contributor === null) return null;
  const by = CONTRIBUTORS.get(contributor.text('type') ?? '') ?? 'unknown';
  return { by, model: contributor.label('model_id') };
}

function partSession(part: Part, byHand: readonly Lines[]): Omit<SourceSession, 'id'> {
  const slash = part.model?.indexOf('/') ?? -1;
  const provider = slash > 0 ? (part.model?.slice(0, slash) ?? null) : null;
  for (const [path, lines] of byHand.flatMap((files) => [...files]))
    for (const [by, ranges] of lines) for (const range of ranges) addRange(part.files, path, by, range);
  return {
    ...NO_SESSION,
    session: part.session,
    model: { provider, name: slash > 0 ? (part.model?.slice(slash + 1) ?? null) : part.model },
    files: [...part.files].map(([path, lines]) => fileOf(path, lines)),
  };
}

function fileOf(path: string, lines: ReadonlyMap<keyof LineCounts, readonly LineRange[]>): SourceFile {
  return { path, lines: Object.fromEntries([...lines].map(([by, ranges]) => [by, countLines(ranges)])) };
}
