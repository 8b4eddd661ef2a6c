import { compileRiskMatcher, type RiskMatcher } from '../../core/risk/risk.ts';

export type KeyedFormat = 'json' | 'toml' | 'yaml';

const FORMATS: Readonly<Record<string, KeyedFormat>> = {
  json: 'json',
  toml: 'toml',
  yaml: 'yaml',
  yml: 'yaml',
};

/** Risk classes of paths: of those the same that are asked for again and again. */
export const classesOf: RiskMatcher = compileRiskMatcher();

/** Written by a package manager from a manifest, whole: lines of two versions of it never make a third. */
export function isLockfile(path: string): boolean {
  return classesOf(path).includes('dependency-lockfile');
}

/** The format of a file that people write by key; null for any other, and for what a tool writes. */
export function keyedFormat(path: string): KeyedFormat | null {
  return isLockfile(path) ? null : dataFormat(path);
}

/** The format of a file by its name, whoever writes it. */
export function dataFormat(path: string): KeyedFormat | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (LOCKS_OF_A_FORMAT[name] !== undefined) return LOCKS_OF_A_FORMAT[name];
  return FORMATS[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? null;
}

const LOCKS_OF_A_FORMAT: Readonly<Record<string, KeyedFormat>> = {
  'Cargo.lock': 'toml',
  'poetry.lock': 'toml',
  'uv.lock': 'toml',
  'composer.lock': 'json',
  'Pipfile.lock': 'json',
};
