import { describe, expect, it } from 'vitest';
import { allowedSigners } from '../../../lib/evidence/bundle/allowed-signers.ts';
import type { RosterKey, RosterPerson } from '../../../lib/identity/roster/roster.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5';

function key(more: Partial<RosterKey> = {}): RosterKey {
  return { key: KEY, from: null, until: null, revoked: null, ...more };
}

function person(email: string, ...keys: readonly RosterKey[]): RosterPerson {
  const accounts = { github: null, gitlab: null };
  return { name: 'Jane', email, emails: [email], accounts, keys, roles: [], sponsors: null };
}

describe('allowedSigners', () => {
  it('has a line for each key, with when it counts; none for one that is revoked', () => {
    const from = Date.parse('2026-01-02T03:04:05Z');
    const people = [
      person('jane@example.com', key({ from, until: from + 1000 }), key({ revoked: 0 })),
      person('john@example.com', key()),
    ];
    expect(allowedSigners({ people, ci: [{ name: 'main pipeline', keys: [key()], oidc: null }] })).toBe(
      [
        `jane@example.com namespaces="agent-log",valid-after="20260102030405Z",valid-before="20260102030406Z" ${KEY}`,
        `john@example.com namespaces="agent-log" ${KEY}`,
        `ci:main_pipeline namespaces="agent-log" ${KEY}`,
        '',
      ].join('\n'),
    );
  });

  it('attack: an address or a name that is a pattern, an option or another line stands for nobody', () => {
    const people = ['*@example.com', '!a@b.c', 'a@b.c,*', 'a"b@c.d', 'a@b.c\n* ssh-ed25519 AAAA'].map(
      (email) => person(email, key()),
    );
    expect(allowedSigners({ people, ci: [] })).toBe('');
    const ci = [{ name: '* cert-authority\n*', keys: [key()], oidc: null }];
    expect(allowedSigners({ people: [], ci })).toBe(`ci:__cert-authority__ namespaces="agent-log" ${KEY}\n`);
  });
});
