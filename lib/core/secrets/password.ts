import { isExcused } from './allowed.ts';
import { entropyOf, type Match } from './rule.ts';

/** What stands where a password would, and says so: a variable, a call, a word of the interface, an example. */
const NO_PASSWORD = new RegExp(
  [
    // A variable, a template, a call, a path, a digest.
    String.raw`^(?:\$[\w({]|<[^>]*>?$|\{\{?|%\w+%|process\.|env[.[]|os\.|self\.|this\.|(?:args|config|settings|options|input|req|request|body|user|data|props|state)\.|https?:|\.{0,2}\/|sha\d{1,3}[-:])`,
    String.raw`[({]|=>|\.\.\.|^[*x.#-]+$|^\[redacted`,
    // A word of documentation.
    String.raw`(?:^|[_.-])(?:example|placeholder|change[_-]?me|your|dummy|test|fake|sample|redacted|todo|none|null|undefined|required|invalid|secret|password|passwd|pass)(?:$|[_.-])`,
    String.raw`^(?:password|passwort|secret|changeme|example|placeholder)\d{0,4}$`,
  ].join('|'),
  'i',
);

/** Whether a value is chosen like a password: letters and something that is no letter, without a blank. */
export function looksLikePassword({ secret }: Match): boolean {
  if (/\s/.test(secret) || isExcused(secret) || NO_PASSWORD.test(secret)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9_.-]/].filter((kind) => kind.test(secret)).length;
  if (kinds < 2 || /^[\d.,:-]+$/.test(secret)) return false;
  // An identifier of code: words put together, with or without a number behind them.
  if (/^[A-Za-z._-]+\d{0,2}(?:\[\d+\])?$/.test(secret)) return mixesLikeRandom(secret);
  return entropyOf(secret) > 2.2;
}

/** Letters and digits change places as often as where they are drawn by lot. */
export function mixesLikeRandom(text: string): boolean {
  let changes = 0;
  for (let i = 1; i < text.length; i++) if (kindOf(text, i) !== kindOf(text, i - 1)) changes++;
  return changes / (text.length - 1) > 0.33;
}

function kindOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return 0;
  if (code >= 0x41 && code <= 0x5a) return 1;
  return code >= 0x61 && code <= 0x7a ? 2 : 3;
}
