import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAiderHistory } from '../../../dist/capture/agents/aider.js';
import { ADAPTERS } from '../../../dist/capture/agents/index.js';
import { expectCleanPrototype, fixtureFiles, holds } from './tools.mjs';

let folder = null;

/** A reader takes a path: the input lies in a file, read whole, and again from the middle of it. */
const readers = ADAPTERS.filter(({ readTranscript }) => readTranscript !== undefined).map((adapter) => ({
  name: `transcript:${adapter.name}`,
  seeds: () => fixtureFiles(adapter.name, /\.jsonl$/),
  async run(bytes) {
    folder ??= mkdtempSync(join(tmpdir(), 'agent-log-fuzz-'));
    const path = join(folder, 'transcript.jsonl');
    writeFileSync(path, bytes);
    const whole = await adapter.readTranscript(path, 0);
    const rest = await adapter.readTranscript(path, Math.floor(bytes.length / 2));
    for (const reading of [whole, rest].filter((one) => one !== null)) expectReading(reading, bytes.length);
    expectCleanPrototype();
  },
}));

const aider = {
  name: 'transcript:aider',
  seeds: () => fixtureFiles('aider', /\.md$/),
  run(bytes) {
    const chat = parseAiderHistory(bytes.toString('utf8'));
    if (chat === null) return;
    holds(chat.startedAt.length <= 200 && chat.prompts.length <= 1000, 'a chat is bounded');
    holds(
      chat.prompts.every((prompt) => prompt.trim() !== ''),
      'a prompt says something',
    );
  },
};

export const transcriptTargets = [...readers, aider];

function expectReading({ offset, usage, calls, model, version }, size) {
  holds(offset >= 0 && offset <= size, 'a reading ends in the file');
  for (const one of usage.values())
    for (const tokens of Object.values(one))
      holds(Number.isSafeInteger(tokens) && tokens >= 0, `tokens are counted: ${tokens}`);
  for (const label of [...calls, model ?? '']) holds(label.length <= 200, 'a label is short');
  holds(version === null || typeof version === 'string', 'a version is a text');
}
