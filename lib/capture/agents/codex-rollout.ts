import type { Usage } from '../../core/records/usage.ts';
import type { CallOutcome, TranscriptReading } from './events.ts';
import { parseJsonLine, readAddedLines } from './jsonl.ts';
import {
  label,
  numberField,
  objectField,
  objectsIn,
  type Payload,
  textField,
  tokenCount,
} from './payload.ts';

type Summary = Omit<TranscriptReading, 'offset' | 'gap'>;

/** Lines that tell something; the rest (instructions, the world's state) is long and not parsed. */
const TELLING =
  /"type":"(?:session_meta|turn_context|token_usage_record|item_completed|function_call|custom_tool_call|function_call_output|custom_tool_call_output|message)"/;

/**
 * Reads what was added to a Codex rollout since `offset`. A fork's rollout begins where its history ends, so nothing of
 * the session it came from is read twice.
 */
export async function readCodexRollout(path: string, offset: number): Promise<TranscriptReading | null> {
  const added = await readAddedLines(path, offset);
  return added === null ? null : { ...summarise(added.lines), offset: added.offset, gap: added.gap };
}

function summarise(lines: readonly string[]): Summary {
  const usage = new Map<string, Usage>();
  const calls = new Set<string>();
  const outcomes = new Map<string, CallOutcome>();
  let version: string | null = null;
  let model: string | null = null;
  let said: string | null = null;
  for (const line of lines) {
    const entry = TELLING.test(line) ? parseJsonLine(line) : null;
    if (entry === null) continue;
    const payload = objectField(entry, 'payload');
    switch (entry['type']) {
      case 'session_meta':
        version = asLabel(payload, 'cli_version') ?? version;
        break;
      case 'turn_context':
        model = asLabel(payload, 'model') ?? model;
        break;
      case 'token_usage_record':
        usage.set(
          asLabel(payload, 'response_id') ?? `line ${usage.size}`,
          usageOf(objectField(payload, 'usage')),
        );
        break;
      case 'response_item':
        said = saidIn(payload) ?? said;
        noteCall(payload, timeOf(entry), calls, outcomes);
        break;
      case 'event_msg':
        noteItem(
          objectField(payload, 'item'),
          numberField(payload, 'completed_at_ms') ?? timeOf(entry),
          outcomes,
        );
        break;
    }
  }
  return { version, model, usage, calls, outcomes, said };
}

/** The API counts what it read from its cache as input; a record keeps the two apart. */
function usageOf(usage: Payload): Usage {
  const tokens = (name: string): number => tokenCount(usage, name);
  const [read, written] = [tokens('cached_input_tokens'), tokens('cache_write_input_tokens')];
  return {
    inputTokens: Math.max(0, tokens('input_tokens') - read - written),
    outputTokens: tokens('output_tokens'),
    cacheReadInputTokens: read,
    cacheCreationInputTokens: written,
  };
}

function saidIn(item: Payload): string | null {
  if (item['type'] !== 'message' || item['role'] !== 'assistant') return null;
  const texts = objectsIn(item['content']).flatMap((part) =>
    part['type'] === 'output_text' ? [textField(part, 'text') ?? ''] : [],
  );
  return texts.length === 0 ? null : texts.join('\n');
}

/** A command that was left to run in the background has an output, but no end yet. */
const STILL_RUNNING = /\nProcess running with session ID \d+\n/;

/**
 * A call that failed before it ran (a patch that does not fit, an image that is not there) fires no hook after it: its
 * output is all there is. Where a hook or an item told the end, that stands.
 */
function noteCall(item: Payload, at: number, calls: Set<string>, outcomes: Map<string, CallOutcome>): void {
  const id = asLabel(item, 'call_id');
  if (id === null) return;
  const type = item['type'];
  if (type === 'function_call' || type === 'custom_tool_call') calls.add(id);
  if (type !== 'function_call_output' && type !== 'custom_tool_call_output') return;
  const output = textField(item, 'output') ?? '';
  if (!outcomes.has(id) && !STILL_RUNNING.test(output)) outcomes.set(id, { status: 'error', at, files: [] });
}

const ITEMS: readonly unknown[] = ['CommandExecution', 'FileChange', 'McpToolCall'];

/** What a call came to; hooks tell neither a command's exit code nor, for a patch run by a shell, the files. */
function noteItem(item: Payload, at: number, outcomes: Map<string, CallOutcome>): void {
  const id = asLabel(item, 'id');
  if (id === null || !ITEMS.includes(item['type'])) return;
  const status = item['status'] === 'completed' ? 'ok' : 'error';
  const files =
    item['type'] === 'FileChange' && status === 'ok' ? changedFiles(objectField(item, 'changes')) : [];
  outcomes.set(id, { status, at, files });
}

function changedFiles(changes: Payload): { path: string; deleted: boolean }[] {
  return Object.entries(changes).flatMap(([path, value]) => {
    const change = objectsIn([value])[0] ?? {};
    const moved = textField(change, 'move_path');
    const gone = change['type'] === 'delete' || moved !== undefined;
    return [{ path, deleted: gone }, ...(moved === undefined ? [] : [{ path: moved, deleted: false }])];
  });
}

function asLabel(payload: Payload, name: string): string | null {
  const text = textField(payload, name);
  return text === undefined ? null : label(text);
}

function timeOf(entry: Payload): number {
  const time = Date.parse(textField(entry, 'timestamp') ?? '');
  return Number.isNaN(time) ? 0 : time;
}
