import type { GitConfig } from '../git/config.ts';

/**
 * The line that signs a ledger commit, `Name <email> seconds +0000`: the user's own identity as git would find it.
 * Where git knows none, the ledger says so instead of inventing a person.
 */
export function committerLine(
  env: Readonly<Record<string, string | undefined>>,
  config: GitConfig,
  now: number,
): string {
  const name =
    env['GIT_COMMITTER_NAME'] || config.get('committer.name') || config.get('user.name') || 'unknown';
  const email =
    env['GIT_COMMITTER_EMAIL'] ||
    config.get('committer.email') ||
    config.get('user.email') ||
    'unknown@localhost';
  return `${clean(name)} <${clean(email)}> ${Math.floor(now / 1000)} +0000`;
}

function clean(text: string): string {
  return text.replaceAll(/[<>\n\r\0]/g, '').trim();
}
