import { label } from '../agents/payload.ts';
import { type Fields, Tally } from './fields.ts';
import { sourceJson, sourceText } from './json.ts';
import {
  isProblem,
  NO_SESSION,
  type ParsedSource,
  problem,
  type SourceDocument,
  type SourceFile,
  type SourceProblem,
  type SourceSession,
  type SourceUsage,
} from './source.ts';

/** Notes of 0.1 have no schema; the fields read here are spelled alike in all of these. */
const NEWEST_SCHEMA = 9;
const MAX_SESSIONS = 1000;

/**
 * Reads a gitvow note: the line `gitvow-session`, then JSON. After a squash git has put several into one note, one after
 * the other.
 */
export function parseGitvow(source: Uint8Array | string): ParsedSource {
  const decoded = sourceText(source);
  if (isProblem(decoded)) return decoded;
  const [before = '', ...parts] = decoded.text.split(/^gitvow-session[ \t\r]*$/m);
  if (parts.length === 0 || before.trim() !== '') {
    const first = label(decoded.text.split('\n', 1)[0] ?? '').slice(0, 40);
    return problem('unknown-version', `begins with '${first}', not with 'gitvow-session'`);
  }
  if (parts.length > MAX_SESSIONS) return problem('too-many', 'sessions');
  const tally = new Tally();
  const notes = parts.map((part) => sessionNote(part, tally));
  const failed = notes.find((note) => 'problem' in note);
  if (failed !== undefined && 'problem' in failed) return failed;
  const sessions = notes.flatMap((note) => ('session' in note ? [note] : []));
  return { document: documentOf(sessions, tally) };
}

interface SessionNote {
  readonly session: SourceSession;
  readonly schema: number | null;
}

function documentOf(notes: readonly SessionNote[], tally: Tally): SourceDocument {
  const schemas = [...new Set(notes.map(({ schema }) => `gitvow-session/${schema ?? 0}`))];
  return {
    format: schemas.join(' '),
    toolVersion: null,
    sessions: notes.map(({ session }) => session),
    problems: [],
    unread: tally.unread(),
  };
}

function sessionNote(text: string, tally: Tally): SessionNote | { readonly problem: SourceProblem } {
  const json = sourceJson(text);
  if (isProblem(json)) return json;
  const note = tally.open(json.value, '');
  if (note === null) return problem('invalid', 'no object');
  const schema = note.count('schema');
  if ((note.has('schema') && schema === null) || (schema !== null && schema > NEWEST_SCHEMA))
    return problem('unknown-version', `schema ${schema ?? 'of another kind'}`);
  const id = note.label('session_id');
  const plan = note.text('last_stated_plan');
  const attribution = note.object('attribution');
  const usage = note.object('usage');
  const models = usage?.keys('models').map((name) => label(name)) ?? [];
  // What the commit itself says, and two fixed sentences.
  note.skip('files_in_commit', 'transcript', 'redaction');
  return {
    schema,
    session: {
      ...NO_SESSION,
      id: id ?? 'session',
      session: id,
      agent: { name: note.label('agent'), version: null },
      model: { provider: null, name: models.length === 1 ? (models[0] ?? null) : null },
      step: note.count('step'),
      files: filesOf(note, attribution),
      counts: countsOf(note, attribution),
      usage: usageOf(usage),
      texts: plan === null ? [] : [{ kind: 'reason', text: plan, at: null }],
      gaps:
        models.length > 1 ? [`gitvow names ${models.length} models: ${models.slice(0, 5).join(', ')}`] : [],
    },
  };
}

function filesOf(note: Fields, attribution: Fields | null): SourceFile[] {
  const listed = attribution?.objects('files') ?? [];
  const files = listed.flatMap((file): SourceFile[] => {
    file.skip('agent_blob', 'committed_blob');
    const path = file.text('path');
    const wrote = file.flag('agent_wrote') === true;
    const added = file.count('lines_added_in_commit') ?? 0;
    const human = file.count('human_lines_added');
    file.skip('human_lines_removed');
    if (path === null || !wrote) return [];
    return [
      {
        path,
        lines: human === null ? {} : { agent: Math.max(0, added - human), human },
      },
    ];
  });
  const known = new Set(files.map(({ path }) => path));
  const written = note.texts('files_written_by_agent_this_session');
  return [...files, ...written.filter((path) => !known.has(path)).map((path) => ({ path, lines: {} }))];
}

function countsOf(note: Fields, attribution: Fields | null): Map<string, number> {
  const subagents = note.object('subagents');
  const all: [string, number | null][] = [
    ['turns', note.count('assistant_turns_so_far')],
    ['toolCalls', note.count('tool_calls_so_far')],
    ['subagents', subagents?.count('count') ?? null],
    ['subagentToolCalls', subagents?.count('tool_calls') ?? null],
    ['files', attribution?.count('files_in_commit') ?? null],
    ['filesByAgent', attribution?.count('touched_by_agent') ?? null],
    ['added', attribution?.count('lines_added_in_commit') ?? null],
    ['changedAfter', attribution?.count('lines_changed_by_human_after_agent') ?? null],
  ];
  return new Map(all.filter((entry): entry is [string, number] => entry[1] !== null));
}

/** Tokens since the session began: gitvow reads the whole transcript at every commit. */
function usageOf(usage: Fields | null): SourceUsage | null {
  const input = usage?.count('input_tokens') ?? null;
  const output = usage?.count('output_tokens') ?? null;
  if (usage === null || input === null || output === null) return null;
  usage.skip('total_tokens', 'by_model');
  return {
    cumulative: true,
    tokens: {
      inputTokens: input,
      outputTokens: output,
      cacheReadInputTokens: usage.count('cache_read_tokens') ?? 0,
      cacheCreationInputTokens: usage.count('cache_write_tokens') ?? 0,
    },
  };
}
