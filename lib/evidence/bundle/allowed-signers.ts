import type { Roster, RosterKey } from '../../identity/roster/roster.ts';
import { NAMESPACE } from '../../identity/signatures/sshsig.ts';

/** Anything else a principal may hold is a pattern, or ends it. */
const PLAIN = /^[\w.%+@:-]{1,320}$/;

/**
 * The keys of a roster as `ssh-keygen -Y verify -f` reads them (ssh-keygen(1), ALLOWED SIGNERS), each with the time it counts in. Without
 * those that are revoked: nobody can tell what they signed before; and without OpenPGP keys, which ssh-keygen does not know.
 */
export function allowedSigners({ people, ci }: Pick<Roster, 'people' | 'ci'>): string {
  const holders = [
    ...people.map(({ email, keys }) => ({ principal: email, keys })),
    ...ci.map(({ name, keys }) => ({ principal: pipelinePrincipal(name), keys })),
  ];
  const lines = holders
    .filter(({ principal }) => PLAIN.test(principal))
    .flatMap(({ principal, keys }) =>
      keys
        .filter(({ revoked, openpgp }) => revoked === null && openpgp === undefined)
        .map((key) => `${principal} ${optionsOf(key)} ${key.key}`),
    );
  return lines.map((line) => `${line}\n`).join('');
}

/** A pipeline's name may hold blanks; a principal may not. */
function pipelinePrincipal(name: string): string {
  return `ci:${name.replaceAll(/[^\w.-]/g, '_')}`;
}

function optionsOf({ from, until }: RosterKey): string {
  return [
    `namespaces="${NAMESPACE}"`,
    ...(from === null ? [] : [`valid-after="${sshTime(from)}"`]),
    ...(until === null ? [] : [`valid-before="${sshTime(until)}"`]),
  ].join(',');
}

/** `YYYYMMDDHHMMSSZ` */
function sshTime(at: number): string {
  return `${new Date(at)
    .toISOString()
    .slice(0, 19)
    .replaceAll(/[^0-9]/g, '')}Z`;
}
