import { mapped, parseMailmap } from '../../../dist/identity/roster/mailmap.js';
import { parseRoster } from '../../../dist/identity/roster/parse.js';
import { personOf } from '../../../dist/identity/roster/roster.js';
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
    name: 'identity:roster',
    seeds: async () =>
      texts(
        'version: 1\npeople:\n  - name: Jane Doe\n    email: jane@example.com\n    emails: [j@example.com]\n    accounts: {github: jane}\n    roles: [sponsor]\n    sponsors: [iac, "a/**"]\n',
        'version: 1\nci: [{name: main, keys: [{key: x, until: 2026-01-01, revoked: true}]}]\nservices: ["*@b.example"]\nteams: {"@o/t": [a@b.example]}\n',
      ),
    run(bytes) {
      const { roster, problems } = parseRoster(bytes.toString('utf8'), FROM);
      for (const { where, what, hint } of problems)
        holds(where !== '' && what !== '' && hint !== '', 'a problem says where, what and what to do');
      if (problems.length === 0)
        for (const person of roster.people)
          holds(personOf(roster, person.email) === person, 'a person is found by their address');
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
