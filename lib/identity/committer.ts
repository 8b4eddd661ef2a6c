import type { Person } from '../core/person.ts';
import type { GitConfig } from '../git/repository/config.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The user's own identity as git would find it for a committer; null where git knows none. */
export function committer(env: Env, config: GitConfig): Person | null {
  const { name, email } = identityOf(env, config);
  return name && email ? { name: clean(name), email: clean(email) } : null;
}

/**
 * The line that signs a ledger commit, `Name <email> seconds +0000`: the user's own identity as git would find it.
 * Where git knows none, the ledger says so instead of inventing a person.
 */
export function committerLine(env: Env, config: GitConfig, now: number): string {
  const { name, email } = identityOf(env, config);
  return `${clean(name || 'unknown')} <${clean(email || 'unknown@localhost')}> ${Math.floor(now / 1000)} +0000`;
}

function identityOf(env: Env, config: GitConfig): { name: string | undefined; email: string | undefined } {
  return {
    name: env['GIT_COMMITTER_NAME'] || config.get('committer.name') || config.get('user.name'),
    email: env['GIT_COMMITTER_EMAIL'] || config.get('committer.email') || config.get('user.email'),
  };
}

function clean(text: string): string {
  return text.replaceAll(/[<>\n\r\0]/g, '').trim();
}
