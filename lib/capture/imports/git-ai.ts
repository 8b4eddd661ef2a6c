import { utcTime } from '../../core/utc-time.ts';
import { asText } from '../agents/payload.ts';
import { type Fields, Tally } from './fields.ts';
import { sourceJson, sourceText } from './json.ts';
import { countLines, type LineRange, parseRanges } from './ranges.ts';
import {
  isProblem,
  NO_SESSION,
  type ParsedSource,
  problem,
  type SourceBulk,
  type SourceFile,
  type SourceProblem,
  type SourceSession,
  type SourceText,
} from './source.ts';

const KNOWN_VERSION = 'authorship/3.0.0';
const MAX_SESSIONS = 1000;
const MAX_RANGES = 100_000;

/** Lines by file, by the id of the prompt, session or person they are attributed to. */
type Attestations = Map<string, Map<string, LineRange[]>>;

/**
 * Reads a git-ai note: paths with lines of `  <id> <ranges>`, then `---`, then JSON that says what the ids are. Sessions
 * (`s_…::t_…`), prompts (16 hex digits) and persons (`h_…`) may stand in one note.
 */
export function parseGitAi(source: Uint8Array | string): ParsedSource {
  const decoded = sourceText(source);
  if (isProblem(decoded)) return decoded;
  const divider = /^---[ \t\r]*$/m.exec(decoded.text);
  if (divider === null) return problem('invalid', "no line of '---' between the lines and the JSON");
  const json = sourceJson(decoded.text.slice(divider.index + divider[0].length));
  if (isProblem(json)) return json;
  const tally = new Tally();
  const metadata = tally.open(json.value, '');
  if (metadata === null) return problem('invalid', 'the JSON is no object');
  const version = metadata.label('schema_version');
  if (version !== KNOWN_VERSION) return problem('unknown-version', version ?? 'no schema_version');
  const attested = parseAttestations(decoded.text.slice(0, divider.index));
  return isProblem(attested) ? attested : gitAiDocument(metadata, attested.lines, tally);
}

function gitAiDocument(metadata: Fields, lines: Attestations, tally: Tally): ParsedSource {
  const prompts = metadata.entries('prompts');
  const sessions = metadata.entries('sessions');
  if (prompts.length + sessions.length > MAX_SESSIONS) return problem('too-many', 'sessions');
  const humans = metadata.keys('humans');
  const known = new Set([...prompts, ...sessions].map(([id]) => id).concat(humans));
  const byHand = linesByHand(lines);
  metadata.skip('base_commit_sha');
  return {
    document: {
      format: KNOWN_VERSION,
      toolVersion: metadata.label('git_ai_version'),
      sessions: [
        ...prompts.map(([id, prompt]) => promptSession(id, prompt, filesOf(lines.get(id), byHand))),
        ...sessions.map(([id, session]) => promptSession(id, session, filesOf(lines.get(id), byHand))),
      ],
      problems: unresolved(lines, known),
      unread: tally.unread(),
    },
  };
}

function promptSession(id: string, fields: Fields, files: SourceFile[]): SourceSession {
  const agent = fields.object('agent_id');
  const { texts, answers } = messagesOf(fields);
  return {
    ...NO_SESSION,
    id,
    agent: { name: agent?.label('tool') ?? null, version: null },
    session: agent?.label('id') ?? null,
    model: { provider: null, name: agent?.label('model') ?? null },
    author: fields.label('human_author'),
    files,
    counts: countsOf(fields),
    texts,
    bulk: answers.count === 0 ? [] : [answers],
  };
}

function filesOf(
  lines: Map<string, LineRange[]> | undefined,
  byHand: ReadonlyMap<string, LineRange[]>,
): SourceFile[] {
  return [...(lines ?? [])].map(([path, ranges]) => {
    const human = byHand.get(path);
    return {
      path,
      lines: { agent: countLines(ranges), ...(human === undefined ? {} : { human: countLines(human) }) },
    };
  });
}

