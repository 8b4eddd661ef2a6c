import type { RiskClass } from './risk.ts';

export const STRUCTURED_NAME: RegExp = /\.(?:ya?ml|json|jsonc|template|tpl|tmpl|j2)$/i;

/** Classes that a file can have by what is in it. */
const BY_CONTENT: ReadonlySet<RiskClass> = new Set<RiskClass>([
  'secrets-and-crypto',
  'iam',
  'iac',
  'network-and-tls',
  'container',
]);

/** Whether files can be of a class by what is in them. */
export function isByContent(risk: RiskClass): boolean {
  return BY_CONTENT.has(risk);
}

/** Lists of packages: long, frequent, and of no other class. */
const PACKAGES = /(?:^|\/)(?:package(?:-lock)?|composer|tsconfig[\w.-]*)\.json$|(?:^|\/)pnpm-lock\.yaml$/i;

/** Whether to look into a file for what its path can't tell, where there are many of them. */
export function mayTellByContent(path: string): boolean {
  return STRUCTURED_NAME.test(path) && !PACKAGES.test(path);
}
