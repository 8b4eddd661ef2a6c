import { type GitPlace, runGit } from '../process/runner.ts';
import { configQuery } from './config-query.ts';

export { configQuery } from './config-query.ts';

/** Git configuration, last value first wins as git has it. Keys are in lower case, as `git config --list` prints them. */
export type GitConfig = ReadonlyMap<string, string>;

/** The settings under a few sections in one process. An empty map when none is set. */
export async function readConfig(place: GitPlace, sections: readonly string[]): Promise<GitConfig> {
  const { stdout } = await runGit(place, { args: configQuery(sections), okCodes: [1] });
  return parseConfig(stdout.toString('utf8'));
}

export function parseConfig(text: string): GitConfig {
  const config = new Map<string, string>();
  for (const entry of text.split('\0')) {
    if (entry === '') continue;
    const end = entry.indexOf('\n');
    config.set(end < 0 ? entry : entry.slice(0, end), end < 0 ? 'true' : entry.slice(end + 1));
  }
  return config;
}
