import type { Usage } from '../../core/records/usage.ts';
import type { TranscriptReading } from './events.ts';
import { parseJsonLine, readAddedLines } from './jsonl.ts';
import { label, objectField, objectsIn, type Payload, textField, tokenCount } from './payload.ts';

/**
 * Reads what was added to a Claude Code transcript (JSONL) since `offset`. Null when there is no such file, which is
 * normal for a session without persistence.
 */
export async function readClaudeTranscript(path: string, offset: number): Promise<TranscriptReading | null> {
  const added = await readAddedLines(path, offset);
  return added === null ? null : { ...summarise(added.lines), offset: added.offset, gap: added.gap };
}

function summarise(lines: readonly string[]): Omit<TranscriptReading, 'offset' | 'gap'> {
  const usage = new Map<string, Usage>();
  const writtenAt = new Map<string, number>();
  const calls = new Set<string>();
  let version: string | null = null;
  let model: string | null = null;
  let said: string | null = null;
  for (const line of lines) {
    if (!line.includes('"assistant"')) continue;
    const entry = parseJsonLine(line);
    if (entry === null || entry['type'] !== 'assistant') continue;
    const message = objectField(entry, 'message');
    const name = textField(message, 'model');
    version = textField(entry, 'version') ?? version;
    if (name === undefined || name === '<synthetic>') continue;
    model = label(name);
    const id = textField(message, 'id') ?? `line ${usage.size}`;
    usage.set(id, usageOf(objectField(message, 'usage')));
    const at = Date.parse(textField(entry, 'timestamp') ?? '');
    if (!Number.isNaN(at)) writtenAt.set(id, at);
    for (const call of callIds(message['content'])) calls.add(call);
    said = textOf(message['content']) ?? said;
  }
  return { version, model, usage, writtenAt, calls, said };
}

function usageOf(usage: Payload): Usage {
  return {
    inputTokens: tokenCount(usage, 'input_tokens'),
    outputTokens: tokenCount(usage, 'output_tokens'),
    cacheReadInputTokens: tokenCount(usage, 'cache_read_input_tokens'),
    cacheCreationInputTokens: tokenCount(usage, 'cache_creation_input_tokens'),
  };
}

function textOf(content: unknown): string | null {
  const texts = objectsIn(content).flatMap((part) =>
    part['type'] === 'text' ? [textField(part, 'text') ?? ''] : [],
  );
  return texts.length === 0 ? null : texts.join('\n');
}

function callIds(content: unknown): string[] {
  return objectsIn(content).flatMap((part) =>
    part['type'] === 'tool_use' ? [label(textField(part, 'id') ?? '')] : [],
  );
}
