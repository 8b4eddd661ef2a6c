import { deflateSync } from 'node:zlib';
import { zipOf } from '../../../dist/evidence/bundle/zip.js';
import { parseManifest } from '../../../dist/evidence/verify/bundle/manifest.js';
import { overPackLimit } from '../../../dist/evidence/verify/bundle/pack-limits.js';
import { openZip } from '../../../dist/evidence/verify/bundle/source.js';
import { makersOf, parseTrust, trustedRoster } from '../../../dist/evidence/verify/trust.js';
import { expectCleanPrototype, holds, texts } from './tools.mjs';

const file = (path, text) => ({ path, bytes: Buffer.from(text) });
const OID = '1'.repeat(40);
const MANIFEST = JSON.stringify({
  schema: 'agent-log/bundle/v1',
  madeAt: '2026-11-22T12:00:00.000Z',
  tool: { name: 'git-agent-log', version: '0.1.0' },
  question: { kind: 'commit', name: 'HEAD', classes: [] },
  repository: { format: 'sha1', roots: [OID], target: { ref: 'refs/heads/main', commit: OID } },
  ledger: { ref: 'refs/notes/agent-log', tip: OID },
  commits: [OID],
  txns: ['01JD2M0Y5V9Z8K7Q3C4N6T1RWE'],
  objects: [{ object: OID, path: OID, blob: OID, lines: 2, isWhole: true }],
  files: [{ path: 'README.md', size: 3, sha256: '0'.repeat(64) }],
  missing: [{ kind: 'approval', of: 'x', why: 'y', exception: null }],
});

/** What a stranger hands an auditor. */
export const evidenceTargets = [
  {
    name: 'evidence:zip',
    seeds: async () =>
      [
        [file('README.md', 'hello hello hello'), file('records/a.jsonl', '{}\n{}\n')],
        [file('proof.pack', 'PACK'), file('a/b/c', '')],
        [],
      ].map((files) => Buffer.from(zipOf(files))),
    async run(bytes) {
      const source = openZip(bytes);
      const folded = new Set(source.paths.map((path) => path.toLowerCase()));
      holds(folded.size === source.paths.length, 'no two files are one');
      for (const path of source.paths) {
        holds(/^[\w.-]+(\/[\w.-]+)*$/.test(path), 'a name is a plain one');
        holds(!path.split('/').some((part) => part === '..' || part === '.'), 'a name stays inside');
        holds((await source.read(path)) !== null, 'what is named is there');
      }
    },
  },
  {
    name: 'evidence:manifest',
    seeds: async () => texts(MANIFEST, '{"schema":"agent-log/bundle/v1"}'),
    run(bytes) {
      const manifest = parseManifest(bytes);
      if (typeof manifest === 'string') holds(manifest !== '', 'what is no manifest says why');
      else for (const { path } of manifest.files) holds(!path.startsWith('/'), 'a named file is inside');
      expectCleanPrototype();
    },
  },
  {
    name: 'evidence:pack-limits',
    seeds: async () => {
      const object = Buffer.concat([Buffer.from([0x33]), deflateSync('abc')]);
      const head = Buffer.from('PACK\0\0\0\u0002\0\0\0\u0001', 'latin1');
      return [Buffer.concat([head, object, Buffer.alloc(20)]), Buffer.concat([head, Buffer.alloc(40)])];
    },
    run(bytes) {
      const over = overPackLimit(bytes, 20);
      holds(over === null || over !== '', 'what is over a limit says which');
    },
  },
  {
    name: 'evidence:trust',
    seeds: async () =>
      texts(
        `{"schema":"agent-log/trust/v1","roots":["${OID}"],"target":{"commit":"${OID}"},"ledger":{"tip":"${OID}"},"records":[]}`,
        '{"schema":"agent-log/trust/v1","signers":[{"kind":"person","name":"Jane","email":"j@example.com","keys":["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ6ysjIqnKzVqF8uBuOqhW0nF1cUk7jkKHTm9h3UE0vB"]}]}',
      ),
    run(bytes) {
      const trust = parseTrust(bytes.toString('utf8'));
      const roster = trustedRoster(trust);
      holds((roster === null) === (trust.signers === undefined), 'signers make a roster');
      holds((makersOf(trust)?.size ?? 0) >= (roster?.byKey.size ?? 0), 'who signs may make a bundle');
      expectCleanPrototype();
    },
  },
];
