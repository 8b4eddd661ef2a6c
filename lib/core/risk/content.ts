import { type JsonLimits, overJsonLimit } from '../json/bounded.ts';
import { yamlAsJson } from '../yaml/as-json.ts';
import { STRUCTURED_NAME } from './by-content.ts';
import type { RiskClass } from './risk.ts';

/** Of a larger file only so much is looked at: it has to be too much for padding. */
const MOST_LOOKED_AT = 8 * 1024 * 1024;

/** One thing a file's text can be told by: all of its signs have to be there. */
interface Sign {
  readonly classes: readonly RiskClass[];
  readonly all: readonly RegExp[];
}

/** What YAML lets stand before a key or value: tags and anchors, and before a key marks of items and of the key itself. */
const BEFORE_VALUE = '(?:[!&][^\\s"\',{}]{0,100}\\s+){0,9}';
const BEFORE_KEY = '[ \\t]*(?:(?:[-?]|[!&][^\\s"\',{}]{0,100})[ \\t]+){0,9}';

/** A key as YAML or JSON writes it, at the beginning of a line or after a brace or comma. */
function key(name: string, value = ''): RegExp {
  return new RegExp(`(?:^|[\\n{,])${BEFORE_KEY}["']?${name}["']?\\s*:\\s*${BEFORE_VALUE}(?:${value})`);
}

const KUBERNETES = key('apiVersion');
const STRUCTURED: readonly Sign[] = [
  { classes: ['iac'], all: [KUBERNETES, key('kind')] },
  {
    classes: ['iam'],
    all: [KUBERNETES, key('kind', '["\']?(?:(?:Cluster)?(?:Role|RoleBinding)|ServiceAccount)\\b')],
  },
  {
    classes: ['network-and-tls'],
    all: [
      KUBERNETES,
      key('kind', '["\']?(?:NetworkPolicy|Ingress|Gateway|HTTPRoute|AuthorizationPolicy)\\b'),
    ],
  },
  { classes: ['secrets-and-crypto'], all: [KUBERNETES, key('kind', '["\']?(?:Sealed|External)?Secret\\b')] },
  { classes: ['iac'], all: [key('AWSTemplateFormatVersion')] },
  { classes: ['iac'], all: [key('Resources'), key('Type', '["\']?AWS::')] },
  { classes: ['iam'], all: [key('Type', '["\']?AWS::IAM::')] },
  { classes: ['iac'], all: [key('\\$schema', '["\'][^"\'\\n]{0,200}deploymentTemplate')] },
  { classes: ['iac'], all: [/(?:^|\n)- hosts:/] },
  { classes: ['container'], all: [/(?:^|\n)services:/, key('(?:image|build)')] },
  { classes: ['iam'], all: [key('Statement'), key('Effect', '["\']?(?:Allow|Deny)\\b')] },
];

const ANY_TEXT: readonly Sign[] = [
  { classes: ['secrets-and-crypto'], all: [/-----BEGIN (?:[A-Z]{2,12} ){0,3}PRIVATE KEY-----/] },
  { classes: ['network-and-tls'], all: [/-----BEGIN (?:[A-Z]{2,12} ){0,3}CERTIFICATE(?: REQUEST)?-----/] },
];

/** A letter written by its number in a quoted key, or a key broken over lines: no honest file has them. */
const ESCAPED_KEY = /\\(?:[xuU][0-9A-Fa-f]{2,8}|\n)[^"\n]{0,60}"\s*:/;

/** A value that tells, as an escape, a text of several lines or an alias; or a key that is one. Honest files hardly have them. */
const INDIRECT: readonly RegExp[] = [
  key('(?:kind|Type|Effect)', '(?:[>|*]|"[^"\\n]{0,200}\\\\)'),
  /(?:^|[\n{,])[ \t]*(?:[-?][ \t]+){0,9}\*[^\s:,{}]{1,100}[ \t]*[:\n]/,
];

/**
 * Risk classes of a file by what is in it, where its path can't tell: manifests of Kubernetes, templates of CloudFormation
 * and ARM, plays of Ansible, compose files, IAM documents, keys and certificates. A structured file that can't be looked
 * through, or hides its keys, counts as infrastructure. Every pattern takes linear time.
 */
export function contentClasses(path: string, content: Buffer): readonly RiskClass[] {
  const isStructured = STRUCTURED_NAME.test(path);
  const bytes = content.subarray(0, MOST_LOOKED_AT);
  const isCut = bytes.length < content.length;
  const text = textOf(bytes);
  const hidden: readonly RiskClass[] = isStructured && isCut ? ['iac'] : [];
  if (text === null) return hidden;
  const found = new Set([...hidden, ...signed(text, ANY_TEXT)]);
  if (isStructured) for (const one of structuredClasses(text)) found.add(one);
  return [...found];
}

function structuredClasses(text: string): readonly RiskClass[] {
  const plain = rewritten(text);
  const seen = signed(text, STRUCTURED);
  if (plain !== null) return [...seen, ...signed(plain, STRUCTURED)];
  const isHiding = ESCAPED_KEY.test(text);
  // What a value is can stand elsewhere, or be written otherwise: it is read as whoever applies it would.
  const read = isHiding || INDIRECT.some((sign) => sign.test(text)) ? yamlAsJson(text) : null;
  return [
    ...seen,
    ...(isHiding ? (['iac'] as const) : []),
    ...(read === null ? [] : signed(read, STRUCTURED)),
  ];
}

function signed(text: string, signs: readonly Sign[]): readonly RiskClass[] {
  return signs.filter(({ all }) => all.every((sign) => sign.test(text))).flatMap(({ classes }) => classes);
}

/** Without what is binary; lines end as YAML lets them end. */
function textOf(bytes: Buffer): string | null {
  const text = bytes.includes(0) ? wide(bytes) : bytes.toString('utf8');
  if (text === null) return null;
  return text
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')
    .replaceAll(/[\r\u0085\u2028\u2029]/g, '\n');
}

/** Readers of YAML take UTF-16 as well, by the mark it begins with. */
function wide(bytes: Buffer): string | null {
  const encoding = { fffe: 'utf-16le', feff: 'utf-16be' }[bytes.toString('hex', 0, 2)];
  return encoding === undefined ? null : new TextDecoder(encoding).decode(bytes);
}

/** What is deeper some versions of Node can't write, and the class of a file must not hang on the version. */
const LIMITS: JsonLimits = { depth: 1000, values: Number.POSITIVE_INFINITY };

/** JSON as everybody writes it, without escapes in keys; null for what is none, or too deep for anybody to read. */
function rewritten(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return overJsonLimit(text, LIMITS) === null ? JSON.stringify(value) : null;
  } catch {
    return null;
  }
}
