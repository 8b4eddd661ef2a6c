import { withoutCredentials } from '../../core/address.ts';
import { AgentLogError } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';

/** Where a repository is, over smart HTTP. */
export interface FarAddress {
  /** Without user and password, and without a slash at its end. */
  readonly url: string;
  /** What HTTP says for user and password; null where there are none. */
  readonly authorization: string | null;
  /** Whose password credential helpers are asked for; null where a password is given, or nobody is named. */
  readonly username: string | null;
  /** For messages. */
  readonly shown: string;
}

const LONGEST = 2000;

/** Reads an address. Throws BAD_ARGUMENT for any but http and https: what else git would take may start programs. */
export function farAddress(text: string): FarAddress {
  const url = URL.canParse(text) && text.length <= LONGEST ? new URL(text) : null;
  const shown = escapeTerminal(withoutCredentials(text.slice(0, 200)));
  if (url === null || !['http:', 'https:'].includes(url.protocol) || /[\s\p{C}]/u.test(text))
    throw new AgentLogError(
      'BAD_ARGUMENT',
      'usage',
      `--remote reads over http and https, not from ${shown}`,
      {
        hints: ['Name it as https://host/path, or clone it.'],
      },
    );
  const { username, password } = url;
  const user = `${decoded(username)}:${decoded(password)}`;
  url.username = '';
  url.password = '';
  url.hash = '';
  return {
    url: url.href.replace(/\/+$/, ''),
    authorization:
      username === '' && password === '' ? null : `Basic ${Buffer.from(user, 'utf8').toString('base64')}`,
    username: username === '' || password !== '' ? null : decoded(username),
    shown: escapeTerminal(url.href),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A repository that can't be had from where it should be. */
export function unreachable({ shown }: FarAddress, why: string, cause?: unknown): AgentLogError {
  return new AgentLogError('UNREACHABLE', 'system', `${shown} could not be read: ${why}`, {
    hints: ['Try git ls-remote with the same address, or clone it.'],
    ...(cause === undefined ? {} : { cause }),
  });
}
