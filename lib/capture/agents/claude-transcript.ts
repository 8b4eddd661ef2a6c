import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Usage } from '../../core/usage.ts';
import type { TranscriptReading } from './events.ts';
import { label, numberField, objectField, objectsIn, type Payload, textField } from './payload.ts';

/** Read at the most in one go; a longer stretch is read from its end, and the gap is named. */
const MAX_READ_BYTES = 16 * 1024 * 1024;

/**
 * Reads what was added to a Claude Code transcript (JSONL) since `offset`. Null when there is no such file, which is
 * normal for a session without persistence.
 */
export async function readClaudeTranscript(path: string, offset: number): Promise<TranscriptReading | null> {
  if (!path.endsWith('.jsonl')) return null;
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return null;
  try {
    const info = await file.stat();
    if (!info.isFile()) return null;
    return await readFrom(file, offset <= info.size ? offset : 0, info.size);
  } finally {
    await file.close();
  }
}

async function readFrom(file: FileHandle, offset: number, size: number): Promise<TranscriptReading> {
  const from = Math.max(offset, size - MAX_READ_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const end = buffer.lastIndexOf(10, bytesRead - 1) + 1;
  const lines = buffer.toString('utf8', 0, end).split('\n');
  const gap = from > offset ? `transcript: ${from - offset} bytes were not read` : null;
  return { ...summarise(lines), offset: from + end, gap };
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
    const entry = parseLine(line);
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
    inputTokens: tokens(usage, 'input_tokens'),
    outputTokens: tokens(usage, 'output_tokens'),
    cacheReadInputTokens: tokens(usage, 'cache_read_input_tokens'),
    cacheCreationInputTokens: tokens(usage, 'cache_creation_input_tokens'),
  };
}

function tokens(usage: Payload, name: string): number {
  return Math.floor(numberField(usage, name) ?? 0);
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

function parseLine(line: string): Payload | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Payload) : null;
  } catch {
    return null;
  }
}
