import type { rules as presetRules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Redaction } from './generated/execution-v1.types.ts';

/** What was taken out of a text, and how often. */
export interface Redacted {
  readonly text: string;
  readonly found: readonly Redaction[];
}

interface Finding {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}

type Rules = typeof presetRules;
type Context = Parameters<Rules[number]['create']>[0];
type Source = Parameters<NonNullable<ReturnType<Rules[number]['create']>['file']>>[0];

const SEPARATOR = '\n\u0000\n';

/**
 * Takes secrets out of texts, all in one pass, with secretlint's recommended rules. The rule that lets a comment in the
 * text switch others off is left out: the text is the agent's, and would decide about itself.
 */
export async function redactTexts(texts: readonly string[]): Promise<Redacted[]> {
  if (texts.every((text) => text === '')) return texts.map((text) => ({ text, found: [] }));
  const findings = await findSecrets(texts.join(SEPARATOR));
  let start = 0;
  return texts.map((text) => {
    const from = start;
    start += text.length + SEPARATOR.length;
    return redactOne(
      text,
      findings.flatMap((finding) => within(finding, from, from + text.length)),
    );
  });
}

/** Counts of several redactions as one list. */
export function sumRedactions(lists: Iterable<readonly Redaction[]>): Redaction[] {
  const counts = new Map<string, number>();
  for (const list of lists)
    for (const { rule, count } of list) counts.set(rule, (counts.get(rule) ?? 0) + count);
  return [...counts].map(([rule, count]) => ({ rule, count })).sort((a, b) => (a.rule < b.rule ? -1 : 1));
}

function within(finding: Finding, from: number, to: number): Finding[] {
  const start = Math.max(finding.start, from) - from;
  const end = Math.min(finding.end, to) - from;
  return start < end ? [{ rule: finding.rule, start, end }] : [];
}

function redactOne(text: string, findings: readonly Finding[]): Redacted {
  let out = '';
  let at = 0;
  const sorted = [...findings].sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Finding[] = [];
  for (const finding of sorted) {
    if (finding.end <= at) continue;
    out += `${text.slice(at, Math.max(at, finding.start))}[redacted:${finding.rule}]`;
    at = finding.end;
    kept.push(finding);
  }
  return { text: out + text.slice(at), found: sumRedactions(kept.map(({ rule }) => [{ rule, count: 1 }])) };
}

/** The rules, loaded only when wanted: that takes as long as loading everything else of a hook. */
export async function loadRules(): Promise<Rules> {
  const { rules } = await import('@secretlint/secretlint-rule-preset-recommend');
  return rules.filter((rule) => !rule.meta.id.endsWith('-filter-comments'));
}

/**
 * Runs each rule over the content. This is all of a host the rules need: secretlint's own also computes lines and
 * columns, and loading it takes longer than starting git five times.
 */
async function findSecrets(content: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  // No path: a rule would read the file of that name.
  const source = { content, filePath: '', ext: '', contentType: 'text', hasBOM: false } as Source;
  for (const rule of await loadRules()) {
    const name = rule.meta.id.replace('@secretlint/secretlint-rule-', '');
    const context: Context = {
      sharedOptions: {},
      createTranslator: () => (messageId) => ({ message: '', messageId: String(messageId), data: undefined }),
      report: ({ range: [start, end] }) => findings.push({ rule: name, start, end }),
      ignore: () => undefined,
    };
    await rule.create(context, optionsOf(rule.meta.id)).file?.(source);
  }
  return findings;
}

/** secretlint leaves ids of access keys alone unless asked. */
function optionsOf(rule: string): object {
  return rule.endsWith('-aws') ? { enableIDScanRule: true } : {};
}
