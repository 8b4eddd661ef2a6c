import type { Usage } from '../../core/records/usage.ts';
import type { TranscriptReading } from './events.ts';
import { parseJsonLine, readAddedLines } from './jsonl.ts';
import { label, objectField, objectsIn, type Payload, textField, tokenCount } from './payload.ts';

/**
 * Reads what was added to a Gemini CLI chat file since `offset`: lines of records, where one that is written again under
 * the same id takes the place of the earlier one, and `$set` lines that replace many at once. Null when there is none.
 */
export async function readGeminiChat(path: string, offset: number): Promise<TranscriptReading | null> {
  const added = await readAddedLines(path, offset);
  return added === null ? null : { ...summarise(added.lines), offset: added.offset, gap: added.gap };
}

function summarise(lines: readonly string[]): Omit<TranscriptReading, 'offset' | 'gap'> {
  const usage = new Map<string, Usage>();
  const calls = new Set<string>();
  let model: string | null = null;
  let said: string | null = null;
  for (const record of lines.flatMap(recordsIn)) {
    if (record['type'] !== 'gemini') continue;
    const name = textField(record, 'model');
    if (name !== undefined) model = label(name);
    if (record['tokens'] !== undefined)
      usage.set(
        label(textField(record, 'id') ?? `record ${usage.size}`),
        usageOf(objectField(record, 'tokens')),
      );
    for (const call of objectsIn(record['toolCalls'])) calls.add(label(textField(call, 'id') ?? ''));
    said = textField(record, 'content') ?? said;
  }
  return { version: null, model, usage, calls, said };
}

function recordsIn(line: string): Payload[] {
  if (!line.includes('"gemini"')) return [];
  const entry = parseJsonLine(line);
  if (entry === null) return [];
  return entry['$set'] === undefined ? [entry] : objectsIn(objectField(entry, '$set')['messages']);
}

/** Gemini's input holds what came from a cache as well; thoughts are output that is not shown. */
function usageOf(tokens: Payload): Usage {
  const cached = tokenCount(tokens, 'cached');
  return {
    inputTokens: Math.max(0, tokenCount(tokens, 'input') - cached) + tokenCount(tokens, 'tool'),
    outputTokens: tokenCount(tokens, 'output') + tokenCount(tokens, 'thoughts'),
    cacheReadInputTokens: cached,
    cacheCreationInputTokens: 0,
  };
}
