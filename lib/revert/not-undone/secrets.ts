import { redactTexts } from '../../core/records/redact.ts';
import { addedText } from '../../git/diffs/added-text.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import type { Change } from '../working-out/change.ts';

const MOST_TEXT = 4 * 1024 * 1024;

/** Secrets the work added, by file and kind and never as such: what was committed once stays in history for anybody to read. */
export async function secretsAdded(scratch: Scratch, changes: readonly Change[]): Promise<string[]> {
  const pairs = changes.map(({ before, after }) => ({ from: before, to: after }));
  const { files, isWhole } = await addedText(scratch, pairs, MOST_TEXT);
  const redacted = await redactTexts(files.map(({ text }) => text));
  const kinds = new Map<string, Set<string>>();
  redacted.forEach(({ found }, i) => {
    const path = files[i]?.path ?? '';
    for (const { rule } of found) kinds.set(path, (kinds.get(path) ?? new Set()).add(rule));
  });
  return [
    ...[...kinds].map(
      ([path, rules]) => `${path}: a secret (${[...rules].join(', ')}) is still in history: rotate it`,
    ),
    ...(isWhole ? [] : ['more was added than was looked through for secrets']),
  ];
}
