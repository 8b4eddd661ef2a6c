// Turns gitleaks' rules (gitleaks.toml) into patterns JavaScript runs, in gitleaks-rules.ts. Run by hand after the rules
// changed (`npm run rules`); a test says when that was forgotten. What a pattern may find stays what it was, but for what
// NOTICE says at the top of the result; whatever can't be kept is left out, by name, with the reason.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RegExpParser } from '@eslint-community/regexpp';
import { parse } from 'smol-toml';

const source = new URL('gitleaks.toml', import.meta.url);
const target = new URL('gitleaks-rules.ts', import.meta.url);

/** Rules that are not taken over, and why. */
const LEFT_OUT = {
  'curl-auth-header': 'reads lines ahead without an end; authorization-header of our own finds the same',
  'curl-auth-user': 'reads lines ahead without an end; curl-user of our own finds the same',
  'facebook-access-token': 'has no word to look for of its own: it would be tried at every number',
  'kubernetes-secret-yaml':
    'takes what is encoded for a secret whatever it says; what is inside is looked at instead',
  'pkcs12-file': 'goes by the name of a file, and has no pattern',
  'private-key': 'reads ahead without an end; private-key of our own finds the same',
};

/** Where the letters to look for are not those a pattern begins with: they, and how many letters before them it begins. */
const ELSEWHERE = {
  'azure-ad-client-secret': { heads: Array.from('0123456789', (digit) => `${digit}q~`), back: [3, 4] },
  'freemius-secret-key': { heads: ['secret_key'], back: [1, 1] },
  'hashicorp-tf-api-token': { heads: ['.atlasv1.'], back: [14, 14] },
  // What it begins with is JSON: a brace, and a quote or a space.
  jwt: { heads: ['eyj', 'eya'], back: [0, 0] },
  // It begins with one of thirty words, of which this is the beginning.
  'jwt-base64': { heads: ['zxlk'], back: [0, 0] },
  'maxmind-license-key': { heads: ['_mmk'], back: [36, 36] },
};

/** Parts of a pattern that are written differently. */
const REWRITTEN = {
  // What may be anything may also be the end of it: so it stops at the quote.
  'nuget-config-password': [['(.{8,})', '([^"\\n]{8,200})']],
  'generic-api-key': [['{11,}', '{11,300}']],
  // A bare SHA-1 in any text with the word: here it has to have the token's own beginning.
  'sourcegraph-access-token': [['|[a-fA-F0-9]{40})\\b)', ')\\b)']],
  // Any name of 24 letters after an s and a dot; what Vault gives out since 1.10 begins with hvs.
  'vault-service-token': [['|s\\.(?i:[a-z0-9]{24})', '']],
  // What comes before the name is no part of the secret.
  'slack-webhook-url': [['(?:https?://)?', '']],
};

/** What has to follow a secret. A comma, a bracket or the next parameter of an address ends one as well as a quote. */
const END = String.raw`(?:[\x60'"\s;]|\\[nr]|$)`;
const ANY_END = { assigned: String.raw`(?:[\x60'"\s;,)&<\]}]|\\[nr"]|$)`, token: String.raw`(?![\w-])` };

/** Half of all keys of 32 hexadecimal digits have fewer bits than gitleaks asks for; acceptsGeneric asks of the others what it does. */
const ENTROPY = { 'generic-api-key': 2.9 };

/** What a quantifier without an end gets as its end. */
const MOST = 4096;
const ASSIGNED = String.raw`(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)`;
const PREFIX = String.raw`[\w.-]{0,50}?`;

const parser = new RegExpParser({ ecmaVersion: 2025 });

