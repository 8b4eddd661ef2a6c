import { ciIdentity } from '../../../dist/identity/ci-identity.js';
import { verifyToken } from '../../../dist/identity/oidc/token.js';
import { ownershipOf, parseCodeOwners } from '../../../dist/identity/owners/code-owners.js';
import { mapped, parseMailmap } from '../../../dist/identity/roster/mailmap.js';
import { parseRoster } from '../../../dist/identity/roster/parse.js';
import { personOf } from '../../../dist/identity/roster/roster.js';
import { parseOpenpgpKey, problemOfOpenpgpSignature } from '../../../dist/identity/signatures/openpgp.js';
import { decodeSshSignature } from '../../../dist/identity/signatures/sshsig.js';
import { verifySignature } from '../../../dist/identity/signatures/verify.js';
import { expectCleanPrototype, fixtureFiles, holds, texts } from './tools.mjs';

const FROM = { commit: '0'.repeat(40), file: null, mailmap: new Map() };
const DIGEST = `sha256:${'0'.repeat(64)}`;

export const identityTargets = [
  {
    name: 'identity:ssh-signature',
    seeds: () => fixtureFiles('signatures', /\.sig$/),
    run(bytes) {
      const signature = bytes.toString('latin1');
      const read = decodeSshSignature(signature);
      if (typeof read === 'string') return holds(read !== '', 'what is no signature says why');
      const record = { record: DIGEST, publicKey: read.key.text, signature };
      const { holds: good, why } = verifySignature(record);
      holds(good === (why === null), 'a signature holds, or says why not');
      const other = { ...record, record: `sha256:${'1'.repeat(64)}` };
      return holds(!verifySignature(other).holds, 'a signature is one of its record alone');
    },
  },
  {
    name: 'identity:openpgp',
    seeds: () => fixtureFiles('signatures', /\.asc$/),
    run(bytes) {
      const text = bytes.toString('latin1');
      holds(problemOfOpenpgpSignature(text) !== '', 'what is no signature says why');
      const key = parseOpenpgpKey(text);
      holds(
        typeof key === 'string' ? key !== '' : /^openpgp [0-9A-F]{40}$/.test(key.text),
        'a key has a fingerprint, or says why not',
      );
    },
  },
  {
    name: 'identity:oidc-token',
    seeds: async () => {
      const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const claims = { iss: 'https://a.example', aud: 'b', exp: 9_999_999_999, project: 'c' };
      return texts(`${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}.AAAA`, 'a.b.c');
    },
    run(bytes) {
      // Nothing that was made up is signed by a key nobody has.
      const trust = { issuer: 'https://a.example', audience: 'b', claims: { project: 'c' }, keys: [] };
      holds(typeof verifyToken(bytes.toString('utf8'), [trust], 0) === 'string', 'no token holds');
      expectCleanPrototype();
    },
  },
  {
    name: 'identity:roster',
    seeds: async () =>
      texts(
        'version: 1\npeople:\n  - name: Jane Doe\n    email: jane@example.com\n    emails: [j@example.com]\n    accounts: {github: jane}\n    roles: [sponsor]\n    sponsors: [iac, "a/**"]\n',
        'version: 1\nci: [{name: main, keys: [{key: x, until: 2026-01-01, revoked: true}]}]\nservices: ["*@b.example"]\nteams: {"@o/t": [a@b.example]}\n',
      ),
    run(bytes) {
      // As much as the YAML library reads well within a second, whatever is in it.
      const { roster, problems } = parseRoster(bytes.toString('utf8', 0, 64 * 1024), FROM);
      for (const { where, what, hint } of problems)
        holds(where !== '' && what !== '' && hint !== '', 'a problem says where, what and what to do');
      if (problems.length === 0)
        for (const person of roster.people)
          holds(personOf(roster, person.email) === person, 'a person is found by their address');
      expectCleanPrototype();
    },
  },
  {
    name: 'identity:code-owners',
    seeds: async () =>
      texts(
        '* @all\n/docs/ @docs jane@example.com # why\n!a/*.lock\n^[Web][2] @org/web\n**/x?.js\n',
        'a/**/b @x\n[Docs]\n*.md\nmy\\ file @y\n',
      ),
    run(bytes) {
      const text = bytes.toString('utf8');
      for (const place of ['.gitlab/CODEOWNERS', '.github/CODEOWNERS'])
        for (const { owners, approvals } of ownershipOf(
          { sections: parseCodeOwners(text, place) },
          'docs/a/b/x1.js',
        ))
          holds(owners.length > 0 && approvals >= 1, 'what is owned is owned by somebody');
    },
  },
  {
    name: 'identity:ci-claims',
    seeds: async () =>
      texts(
        '{"actor":"jane","actor_id":"7"}',
        '{"user_login":"j","user_email":"j@example.com"}',
        '{"name":"Jane Doe","email":"jane@example.com","email_verified":true}',
      ),
    run(bytes) {
      const person = ciIdentity({}, bytes.toString('utf8'));
      if (person !== null)
        holds(
          /^[^\n<>]+<[^\s<>]+@[^\s<>]+>$/.test(`${person.name}<${person.email}>`),
          'a person is one line',
        );
      expectCleanPrototype();
    },
  },
  {
    name: 'identity:mailmap',
    seeds: async () =>
      texts('Jane Doe <j@example.com> Old <o@example.com>\n# x\n<a@b.example> <c@d.example>\n'),
    run(bytes) {
      const { name, email } = mapped(parseMailmap(bytes.toString('utf8')), {
        name: 'Old',
        email: 'o@example.com',
      });
      holds(typeof name === 'string' && email !== '', 'somebody stays somebody');
    },
  },
];
