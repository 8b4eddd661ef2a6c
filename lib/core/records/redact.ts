import type { Redaction } from '../generated/execution-v1.types.ts';
import type { Finding } from '../secrets/finding.ts';
import { findSecrets } from '../secrets/passes.ts';
import { loadPatterns } from '../secrets/patterns.ts';
import { findPii, isDropped, type PiiSettings } from '../secrets/pii.ts';
import { loadSecretlint } from '../secrets/secretlint.ts';

/** What was taken out of a text, and how often. */
export interface Redacted {
  readonly text: string;
  readonly found: readonly Redaction[];
}

const SEPARATOR = '\n\u0000\n';
const MOST_ROUNDS = 4;

/**
 * Takes secrets out of texts, all in one go, and personal data of the classes that are not kept; without settings none.
 * What is left is looked at again until there is nothing more to find, so that doing it once more changes nothing.
 */
export async function redactTexts(
  texts: readonly string[],
  pii: PiiSettings | null = null,
): Promise<Redacted[]> {
  const done: Redacted[] = texts.map((text) => ({ text, found: [] }));
  let open = done.map((_, i) => i);
  for (let round = 0; round < MOST_ROUNDS && open.length > 0; round++) {
    const before = open.map((i) => done[i] as Redacted);
    const after = await redactOnce(before, pii);
    const changed = open.filter((_, at) => after[at] !== before[at]);
    open.forEach((i, at) => {
      done[i] = after[at] as Redacted;
    });
    open = changed;
  }
  return done;
}

/** Counts of several redactions as one list. */
export function sumRedactions(lists: Iterable<readonly Redaction[]>): Redaction[] {
  const counts = new Map<string, number>();
  for (const list of lists)
    for (const { rule, count } of list) counts.set(rule, (counts.get(rule) ?? 0) + count);
  return [...counts].map(([rule, count]) => ({ rule, count })).sort((a, b) => (a.rule < b.rule ? -1 : 1));
}

/** Loads what texts are looked through with, while something else is waited for. */
export async function loadRules(): Promise<void> {
  loadPatterns();
  await loadSecretlint();
}

/** What nothing was taken out of is given back as it is. */
async function redactOnce(texts: readonly Redacted[], pii: PiiSettings | null): Promise<readonly Redacted[]> {
  if (texts.every(({ text }) => text === '')) return texts;
  const all = texts.map(({ text }) => text).join(SEPARATOR);
  const findings = [...(await findSecrets(all)), ...(pii === null ? [] : findPii(all, pii))];
  if (findings.length === 0) return texts;
  const merged = mergeOverlapping(findings);
  let start = 0;
  let next = 0;
  return texts.map((redacted) => {
    const { text } = redacted;
    const end = start + text.length;
    const here: Finding[] = [];
    while (next < merged.length && (merged[next] as Finding).start < end) {
      const finding = merged[next] as Finding;
      if (finding.end > start)
        here.push({
          rule: finding.rule,
          start: Math.max(finding.start, start) - start,
          end: Math.min(finding.end, end) - start,
        });
      if (finding.end > end) break;
      next++;
    }
    start = end + SEPARATOR.length;
    return here.length === 0 ? redacted : maskOne(redacted, here, pii);
  });
}

/** What overlaps is one: named by the first, or by the longest of those that begin where it does. */
function mergeOverlapping(findings: readonly Finding[]): Finding[] {
  const sorted = [...findings].sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: Finding[] = [];
  for (const finding of sorted) {
    const last = merged.at(-1);
    if (last === undefined || finding.start >= last.end) merged.push(finding);
    else if (finding.end > last.end) merged[merged.length - 1] = { ...last, end: finding.end };
  }
  return merged;
}

function maskOne(
  { text, found: before }: Redacted,
  findings: readonly Finding[],
  pii: PiiSettings | null,
): Redacted {
  let out = '';
  let at = 0;
  for (const { rule, start, end } of findings) {
    out += text.slice(at, start);
    if (pii === null || !isDropped(rule, pii)) out += `[redacted:${rule}]`;
    at = end;
  }
  const found = sumRedactions([before, ...findings.map(({ rule }) => [{ rule, count: 1 }])]);
  return { text: out + text.slice(at), found };
}
