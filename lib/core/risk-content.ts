import type { RiskClass } from './risk.ts';

/** Of a larger file only so much is looked at. */
export const MOST_LOOKED_AT: number = 256 * 1024;

/** One thing a file's text can be told by: all of its signs have to be there. */
interface Sign {
  readonly classes: readonly RiskClass[];
  readonly all: readonly RegExp[];
}

/** A key as YAML or JSON writes it, at the beginning of a line or after a brace or comma. */
function key(name: string, value = ''): RegExp {
  return new RegExp(`(?:^|[\\n{,])[ \\t]*(?:- )?["']?${name}["']?[ \\t]*:[ \\t]*${value}`);
}

const KUBERNETES = key('apiVersion');
const STRUCTURED: readonly Sign[] = [
  { classes: ['iac'], all: [KUBERNETES, key('kind')] },
  {
    classes: ['iam'],
    all: [KUBERNETES, key('kind', '["\']?(?:Cluster)?(?:Role|RoleBinding)\\b|.*\\bServiceAccount\\b')],
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

const STRUCTURED_NAME = /\.(?:ya?ml|json|jsonc|template|tpl|tmpl|j2)$/i;

/**
 * Risk classes of a file by what is in it, where its path can't tell: manifests of Kubernetes, templates of CloudFormation
 * and ARM, plays of Ansible, compose files, IAM documents, keys and certificates. Every pattern takes linear time.
 */
export function contentClasses(path: string, content: Buffer): readonly RiskClass[] {
  const bytes = content.subarray(0, MOST_LOOKED_AT);
  if (bytes.includes(0)) return [];
  const text = bytes.toString('utf8').replaceAll('\r\n', '\n');
  const signs = STRUCTURED_NAME.test(path) ? [...STRUCTURED, ...ANY_TEXT] : ANY_TEXT;
  const found = signs.filter(({ all }) => all.every((sign) => sign.test(text)));
  return [...new Set(found.flatMap(({ classes }) => classes))];
}
