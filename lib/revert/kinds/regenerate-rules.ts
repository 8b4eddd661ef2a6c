import { globSource } from '../../core/paths/glob.ts';
import type { GitConfig } from '../../git/repository/config.ts';

/** A command of the user's own that makes files from others, and which files those are. */
export interface RegenerateRule {
  /** As git takes one for a file: without a slash a name in any folder, with one a path from the top. */
  readonly pattern: string;
  readonly command: string;
  readonly matches: (path: string) => boolean;
}

const KEY = /^agentlog\.(.+)\.regenerate$/s;

/** The rules of local configuration, `agentLog.<pattern>.regenerate`, in its order; an empty command switches one off. */
export function regenerateRules(config: GitConfig): RegenerateRule[] {
  return [...config].flatMap(([key, command]) => {
    const pattern = KEY.exec(key)?.[1];
    return pattern === undefined ? [] : [{ pattern, command, matches: matcherOf(pattern) }];
  });
}

/** A pattern as git's own `:(top,glob)` takes it. */
export function globOf(pattern: string): string {
  return pattern.includes('/') ? pattern.replace(/^\//, '') : `**/${pattern}`;
}

function matcherOf(pattern: string): RegenerateRule['matches'] {
  const expression = new RegExp(`^${globSource(globOf(pattern))}$`, 's');
  return (path) => expression.test(path);
}

/** The rule for a path: of several the last, as with git's own patterns. Null where there is none. */
export function ruleFor(rules: readonly RegenerateRule[], path: string): RegenerateRule | null {
  const rule = rules.findLast(({ matches }) => matches(path));
  return rule === undefined || rule.command.trim() === '' ? null : rule;
}

/** What is usually configured. Nothing runs any of these by itself: package managers read settings of the tree they work in. */
const USUAL: Readonly<Record<string, string>> = {
  'package-lock.json': 'npm install --package-lock-only --ignore-scripts --git=git',
  'npm-shrinkwrap.json': 'npm install --package-lock-only --ignore-scripts --git=git',
  'pnpm-lock.yaml': 'pnpm install --lockfile-only --ignore-scripts',
  'yarn.lock': 'yarn install --mode=update-lockfile',
  'Cargo.lock': 'cargo update --workspace',
  'uv.lock': 'uv lock',
  'poetry.lock': 'poetry lock',
  'composer.lock': 'composer update --lock --no-scripts --no-plugins',
  'go.sum': 'go mod tidy',
};

/** The setting that would have a file made again, as somebody would type it. */
export function settingFor(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const usual = USUAL[name];
  const pattern = usual === undefined ? path : name;
  return `git config ${word(`agentLog.${pattern}.regenerate`)} ${word(usual ?? '<command>')}`;
}

function word(text: string): string {
  return /^[\w.@%+=:,/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
