import { type Fields, Tally } from './fields.ts';
import { sourceJson } from './json.ts';
import {
  isProblem,
  type LineCounts,
  NO_SESSION,
  type ParsedSource,
  problem,
  type SourceFile,
  type SourceText,
} from './source.ts';

/** The fields read here are spelled alike in both. */
const KNOWN_VERSIONS: readonly number[] = [2, 3];

const SUMMARY = [
  ['ai_lines', 'agent'],
  ['ai_modified_lines', 'mixed'],
  ['human_lines', 'human'],
  ['unknown_lines', 'unknown'],
] as const;

const SOURCES: ReadonlyMap<string, keyof LineCounts> = new Map([
  ['AI', 'agent'],
  ['AIModified', 'mixed'],
  ['Human', 'human'],
  ['Unknown', 'unknown'],
]);

/** Reads a whogitit note: one JSON object for one session's part in a commit. */
export function parseWhogitit(source: Uint8Array | string): ParsedSource {
  const json = sourceJson(source);
  if (isProblem(json)) return json;
  const tally = new Tally();
  const note = tally.open(json.value, '');
  if (note === null) return problem('invalid', 'no object');
  const version = note.count('version') ?? note.count('schema_version');
  if (version === null || !KNOWN_VERSIONS.includes(version))
    return problem('unknown-version', version === null ? 'no version' : `version ${version}`);
  const session = note.object('session');
  if (session === null) return problem('invalid', 'no session');
  const id = session.label('session_id');
  const model = session.object('model');
  return {
    document: {
      format: `whogitit/${version}`,
      toolVersion: null,
      problems: [],
      sessions: [
        {
          ...NO_SESSION,
          id: id ?? 'session',
          session: id,
          model: { provider: model?.label('provider') ?? null, name: model?.label('id') ?? null },
          at: session.time('started_at'),
          counts: countsOf(session),
          texts: note.objects('prompts').flatMap(promptText),
          files: note.objects('files').flatMap(fileOf),
        },
      ],
      unread: tally.unread(),
    },
  };
}

function countsOf(session: Fields): Map<string, number> {
  const all: [string, number | null][] = [
    ['prompts', session.count('prompt_count')],
    ['subagents', session.count('subagent_count')],
  ];
  return new Map(all.filter((entry): entry is [string, number] => entry[1] !== null));
}

function promptText(prompt: Fields): SourceText[] {
  prompt.skip('index', 'affected_files');
  const text = prompt.text('text');
  return text === null ? [] : [{ kind: 'prompt', text, at: prompt.time('timestamp') }];
}

function fileOf(file: Fields): SourceFile[] {
  const path = file.text('path');
  const summary = file.object('summary');
  // The text of the lines is in the commit itself.
  const lines = file.raw('lines');
  if (path === null) return [];
  if (summary === null) return [{ path, lines: countSources(lines) }];
  summary.skip('total_lines', 'original_lines');
  const counts = SUMMARY.flatMap(([field, by]) => {
    const count = summary.count(field);
    return count === null ? [] : [[by, count] as const];
  });
  return [{ path, lines: Object.fromEntries(counts) }];
}

/** Lines by their source, for a file without a summary. A source is a word, or an object with a type. */
function countSources(lines: unknown): LineCounts {
  const counts = new Map<keyof LineCounts, number>();
  for (const line of Array.isArray(lines) ? (lines as unknown[]) : []) {
    const source = sourceWord(line);
    const by = source === null ? undefined : SOURCES.get(source);
    if (by !== undefined) counts.set(by, (counts.get(by) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

function sourceWord(line: unknown): string | null {
  if (typeof line !== 'object' || line === null || !Object.hasOwn(line, 'source')) return null;
  const { source } = line as { source: unknown };
  if (typeof source === 'string') return source;
  if (typeof source !== 'object' || source === null || !Object.hasOwn(source, 'type')) return null;
  const { type } = source as { type: unknown };
  return typeof type === 'string' ? type : null;
}
