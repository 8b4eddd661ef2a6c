import type { EvidenceDocument } from '../../lib/core/generated/evidence-v1.types.ts';

/** What an attacker would write into a commit, a prompt, a path or a tool's result. */
export const HOSTILE_TEXTS: readonly string[] = [
  '<script>globalThis.canary = 1</script>',
  '"><img src=x onerror="globalThis.canary = 1">',
  "' onmouseover='globalThis.canary = 1' x='",
  '</script><script>globalThis.canary = 1</script><!--',
  '</style><svg onload=globalThis.canary=1>',
  '${globalThis.canary = 1}',
  'javascript:globalThis.canary=1',
  '&lt;b&gt; &amp;',
  'access \u202eetinummoc\u202c granted',
  'zero\u200bwidth\u2060 and \u{e0068}\u{e0069}',
  '\u0000\u0007\u001b[31mred\u001b[0m\r\n\u2028\u2029',
  '\ud800 half a letter',
  'long '.repeat(3000),
];

/** What has to keep its form for the document to be one at all. */
const FORMED =
  /^(sha256:|hmac-sha256:|agent-log\/|https?:|refs\/|\d{4}-\d\d-\d\dT|[0-9a-f]{40,64}$|[0-7][0-9A-HJKMNP-TV-Z]{25}$)/;

/** Members whose values are of a fixed list. */
const WORDS: ReadonlySet<string> = new Set([
  'state',
  'kind',
  'format',
  'authorship',
  'binding',
  'status',
  'by',
  'stage',
  'severity',
  'enforce',
  'result',
  'basis',
  'grade',
  'proof',
  'mode',
  'verdict',
  'action',
  'why',
  'assurance',
  'change',
  'scope',
  'argsMissing',
  'trust',
  'resultMissing',
]);

/** The document with every text anybody could have chosen replaced. */
export function withTexts(document: EvidenceDocument, text: (path: string) => string): EvidenceDocument {
  return replaced(document, '', text) as EvidenceDocument;
}

function replaced(value: unknown, path: string, text: (path: string) => string): unknown {
  if (typeof value === 'string') return isFree(value, path) ? text(path) : value;
  if (Array.isArray(value)) return value.map((item, i) => replaced(item, `${path}/${i}`, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, replaced(item, `${path}/${key}`, text)]),
  );
}

function isFree(value: string, path: string): boolean {
  const key = path.split('/').at(-1) ?? '';
  const isReason = key === 'why' && /missing\/\d+\/why$/.test(path) && path.startsWith('/missing');
  return !FORMED.test(value) && (isReason || !WORDS.has(key));
}

/** A document in which all of it is hostile, the next text each time; as long as its schema lets any text be. */
export function hostileDocument(document: EvidenceDocument): EvidenceDocument {
  let next = 0;
  return withTexts(document, () => (HOSTILE_TEXTS[next++ % HOSTILE_TEXTS.length] ?? '').slice(0, 190));
}
