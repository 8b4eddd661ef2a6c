import { isUlid } from '../../core/ulid.ts';
import { type Fields, Tally } from './fields.ts';
import { sourceJson, sourceText } from './json.ts';
import {
  isProblem,
  NO_SESSION,
  type ParsedSource,
  problem,
  type SourceBulk,
  type SourceProblem,
  type SourceText,
  type SourceUsage,
} from './source.ts';

/** Attribution has had two ways of counting; both have these names. */
const NEWEST_METRIC = 2;

const ATTRIBUTION = [
  ['agent_lines', 'agentAdded'],
  ['agent_removed', 'agentRemoved'],
  ['human_added', 'humanAdded'],
  ['human_modified', 'humanModified'],
  ['human_removed', 'humanRemoved'],
  ['total_committed', 'committed'],
  ['total_lines_changed', 'changed'],
] as const;

/** A session's folder in a checkpoint, by file name. */
export interface EntireFolder {
  /** Contents of the files that are read. */
  readonly files: ReadonlyMap<string, Uint8Array | string>;
  /** Sizes of all files in bytes. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Files whose content is read. Of a transcript only the size is. */
export const ENTIRE_FILES: readonly string[] = ['metadata.json', 'prompt.txt'];

/** Twelve hex digits, or a ULID. */
function isEntireId(id: string): boolean {
  return /^[0-9a-f]{12}$/.test(id) || isUlid(id);
}

/** Marks of an older Entire, whose sessions were on branches that are gone. */
export function hasOldEntireTrailer(message: string): boolean {
  return /^[ \t>*+-]*Entire-(Session|Metadata|Condensation|Source-Ref)[\w-]*:[ \t]*\S/im.test(message);
}

/** Reads one session of an Entire checkpoint. A summary of an old checkpoint, with the session in it, is read alike. */
export function parseEntire(folder: EntireFolder): ParsedSource {
  const source = folder.files.get('metadata.json');
  if (source === undefined) return problem('missing', 'metadata.json');
  const json = sourceJson(source);
  if (isProblem(json)) return json;
  const tally = new Tally();
  const metadata = tally.open(json.value, '');
  if (metadata === null) return problem('invalid', 'metadata.json is no object');
  const checkpoint = metadata.label('checkpoint_id');
  const session = metadata.label('session_id');
  if (checkpoint === null || !isEntireId(checkpoint))
    return problem('unknown-version', `checkpoint_id ${checkpoint ?? 'missing'}`);
  if (session === null) return problem('invalid', 'no session_id');
  const at = metadata.time('created_at');
  const { counts, gaps } = countsOf(metadata);
  const prompt = promptOf(folder, at);
  return {
    document: {
      format: 'entire/v1',
      toolVersion: metadata.label('cli_version'),
      problems: prompt.problems,
      sessions: [
        {
          ...NO_SESSION,
          id: checkpoint,
          session,
          agent: { name: metadata.label('agent'), version: null },
          model: { provider: null, name: metadata.label('model') },
          at,
          files: metadata.texts('files_touched').map((path) => ({ path, lines: {} })),
          counts,
          usage: usageOf(metadata.object('token_usage')),
          texts: prompt.texts,
          bulk: bulkOf(folder.sizes),
          gaps,
        },
      ],
      unread: tally.unread(),
    },
  };
}

function countsOf(metadata: Fields): { counts: Map<string, number>; gaps: string[] } {
  const counts = new Map<string, number>();
  const add = (name: string, count: number | null): void => void (count !== null && counts.set(name, count));
  add('turns', metadata.object('session_metrics')?.count('turn_count') ?? null);
  add('steps', metadata.count('checkpoints_count'));
  const attribution = metadata.object('initial_attribution');
  if (attribution === null) return { counts, gaps: [] };
  const metric = attribution.count('metric_version') ?? 0;
  if (metric > NEWEST_METRIC)
    return { counts, gaps: [`attribution of metric version ${metric} is not known`] };
  attribution.skip('agent_percentage', 'calculated_at');
  for (const [field, name] of ATTRIBUTION) add(name, attribution.count(field));
  return { counts, gaps: [] };
}

function usageOf(usage: Fields | null): SourceUsage | null {
  const input = usage?.count('input_tokens') ?? null;
  const output = usage?.count('output_tokens') ?? null;
  if (usage === null || input === null || output === null) return null;
  return {
    cumulative: false,
    tokens: {
      inputTokens: input,
      outputTokens: output,
      cacheReadInputTokens: usage.count('cache_read_tokens') ?? 0,
      cacheCreationInputTokens: usage.count('cache_creation_tokens') ?? 0,
    },
  };
}

const BULK: readonly (readonly [SourceBulk['kind'], RegExp])[] = [
  ['transcript', /^full\.jsonl(\.\d{1,4})?$/],
  ['context', /^context\.md$/],
];

function bulkOf(sizes: ReadonlyMap<string, number>): SourceBulk[] {
  return BULK.flatMap(([kind, pattern]) => {
    const found = [...sizes].filter(([name]) => pattern.test(name));
    const size = found.reduce((sum, [, bytes]) => sum + bytes, 0);
    return found.length === 0 ? [] : [{ kind, count: found.length, size }];
  });
}

function promptOf(
  { files }: EntireFolder,
  at: string | null,
): { texts: SourceText[]; problems: SourceProblem[] } {
  const source = files.get('prompt.txt');
  const decoded = source === undefined ? { text: '' } : sourceText(source);
  if (isProblem(decoded))
    return {
      texts: [],
      problems: [{ ...decoded.problem, detail: `prompt.txt: ${decoded.problem.detail}` }],
    };
  const text = decoded.text.trim();
  return { texts: text === '' ? [] : [{ kind: 'prompt', text, at }], problems: [] };
}
