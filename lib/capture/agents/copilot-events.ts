import type { Usage } from '../../core/records/usage.ts';
import type { TranscriptReading } from './events.ts';
import { parseJsonLine, readAddedLines } from './jsonl.ts';
import { label, objectField, objectsIn, type Payload, textField, tokenCount } from './payload.ts';

const TELLING =
  /"type":"(?:session\.start|session\.resume|session\.model_change|session\.usage_record|assistant\.message)"/;

/**
 * Reads what was added to a Copilot session's `events.jsonl` since `offset`. Copilot writes it late: at the first commit
 * it is not there yet, and the last lines come after the session's end. Sub-agents' events are in it too.
 */
export async function readCopilotEvents(path: string, offset: number): Promise<TranscriptReading | null> {
  const added = await readAddedLines(path, offset);
  return added === null ? null : { ...summarise(added.lines), offset: added.offset, gap: added.gap };
}

function summarise(lines: readonly string[]): Omit<TranscriptReading, 'offset' | 'gap'> {
  const usage = new Map<string, Usage>();
  const calls = new Set<string>();
  let version: string | null = null;
  let model: string | null = null;
  let said: string | null = null;
  for (const line of lines) {
    const event = TELLING.test(line) ? parseJsonLine(line) : null;
    if (event === null) continue;
    const data = objectField(event, 'data');
    const own = textField(event, 'agentId') === undefined;
    switch (event['type']) {
      case 'session.start':
      case 'session.resume':
        version = asLabel(data, 'copilotVersion') ?? version;
        model = asLabel(data, 'selectedModel') ?? model;
        break;
      case 'session.model_change':
        model = (own ? asLabel(data, 'newModel') : null) ?? model;
        break;
      case 'session.usage_record':
        noteUsage(usage, objectField(data, 'usage'));
        break;
      case 'assistant.message':
        for (const { toolCallId } of objectsIn(data['toolRequests']))
          if (typeof toolCallId === 'string') calls.add(label(toolCallId));
        if (!own) break;
        model = asLabel(data, 'model') ?? model;
        said = textField(data, 'content') ?? said;
        break;
    }
  }
  return { version, model, usage, calls, said };
}

/** What was read from a cache is told as input too; a record keeps the two apart. */
function noteUsage(all: Map<string, Usage>, usage: Payload): void {
  const id = asLabel(objectField(usage, 'accounting'), 'usageId') ?? asLabel(usage, 'apiCallId');
  const tokens = (name: string): number => tokenCount(usage, name);
  const [read, written] = [tokens('cacheReadTokens'), tokens('cacheWriteTokens')];
  all.set(id ?? `line ${all.size}`, {
    inputTokens: Math.max(0, tokens('inputTokens') - read - written),
    outputTokens: tokens('outputTokens'),
    cacheReadInputTokens: read,
    cacheCreationInputTokens: written,
  });
}

function asLabel(payload: Payload, name: string): string | null {
  const text = textField(payload, name);
  return text === undefined ? null : label(text);
}