/** The rules as JavaScript: `{ rules, generic, allowed }`. Throws on what it does not understand. */
export function convert(toml) {
  const { rules, allowlist } = parse(toml);
  const kept = rules.filter(({ id }) => !(id in LEFT_OUT));
  const generic = rules.find(({ id }) => id === 'generic-api-key').allowlists;
  return {
    rules: kept.map(convertRule),
    allowed: allowlist.regexes.map((regex) => convertRegex(regex, [])),
    allowedMatch: generic[1].regexes.map((regex) => convertRegex(regex, [])),
    allowedLine: generic.slice(2).flatMap(({ regexes }) => regexes.map((regex) => convertRegex(regex, []))),
    perRule: rules
      .filter(
        ({ id, allowlists }) =>
          id !== 'generic-api-key' && !(id in LEFT_OUT) && allowlists?.some(({ regexes }) => regexes),
      )
      .map(({ id, allowlists }) => ({
        id,
        regexes: allowlists.flatMap(({ regexes = [] }) => regexes.map((regex) => convertRegex(regex, []))),
      })),
    stopwords: [...allowlist.stopwords, ...generic[1].stopwords],
  };
}

function convertRule({ id, regex, entropy = 0 }) {
  const rewritten = (REWRITTEN[id] ?? []).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${id}: nothing to rewrite`);
    return text.replace(from, () => to);
  }, regex);
  const heads = [];
  const kind = regex.includes(ASSIGNED) ? 'assigned' : 'token';
  const converted = convertRegex(
    rewritten.replaceAll(END, () => ANY_END[kind]),
    heads,
  );
  const { heads: words = heads, back = [0, 0] } = ELSEWHERE[id] ?? {};
  if (words.length === 0 || words.length > 60 || words.some((word) => word.length < SHORTEST_HEAD))
    throw new Error(`${id}: no word to look for: ${words}`);
  return { id, entropy: ENTROPY[id] ?? entropy, kind, back, heads: [...new Set(words)], ...converted };
}

/** Go's pattern as JavaScript's; what it may begin with is put into `heads`. */
function convertRegex(regex, heads) {
  const prepared = scopeModifiers(
    regex.replaceAll('(?P<', '(?<').replaceAll('\\z', '$').replaceAll('[[:alnum:]]', '[0-9A-Za-z]'),
  );
  const whole =
    /^\(\?i:/.exec(prepared) !== null &&
    closes(prepared, 0) === prepared.length - 1 &&
    !prepared.includes('(?-i');
  const inner = whole ? prepared.slice(4, -1) : prepared;
  const ast = parser.parsePattern(inner);
  markSecrets(isOneGroup(ast.alternatives) ? ast.alternatives[0].elements[0].alternatives : ast.alternatives);
  for (const alternative of ast.alternatives) heads.push(...headsOf(withoutPrefix(alternative.elements)));
  const js = printAlternatives(
    ast.alternatives.map((one) => withoutPrefix(one.elements)),
    false,
  ).replaceAll('${', '$\\{');
  if (js.includes('\t') || js.includes('`') || js.includes('${'))
    throw new Error(`can't stand in a template: ${js}`);
  void new RegExp(js, whole ? 'i' : '');
  return { source: js, flags: whole ? 'i' : '' };
}

/** `(?i)` counts to the end of its group: written as a group of its own. */
function scopeModifiers(regex) {
  let text = regex;
  for (let at = text.indexOf('(?i)'); at >= 0; at = text.indexOf('(?i)')) {
    const end = endOfGroup(text, at + 4);
    const begins = at === 0 || /(?:^|[^\\])(?:\(\?:|\(|\|)$/.test(text.slice(0, at));
    const rest = text.slice(at + 4, end);
    if (!begins && hasTopLevelBar(rest)) throw new Error(`(?i) in the middle of an alternative: ${regex}`);
    text = `${text.slice(0, at)}(?i:${rest})${text.slice(end)}`;
  }
  return text;
}

function* parens(text, from) {
  let inClass = false;
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const letter = text[i];
    if (letter === '\\') {
      i++;
      continue;
    }
    if (inClass) inClass = letter !== ']';
    else if (letter === '[') inClass = true;
    else if (letter === '(') depth++;
    else if (letter === ')') depth--;
    yield { i, letter, depth, inClass };
  }
}

function endOfGroup(text, from) {
  for (const { i, depth } of parens(text, from)) if (depth < 0) return i;
  return text.length;
}

function closes(text, open) {
  for (const { i, depth } of parens(text, open)) if (depth === 0) return i;
  return -1;
}

function hasTopLevelBar(text) {
  for (const { letter, depth, inClass } of parens(text, 0))
    if (letter === '|' && depth === 0 && !inClass) return true;
  return false;
}

/** What may be empty in front of what is looked for finds nothing more: a match is there without it as well. */
function withoutPrefix(elements) {
  const [first, ...rest] = elements;
  if (first?.type === 'Quantifier' && first.raw === PREFIX) return withoutPrefix(rest);
  if (first?.type !== 'Group') return elements;
  const alternatives = first.alternatives.map((one) => ({ elements: withoutPrefix(one.elements) }));
  return [{ ...first, alternatives }, ...rest];
}

/** The groups that hold a secret: the only outermost one of its alternative. Any other is there to repeat or to choose. */
const secrets = new WeakSet();

function markSecrets(alternatives) {
  for (const { elements } of alternatives) {
    const groups = elements.filter(({ type }) => type === 'CapturingGroup');
    if (groups.length === 1) secrets.add(groups[0]);
  }
}

function isOneGroup([first, ...others]) {
  return others.length === 0 && first.elements.length === 1 && first.elements[0].type === 'Group';
}

function printAlternatives(list, folded) {
  return list.map((elements) => elements.map((element) => print(element, folded)).join('')).join('|');
}

function print(node, folded) {
  const inside = (alternatives, fold) =>
    printAlternatives(
      alternatives.map(({ elements }) => elements),
      fold,
    );
  switch (node.type) {
    case 'Group': {
      const fold = node.modifiers?.add?.ignoreCase
        ? true
        : node.modifiers?.remove?.ignoreCase
          ? false
          : folded;
      return node.modifiers?.add?.dotAll ? '(?:[^])' : `(?:${inside(node.alternatives, fold)})`;
    }
    case 'CapturingGroup':
      return `(${secrets.has(node) ? '' : '?:'}${inside(node.alternatives, folded)})`;
    case 'Quantifier': {
      const max = node.max === Infinity ? Math.max(MOST, node.min) : node.max;
      const count =
        node.min === 0 && max === 1 ? '?' : node.min === max ? `{${max}}` : `{${node.min},${max}}`;
      return `${print(node.element, folded)}${count}${node.greedy ? '' : '?'}`;
    }
    case 'Character':
      return folded && /^[a-z]$/i.test(node.raw) ? `[${bothCases(node.raw)}]` : node.raw;
    case 'CharacterSet':
      // Go's are of ASCII alone, and its dot stops at a line feed alone.
      return node.kind === 'any'
        ? '[^\\n]'
        : node.kind === 'space'
          ? node.negate
            ? '[^\\t\\n\\f\\r ]'
            : '[\\t\\n\\f\\r ]'
          : node.raw;
    case 'CharacterClass':
      return `[${node.negate ? '^' : ''}${node.elements.map((one) => printInClass(one, folded)).join('')}]`;
    case 'Assertion':
      return node.raw;
    default:
      throw new Error(`no idea of ${node.type}: ${node.raw}`);
  }
}

function printInClass(node, folded) {
  if (node.type === 'CharacterSet') return node.kind === 'space' && !node.negate ? '\\t\\n\\f\\r ' : node.raw;
  if (!folded) return node.raw;
  if (node.type === 'Character') return /^[a-z]$/i.test(node.raw) ? bothCases(node.raw) : node.raw;
  if (/^(?:[a-z]-[a-z]|[A-Z]-[A-Z])$/.test(node.raw))
    return `${node.raw.toLowerCase()}${node.raw.toUpperCase()}`;
  // Nothing between its ends is a letter.
  if (node.type === 'CharacterClassRange' && node.max.value < 0x41) return node.raw;
  throw new Error(`no idea how to fold ${node.raw}`);
}

function bothCases(letter) {
  return `${letter.toUpperCase()}${letter.toLowerCase()}`;
}

const SHORTEST_HEAD = 3;
const LONGEST_HEAD = 12;

/** The letters a match begins with, in lower case, every way it can begin. */
function headsOf(elements) {
  const { texts } = startOf(elements);
  // What one of them begins with says enough.
  return texts.filter((text) => !texts.some((other) => other !== text && text.startsWith(other)));
}

function startOf(elements, before = 0) {
  let texts = [''];
  for (const element of elements) {
    const next = headOf(element, before + Math.min(...texts.map((text) => text.length)));
    if (next === null || texts.every((text) => text.length >= LONGEST_HEAD)) return { texts, isWhole: false };
    texts = texts.flatMap((head) => next.texts.map((text) => head + text));
    if (!next.isWhole) return { texts, isWhole: false };
  }
  return { texts, isWhole: true };
}

/** A class is spelt out only where the letters so far are too few. */
function headOf(node, before) {
  switch (node.type) {
    case 'Assertion':
      return { texts: [''], isWhole: true };
    case 'Character':
      return { texts: [String.fromCharCode(node.value).toLowerCase()], isWhole: true };
    case 'CharacterSet':
    case 'CharacterClass': {
      const letters = lettersOf(node);
      return letters.length === 1 || before < SHORTEST_HEAD ? { texts: letters, isWhole: true } : null;
    }
    case 'Quantifier': {
      if (node.min === 0) return null;
      const one = headOf(node.element, before);
      return one && { ...one, isWhole: one.isWhole && node.min === 1 && node.max === 1 };
    }
    case 'Group':
    case 'CapturingGroup': {
      const starts = node.alternatives.map(({ elements }) => startOf(elements, before));
      return { texts: starts.flatMap(({ texts }) => texts), isWhole: starts.every(({ isWhole }) => isWhole) };
    }
    default:
      return null;
  }
}

/** What of printable ASCII a class takes, in lower case. */
function lettersOf(node) {
  const ofClass = new RegExp(`^${print(node, true)}$`);
  const all = Array.from({ length: 0x5e }, (_, i) => String.fromCharCode(0x21 + i));
  return [...new Set(all.filter((letter) => ofClass.test(letter)).map((letter) => letter.toLowerCase()))];
}

const NOTICE = `// Generated by convert.mjs from gitleaks.toml, the rules of gitleaks (MIT, its licence is in gitleaks.LICENSE). Don't edit.
// Differences to what gitleaks runs: no pattern has more than ${MOST} of anything; what may stand in front of a word is not
// read; what ends a secret may also be a comma, a bracket or the next parameter; and these are left out:
${Object.entries(LEFT_OUT)
  .map(([id, why]) => `//   ${id}: ${why}`)
  .join('\n')}
`;

/** The module's text. */
export function moduleOf({ rules, allowed, allowedMatch, allowedLine, perRule, stopwords }) {
  const line = ({ id, entropy, kind, back, heads, flags, source: js }) =>
    [
      heads.map((head) => head.replaceAll(' ', '\\x20')).join(' '),
      id,
      entropy,
      kind,
      back.join('-'),
      flags,
      js,
    ].join('\t');
  const table = (name, doc, lines) =>
    `/** ${doc} */\nexport const ${name}: string = String.raw\`${lines.join('\n')}\`;\n`;
  const regex = ({ source: js, flags }) => `${flags}\t${js}`;
  return [
    NOTICE,
    table(
      'RULES',
      'Heads, name, least entropy, kind, letters before the head, flags, pattern.',
      rules.map(line),
    ),
    table('ALLOWED', 'What is no secret whichever rule found it: flags, pattern.', allowed.map(regex)),
    table('ALLOWED_MATCH', 'The same of a whole match of generic-api-key.', allowedMatch.map(regex)),
    table('ALLOWED_LINE', 'The same of the line it is in.', allowedLine.map(regex)),
    table(
      'ALLOWED_BY_RULE',
      'The same of single rules: name, flags, pattern.',
      perRule.flatMap(({ id, regexes }) => regexes.map((one) => `${id}\t${regex(one)}`)),
    ),
    table('STOPWORDS', 'No key has one of these in it.', [wrapped(stopwords)]),
  ].join('\n');
}

function wrapped(words) {
  const lines = [''];
  for (const word of words) {
    if (lines.at(-1).length + word.length > 110) lines.push('');
    lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines.join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(target, moduleOf(convert(readFileSync(source, 'utf8'))));
