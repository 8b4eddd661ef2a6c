import { ALLOWED, ALLOWED_LINE, ALLOWED_MATCH, STOPWORDS } from './gitleaks-rules.ts';
import { entropyOf, type Match } from './rule.ts';

interface Allowed {
  readonly secret: readonly RegExp[];
  readonly match: readonly RegExp[];
  readonly line: readonly RegExp[];
  readonly words: readonly string[];
}

let loaded: Allowed | null = null;

function allowed(): Allowed {
  loaded ??= {
    secret: regexes(ALLOWED),
    match: regexes(ALLOWED_MATCH),
    line: regexes(ALLOWED_LINE),
    words: STOPWORDS.split(/\s/),
  };
  return loaded;
}

function regexes(lines: string): RegExp[] {
  return lines.split('\n').map((line) => {
    const [flags = '', source = ''] = line.split('\t');
    return new RegExp(source, flags);
  });
}

const MOST_LOOKED_AT = 300;
const PREFIX = 50;
const GENERIC_BITS = 3.5;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const SAYS_SECRET = /api[_.-]?key|app[_.-]?key|private|secret|token|passw|auth|access|cred/i;

/** What stands for a secret, and is none: a variable, a placeholder, a path, one letter over and over. */
export function isExcused(secret: string): boolean {
  const start = secret.slice(0, MOST_LOOKED_AT);
  return allowed().secret.some((regex) => regex.test(start));
}

/** What a name of a service stands in front of: gitleaks asks less of it than a transcript needs. */
export function acceptsAssigned({ secret }: Match): boolean {
  return !isExcused(secret) && /\d/.test(secret) && (entropyOf(secret) > 2.5 || /^\d+$/.test(secret));
}

/** What a name like key or token stands in front of. */
export function acceptsGeneric(match: Match): boolean {
  const { text, secret, start, end, secretStart } = match;
  if (isExcused(secret) || !/\d/.test(secret)) return false;
  const isHex = /^[0-9a-f]{32,}$/i.test(secret);
  if (!isHex && entropyOf(secret) <= GENERIC_BITS) return false;
  const lower = secret.toLowerCase();
  if (allowed().words.some((word) => lower.includes(word))) return false;
  const whole = text.slice(startOfName(text, start), Math.min(end, start + MOST_LOOKED_AT));
  // Digests and ids are keys of tables and caches; a secret is called by more than key.
  if ((isHex || UUID.test(secret)) && !SAYS_SECRET.test(whole.slice(0, -secret.length))) return false;
  if (allowed().match.some((regex) => regex.test(whole))) return false;
  const before = text.slice(Math.max(0, start - MOST_LOOKED_AT), secretStart + secret.length);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return !allowed().line.some((regex) => regex.test(line));
}

function startOfName(text: string, start: number): number {
  let at = start;
  while (at > 0 && start - at < PREFIX && /[\w.-]/.test(text[at - 1] ?? '')) at--;
  return at;
}