/** Lines that persons are known to have written, by file. */
function linesByHand(lines: Attestations): ReadonlyMap<string, LineRange[]> {
  const found: Attestations = new Map();
  for (const [id, files] of lines)
    if (id.startsWith('h_')) for (const [path, ranges] of files) addRanges(found, '', path, ranges);
  return found.get('') ?? new Map<string, LineRange[]>();
}

function countsOf(fields: Fields): Map<string, number> {
  // The standard's table has the word right, its examples and every note have it with one d less.
  const overridden = fields.count('overriden_lines') ?? fields.count('overridden_lines');
  const all: [string, number | null][] = [
    ['added', fields.count('total_additions')],
    ['deleted', fields.count('total_deletions')],
    ['accepted', fields.count('accepted_lines')],
    ['overridden', overridden],
  ];
  return new Map(all.filter((entry): entry is [string, number] => entry[1] !== null));
}

/** What was asked and which tools were called, one by one; of everything else only how much it is. */
function messagesOf(fields: Fields): { texts: SourceText[]; answers: SourceBulk } {
  const texts: SourceText[] = [];
  let count = 0;
  let size = 0;
  for (const message of fields.objects('messages')) {
    const type = message.text('type');
    const at = utcTime(message.text('timestamp') ?? '') ?? null;
    const text = message.text('text');
    if (type === 'tool_use') {
      const args = asText(message.raw('input'));
      texts.push({ kind: 'args', name: message.label('name') ?? 'unknown', text: args, at });
    } else if (type === 'user' && text !== null) texts.push({ kind: 'prompt', text, at });
    else if (text !== null) {
      count++;
      size += Buffer.byteLength(text);
    }
  }
  return { texts, answers: { kind: 'answers', count, size } };
}

function parseAttestations(text: string): { lines: Attestations } | { problem: SourceProblem } {
  const lines: Attestations = new Map();
  let path: string | null = null;
  let count = 0;
  for (const [at, line] of text.split('\n').entries()) {
    const trimmed = line.trimEnd();
    if (trimmed === '') continue;
    if (!trimmed.startsWith('  ')) {
      path = unquoted(trimmed);
      continue;
    }
    const match = /^ {2}(\S{1,200}) (\S+)$/.exec(trimmed);
    const ranges = match?.[2] === undefined ? null : parseRanges(match[2], MAX_RANGES + 1);
    if (match?.[1] === undefined || ranges === null || path === null)
      return problem('invalid', `line ${at + 1} is neither a path nor an id with ranges`);
    count += ranges.length;
    if (count > MAX_RANGES) return problem('too-many', `more than ${MAX_RANGES} ranges`);
    addRanges(lines, match[1].split('::')[0] ?? '', path, ranges);
  }
  return { lines };
}

function addRanges(lines: Attestations, id: string, path: string, ranges: readonly LineRange[]): void {
  const files = lines.get(id) ?? new Map<string, LineRange[]>();
  const known = files.get(path);
  if (known === undefined) files.set(path, [...ranges]);
  else for (const range of ranges) known.push(range);
  lines.set(id, files);
}

function unquoted(path: string): string {
  return path.length > 1 && path.startsWith('"') && path.endsWith('"') ? path.slice(1, -1) : path;
}

/** Lines whose id the note does not explain: they are somebody's, and nobody knows whose. */
function unresolved(lines: Attestations, known: ReadonlySet<string>): SourceProblem[] {
  return [...lines]
    .filter(([id]) => !known.has(id))
    .slice(0, 20)
    .map(([id, files]) => {
      const count = [...files.values()].reduce((sum, ranges) => sum + countLines(ranges), 0);
      return {
        code: 'unresolved' as const,
        detail: `${count} lines are attributed to ${id.slice(0, 40)}, which the note does not describe`,
      };
    });
}
