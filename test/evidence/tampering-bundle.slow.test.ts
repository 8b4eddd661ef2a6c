import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PLAIN } from '../../lib/cli/terminal/io.ts';
import { renderVerified } from '../../lib/cli/views/verify.ts';
import { recordDigest, textDigest } from '../../lib/core/digest.ts';
import { signedOfEnvelope } from '../../lib/core/dsse.ts';
import { verifyBundle } from '../../lib/evidence/verify/bundle/verify-bundle.ts';
import type { VerifyDocument } from '../../lib/evidence/verify/report.ts';
import type { TrustFile } from '../../lib/evidence/verify/trust.ts';
import { filesIn } from '../support/bundles.ts';
import { copyOf, type GoodLedger, makeGoodLedger } from '../support/good-ledger.ts';
import { filesOf, writeLedger } from '../support/ledgers.ts';
import type { TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';
import { ed25519Key, signatureOf, sshSign } from '../support/ssh-keys.ts';
import {
  type BundleFiles,
  entriesOf,
  folderForTest,
  forgeZip,
  onEvidence,
  onManifest,
  onText,
  readJson,
  redraw,
  reforge,
  writeFolder,
} from '../support/tampering.ts';

let good: GoodLedger;
let whole: BundleFiles;
beforeAll(async () => {
  good = await makeGoodLedger();
  whole = await bundleFrom(good.repo, '--sign', '--with-history');
}, 120_000);
afterAll(() => good.repo.remove());

let bundles = 0;

async function bundleFrom(repo: TestRepo, ...flags: string[]): Promise<BundleFiles> {
  const path = join(good.repo.home, `bundle-${bundles++}`);
  const { code, stderr } = await repo.run(['evidence', 'main~4..main', ...flags, '-o', path]);
  if (code !== 0) throw new Error(stderr);
  return new Map(await filesIn(path));
}

function copy(): BundleFiles {
  return new Map([...whole].map(([path, bytes]) => [path, Buffer.from(bytes)]));
}

async function verified(
  files: BundleFiles,
  trust: Partial<TrustFile> | null = null,
): Promise<VerifyDocument> {
  const path = join(await folderForTest(), 'bundle.zip');
  await writeFile(path, forgeZip(entriesOf(files)));
  return verifyBundle(path, { trust: trust && { schema: 'agent-log/trust/v1', ...trust }, now: Date.now() });
}

function failed(document: VerifyDocument): string[] {
  return document.checks.filter(({ result }) => result === 'fail').map(({ name }) => name);
}

function resultOf(document: VerifyDocument, check: string): string | undefined {
  return document.checks.find(({ name }) => name === check)?.result;
}

type Change = (files: BundleFiles) => void;

const recordsOf = (at: number): string => `records/${good.commits.at(at) ?? ''}.jsonl`;
const oneOf = (files: BundleFiles, pattern: RegExp): string =>
  [...files.keys()].find((path) => pattern.test(path)) ?? '';
const zeros = '0'.repeat(40);

/** The manifest and the document tell the same time. */
function onMadeAt(files: BundleFiles, at: string): void {
  onManifest(files, (manifest) => void (manifest.madeAt = at));
  onEvidence(files, (document) => void (document.madeAt = at));
}

function untold(files: BundleFiles): void {
  onManifest(files, (manifest) => void (manifest.missing = []));
  onEvidence(files, (document) => void (document.missing = []));
}

/** What somebody changes who can not make digests right again. */
const RAW: readonly (readonly [string, Change, string])[] = [
  ['a bit of a record', (files) => flip(files, recordsOf(0), 10), 'files'],
  ['a bit of the pack', (files) => flip(files, 'proof.pack', 100), 'files'],
  ['a bit of the page for people', (files) => flip(files, 'README.md', 10), 'files'],
  ['a bit of a diff', (files) => flip(files, `diffs/${good.commits[0]}.diff`, 30), 'files'],
  ['a bit of the full history', (files) => flip(files, 'history.bundle', 300), 'files'],
  ['a file is gone', (files) => void files.delete(recordsOf(1)), 'files'],
  ['a file more', (files) => void files.set('records/extra.jsonl', Buffer.from('{}\n')), 'files'],
  ['a file is empty', (files) => void files.set('evidence.json', Buffer.alloc(0)), 'files'],
  [
    'a digest in the manifest',
    (files) => onManifest(files, ({ files: [first] }) => void (first && (first.sha256 = '0'.repeat(64)))),
    'files',
  ],
  [
    'a size in the manifest',
    (files) => onManifest(files, ({ files: [first] }) => void (first && first.size++)),
    'files',
  ],
  [
    'a file named twice in the manifest',
    (files) => onManifest(files, (manifest) => void manifest.files.push(...manifest.files.slice(0, 1))),
    'files',
  ],
  [
    'the manifest names itself',
    (files) =>
      onManifest(
        files,
        (manifest) => void manifest.files.push({ path: 'manifest.json', size: 1, sha256: '0'.repeat(64) }),
      ),
    'files',
  ],
  ['the manifest is gone', (files) => void files.delete('manifest.json'), 'manifest'],
  ['the manifest is no JSON', (files) => void files.set('manifest.json', Buffer.from('{')), 'manifest'],
  ['the manifest is a list', (files) => void files.set('manifest.json', Buffer.from('[]')), 'manifest'],
  [
    'the manifest is as deep as can be',
    (files) => void files.set('manifest.json', Buffer.from('['.repeat(100_000))),
    'manifest',
  ],
  [
    'the manifest tells something twice',
    (files) =>
      onText(files, 'manifest.json', (text) => text.replace('{', '{"madeAt":"2020-01-01T00:00:00Z",')),
    'manifest',
  ],
  [
    'the manifest is no UTF-8',
    (files) => {
      onText(files, 'manifest.json', (text) => text.replace('{', '{"note":"?",'));
      const bytes = files.get('manifest.json') ?? Buffer.alloc(0);
      bytes[bytes.indexOf('?')] = 0xff;
    },
    'manifest',
  ],
  [
    'the manifest is of another schema',
    (files) => onText(files, 'manifest.json', (text) => text.replace('bundle/v1', 'bundle/v2')),
    'manifest',
  ],
  [
    'the manifest names a path that leads out',
    (files) => onManifest(files, ({ files: [first] }) => void (first && (first.path = '../../evil'))),
    'files',
  ],
  [
    'the manifest is of another object format',
    (files) => onManifest(files, ({ repository }) => void (repository.format = 'sha256')),
    'manifest',
  ],
  ['SHA256SUMS is gone', (files) => void files.delete('SHA256SUMS'), 'files'],
  [
    'SHA256SUMS names one file less',
    (files) => onText(files, 'SHA256SUMS', (text) => text.split('\n').slice(1).join('\n')),
    'files',
  ],
  [
    'SHA256SUMS has another digest',
    (files) => onText(files, 'SHA256SUMS', (text) => `${'0'.repeat(64)}${text.slice(64)}`),
    'files',
  ],
  [
    'SHA256SUMS names a file elsewhere',
    (files) => onText(files, 'SHA256SUMS', (text) => `${text}${'0'.repeat(64)}  ../evil\n`),
    'files',
  ],
  [
    'the manifest was changed after it was signed',
    (files) => onManifest(files, (manifest) => void (manifest.madeAt = '2020-01-01T00:00:00Z')),
    'maker',
  ],
  [
    'the signature is of another bundle',
    (files) =>
      void files.set(
        'manifest.json.sig',
        Buffer.from(sshSign(ed25519Key(), 'x', { namespace: 'bundle@git-agent-log' })),
      ),
    'maker',
  ],
  [
    'the signature was made for something else',
    (files) =>
      void files.set(
        'manifest.json.sig',
        Buffer.from(
          sshSign(ed25519Key(), files.get('manifest.json')?.toString() ?? '', { namespace: 'git' }),
        ),
      ),
    'maker',
  ],
  ['the signature is none', (files) => void files.set('manifest.json.sig', Buffer.from('signed\n')), 'maker'],
];

function flip(files: BundleFiles, path: string, at: number): void {
  const bytes = files.get(path);
  if (bytes === undefined || at >= bytes.length) throw new RangeError(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
}

/** What somebody changes who makes every digest right again. */
const FORGED: readonly (readonly [string, Change, string])[] = [
  [
    'a sponsor told twice, which another reader takes for the other one',
    (files) =>
      onText(files, 'evidence.json', (text) =>
        text.replace('"email": "', '"email": "evil@example.com",\n"email": "'),
      ),
    'claims',
  ],
  [
    'a text told twice',
    (files) =>
      onText(files, 'texts.json', (text) => text.replace('"text": ', '"te\\u0078t": "other", "text": ')),
    'texts',
  ],
  [
    'a sponsor in a record',
    (files) => onText(files, recordsOf(0), (text) => text.replace('jane@example.com', 'evil@example.com')),
    'notes',
  ],
  [
    'a record line is gone',
    (files) => onText(files, recordsOf(0), (text) => text.slice(text.indexOf('\n') + 1)),
    'notes',
  ],
  [
    'a record line more',
    (files) => onText(files, recordsOf(0), (text) => `${text}{"schema":"agent-log/approval/v1"}\n`),
    'notes',
  ],
  [
    'two notes change places',
    (files) => {
      const [a, b] = [files.get(recordsOf(0)), files.get(recordsOf(1))];
      files.set(recordsOf(0), b ?? Buffer.alloc(0));
      files.set(recordsOf(1), a ?? Buffer.alloc(0));
    },
    'notes',
  ],
  [
    'a note that the manifest does not name',
    (files) => void files.set(`records/${zeros}.jsonl`, Buffer.from('{}\n')),
    'notes',
  ],
  [
    'a note is no longer named, and gone',
    (files) => {
      files.delete(recordsOf(0));
      onManifest(
        files,
        (manifest) =>
          void (manifest.objects = manifest.objects.filter(({ object }) => object !== good.commits[0])),
      );
    },
    'gaps',
  ],
  [
    'a note told to be shared, and its record changed',
    (files) => {
      onText(files, recordsOf(0), (text) => text.replace('jane@example.com', 'evil@example.com'));
      onManifest(files, (manifest) =>
        manifest.objects.forEach((one) => void (one.isWhole &&= one.object !== good.commits[0])),
      );
    },
    'bindings',
  ],
  [
    'the count of lines',
    (files) => onManifest(files, ({ objects: [first] }) => void (first && first.lines++)),
    'notes',
  ],
  [
    'where a note lies',
    (files) =>
      onManifest(
        files,
        ({ objects: [first] }) =>
          void (first && (first.path = `${first.object.slice(0, 2)}/${first.object.slice(2)}`)),
      ),
    'notes',
  ],
  [
    'a path that is of another object',
    (files) => onManifest(files, ({ objects: [first] }) => void (first && (first.path = zeros))),
    'notes',
  ],
  [
    "the note's blob",
    (files) => onManifest(files, ({ objects: [first] }) => void (first && (first.blob = zeros))),
    'notes',
  ],
  ['the tip of the ledger', (files) => onManifest(files, ({ ledger }) => void (ledger.tip = zeros)), 'notes'],
  ['a ledger that is none', (files) => onManifest(files, ({ ledger }) => void (ledger.tip = null)), 'notes'],
  ['the pack is gone', (files) => void files.delete('proof.pack'), 'notes'],
  [
    'the pack is cut',
    (files) => void files.set('proof.pack', files.get('proof.pack')?.subarray(0, -100) ?? Buffer.alloc(0)),
    'pack',
  ],
  ['the pack is empty', (files) => void files.set('proof.pack', Buffer.alloc(0)), 'pack'],
  [
    'the pack is no pack',
    (files) => void files.set('proof.pack', Buffer.from('#!/bin/sh\n'.repeat(20))),
    'pack',
  ],
  ['a bit of the pack', (files) => flip(files, 'proof.pack', 200), 'pack'],
  [
    'something follows the pack',
    (files) =>
      void files.set(
        'proof.pack',
        Buffer.concat([files.get('proof.pack') ?? Buffer.alloc(0), Buffer.from('x'.repeat(20))]),
      ),
    'pack',
  ],
  [
    'the pack says it has more objects than any',
    (files) => void files.get('proof.pack')?.writeUInt32BE(0xffffffff, 8),
    'pack',
  ],
  [
    'a text in evidence.json',
    (files) => onText(files, 'evidence.json', (text) => text.replaceAll('Say what it does', 'Say nothing')),
    'claims',
  ],
  [
    'a text in texts.json',
    (files) => onText(files, 'texts.json', (text) => text.replaceAll('Say what it does', 'Say nothing')),
    'texts',
  ],
  [
    'a text in both',
    (files) =>
      ['evidence.json', 'texts.json'].forEach((path) =>
        onText(files, path, (text) => text.replaceAll('Say what it does', 'Say nothing')),
      ),
    'texts',
  ],
  [
    'the salt of a text',
    (files) => onText(files, 'texts.json', (text) => text.replace(/"salt": "./, '"salt": "/')),
    'texts',
  ],
  [
    'a text that no record names',
    (files) => {
      const salt = Buffer.alloc(32, 7);
      onText(files, 'texts.json', (text) =>
        text.replace(
          '"texts": [',
          `"texts": [{"digest":"${textDigest(salt, 'x')}","salt":"${salt.toString('base64')}","kind":"task","text":"x"},`,
        ),
      );
    },
    'texts',
  ],
  ['texts.json is no list', (files) => void files.set('texts.json', Buffer.from('{"texts":[1]}')), 'texts'],
  [
    'the sponsor in evidence.json',
    (files) =>
      onEvidence(
        files,
        ({ changes: [first] }) => void (first?.sponsor && (first.sponsor.email = 'evil@example.com')),
      ),
    'claims',
  ],
  [
    'the sponsor of a transaction',
    (files) =>
      onEvidence(
        files,
        ({ txns: [first] }) => void (first && (first.sponsor = { name: 'E', email: 'evil@example.com' })),
      ),
    'claims',
  ],
  [
    'a sponsor left out',
    (files) => onEvidence(files, ({ txns: [first] }) => void (first && (first.sponsor = null))),
    'claims',
  ],
  ['a transaction left out', (files) => onEvidence(files, (document) => void document.txns.pop()), 'claims'],
  [
    'how firmly a record is bound',
    (files) => onEvidence(files, ({ changes: [first] }) => void (first && (first.binding = 'squashed'))),
    'claims',
  ],
  [
    'whether it is sealed',
    (files) => onEvidence(files, ({ changes: [first] }) => void (first && (first.sealed = false))),
    'claims',
  ],
  [
    'which record it is',
    (files) =>
      onEvidence(
        files,
        ({ changes: [first] }) => void (first && (first.record = `sha256:${'0'.repeat(64)}`)),
      ),
    'claims',
  ],
  [
    'the agent in evidence.json',
    (files) =>
      onEvidence(files, ({ changes: [first] }) => void (first?.agent && (first.agent.name = 'nobody'))),
    'claims',
  ],
  [
    'the files in evidence.json',
    (files) => onEvidence(files, ({ changes: [first] }) => void first?.files.pop()),
    'claims',
  ],
  [
    'a commit left out of evidence.json',
    (files) => onEvidence(files, (document) => void document.changes.pop()),
    'claims',
  ],
  [
    'a commit left out of the manifest',
    (files) => onManifest(files, (manifest) => void manifest.commits.pop()),
    'claims',
  ],
  [
    'a decision that said no',
    (files) =>
      onEvidence(files, ({ decisions: [first] }) => void (first && (first.decision.result = 'fail'))),
    'claims',
  ],
  [
    'a decision left out',
    (files) => onEvidence(files, (document) => void document.decisions.pop()),
    'claims',
  ],
  [
    'a decision made up',
    (files) =>
      onEvidence(
        files,
        ({ decisions }) =>
          void decisions.push({ ...decisions[0], digest: `sha256:${'0'.repeat(64)}` } as never),
      ),
    'claims',
  ],
  [
    'who stands behind a decision',
    (files) =>
      onEvidence(files, ({ decisions: [first] }) => void (first && (first.signedBy = 'another pipeline'))),
    'claims',
  ],
  [
    'an approval made up',
    (files) =>
      onEvidence(
        files,
        ({ approvals }) =>
          void approvals.push({ ...approvals[0], digest: `sha256:${'1'.repeat(64)}` } as never),
      ),
    'claims',
  ],
  [
    'an approval left out',
    (files) => onEvidence(files, (document) => void document.approvals.pop()),
    'claims',
  ],
  [
    'whose approval it is',
    (files) =>
      onEvidence(
        files,
        ({ approvals: [first] }) =>
          void (first && (first.signedBy = { name: 'E', email: 'evil@example.com' })),
      ),
    'claims',
  ],
  [
    'a touch of a security key',
    (files) => onEvidence(files, ({ approvals: [first] }) => void (first && (first.present = true))),
    'claims',
  ],
  [
    'a gap left out of evidence.json',
    (files) => onEvidence(files, (document) => void document.missing.pop()),
    'gaps',
  ],
  [
    'somebody who wrote it left out, who could then pass for a second person',
    (files) => onEvidence(files, ({ authors }) => void authors.pop()),
    'claims',
  ],
  [
    'an author under another address',
    (files) => onEvidence(files, ({ authors: [first] }) => void (first && (first.known = 'x@example.com'))),
    'claims',
  ],
  ['the question', (files) => onEvidence(files, ({ question }) => void (question.name = 'main')), 'claims'],
  [
    "a decision of a commit's own list",
    (files) =>
      onEvidence(files, ({ changes }) => {
        for (const change of changes) for (const one of change.decisions) one.result = 'skip';
      }),
    'claims',
  ],
  [
    "an approval made up in a commit's own list",
    (files) =>
      onEvidence(files, ({ changes, approvals: [first] }) => {
        const said = {
          kind: 'approval',
          by: { name: 'The Board', email: 'board@example.com' },
          basis: 'attested',
        };
        const rest = { present: true, source: 'signature', head: changes[0]?.commit, mr: null, note: null };
        changes[0]?.approvals.push({ ...said, ...rest, at: first?.approval.recordedAt } as never);
      }),
    'claims',
  ],
  [
    'a sponsor told to be verified',
    (files) =>
      onEvidence(files, ({ changes }) => {
        for (const { sponsor } of changes) if (sponsor !== null) sponsor.verified = true;
      }),
    'claims',
  ],
  ['it was made before what it tells of', (files) => onMadeAt(files, '2000-01-01T00:00:00.000Z'), 'claims'],
  ['it was made in the future', (files) => onMadeAt(files, '2099-01-01T00:00:00.000Z'), 'claims'],
  ['no gap is told', untold, 'gaps'],
  ['a file that no bundle has', (files) => void files.set('board-approval.txt', Buffer.from('yes')), 'files'],
  [
    "one person's key as another's",
    (files) =>
      onText(files, 'signatures/allowed_signers', (text) => text.replace(/^\S+/m, 'mallory@example.com')),
    'signers',
  ],
  ['evidence.json is gone', (files) => void files.delete('evidence.json'), 'claims'],
  [
    'evidence.json is something else',
    (files) => void files.set('evidence.json', Buffer.from('{"schema":"agent-log/evidence/v1"}')),
    'claims',
  ],
  [
    'a diff shows another change',
    (files) =>
      onText(files, `diffs/${good.commits[0]}.diff`, (text) =>
        text.replace('+export const pay', '+export const gay'),
      ),
    'diffs',
  ],
  [
    'a diff ends early',
    (files) => onText(files, `diffs/${good.commits[0]}.diff`, (text) => text.slice(0, text.length / 2)),
    'diffs',
  ],
  [
    'a diff goes on',
    (files) => onText(files, `diffs/${good.commits[0]}.diff`, (text) => `${text}+more\n`),
    'diffs',
  ],
  [
    'the policy of the target',
    (files) => onText(files, oneOf(files, /^target.*policy/), (text) => `${text}\n`),
    'policies',
  ],
  [
    'the people of the target',
    (files) => onText(files, oneOf(files, /^target.*sponsors/), (text) => text.replace('jane@', 'evil@')),
    'policies',
  ],
  [
    "a stranger's key among the signers",
    (files) =>
      onText(files, 'signatures/allowed_signers', (text) => `${text}evil@example.com ${ed25519Key().text}\n`),
    'signers',
  ],
  [
    'a signature file is of something else',
    (files) => void files.set(oneOf(files, /\.1\.sig$/), Buffer.from(sshSign(ed25519Key(), 'x'))),
    'signatures',
  ],
  [
    'the line a signature is of',
    (files) => onText(files, oneOf(files, /^signatures.*\.line$/), (text) => `${text} `),
    'signatures',
  ],
  [
    'the text that is signed',
    (files) => onText(files, oneOf(files, /^signatures.*\.signed$/), () => `sha256:${'0'.repeat(64)}`),
    'signatures',
  ],
  [
    'the full history is of another ledger',
    (files) => {
      const { ledger } = readJson(files, 'manifest.json') as { ledger: { tip: string } };
      const at = files.get('history.bundle')?.indexOf(`${ledger.tip} refs/notes/agent-log`) ?? 0;
      files.get('history.bundle')?.write(good.commits[0] ?? '', at, 'latin1');
    },
    'full-history',
  ],
  [
    'the full history is cut',
    (files) =>
      void files.set('history.bundle', files.get('history.bundle')?.subarray(0, 60) ?? Buffer.alloc(0)),
    'full-history',
  ],
];

const statements = 'attestations.intoto.jsonl';

/** Changes the statement of a line, and leaves its envelope as it is. */
function onStatement(line: string, change: (text: string) => string): string {
  const envelope = JSON.parse(line) as { payload: string };
  const text = change(Buffer.from(envelope.payload, 'base64').toString('utf8'));
  return JSON.stringify({ ...envelope, payload: Buffer.from(text).toString('base64') });
}

const onLines = (files: BundleFiles, path: string, change: (lines: string[]) => string[]): void =>
  onText(files, path, (text) =>
    change(text.split('\n').slice(0, -1))
      .map((line) => `${line}\n`)
      .join(''),
  );

/** What somebody changes of what is for people and other tools alone. */
const READINGS: readonly [what: string, change: Change, check?: string][] = [
  [
    'a word of the page',
    (files) => onText(files, 'index.html', (text) => text.replace('Asserted', 'Attested')),
  ],
  [
    'a script more in the page',
    (files) => onText(files, 'index.html', (text) => text.replace('</body>', '<script>1</script></body>')),
  ],
  [
    'what the page may load',
    (files) => onText(files, 'index.html', (text) => text.replace('default-src', 'font-src')),
  ],
  ['something after the page', (files) => onText(files, 'index.html', (text) => `${text}<img src=x>`)],
  ['an empty page', (files) => void files.set('index.html', Buffer.alloc(0))],
  ['no page', (files) => void files.delete('index.html')],
  [
    'a step of the README',
    (files) => onText(files, 'README.md', (text) => text.replace('sha256sum -c', 'true')),
  ],
  [
    'a gap that the README tells',
    (files) => onText(files, 'README.md', (text) => text.replace(/^\| replay \|.*\n/m, '')),
  ],
  ['no README', (files) => void files.delete('README.md')],
  [
    'a control that is said to be answered',
    (files) => onText(files, 'controls.json', (text) => text.replace('"absent"', '"present"')),
  ],
  ['no control map', (files) => void files.delete('controls.json')],
  ['a row of the population', (files) => onLines(files, 'population.csv', (rows) => rows.slice(0, -1))],
  [
    'how many the population is of',
    (files) => onText(files, 'population.csv', (text) => text.replaceAll(/^(\d+),\d+,/gm, '$1,99,')),
  ],
  [
    'a sponsor in the population',
    (files) =>
      onText(files, 'population.csv', (text) => text.replace('jane@example.com', 'evil@example.com')),
  ],
  ['no population', (files) => void files.delete('population.csv')],
  ['a statement left out', (files) => onLines(files, statements, (lines) => lines.slice(1))],
  ['a statement twice', (files) => onLines(files, statements, (lines) => [...lines, ...lines.slice(0, 1)])],
  ['statements in another order', (files) => onLines(files, statements, (lines) => lines.reverse())],
  [
    'what a statement says',
    (files) =>
      onLines(files, statements, (lines) =>
        lines.map((line) => onStatement(line, (text) => text.replace('"sponsor"', '"helper"'))),
      ),
  ],
  [
    'what a statement is about',
    (files) =>
      onLines(files, statements, (lines) =>
        lines.map((line) =>
          onStatement(line, (text) => text.replace(/"gitCommit":"[0-9a-f]+"/, `"gitCommit":"${zeros}"`)),
        ),
      ),
  ],
  [
    'a field more in an envelope',
    (files) => onLines(files, statements, (lines) => lines.map((line) => line.replace('{', '{"by":"us",'))),
  ],
  ['a statement that is none', (files) => onLines(files, statements, ([, ...lines]) => ['{}', ...lines])],
  [
    "a stranger's signature of a statement",
    (files) =>
      onLines(files, statements, ([first = '', ...lines]) => {
        const { payload, payloadType } = JSON.parse(first) as { payload: string; payloadType: string };
        const signed = signedOfEnvelope(payloadType, Buffer.from(payload, 'base64')).toString('latin1');
        const sig = sshSign(ed25519Key(), signed, { namespace: 'dsse@git-agent-log' });
        const signatures = [{ sig: Buffer.from(sig).toString('base64') }];
        return [JSON.stringify({ payload, payloadType, signatures }), ...lines];
      }),
  ],
  ['no statements', (files) => void files.delete(statements)],
  [
    'the signature of the manifest is taken away, and the README still tells of it',
    (files) => void files.set('README.md', whole.get('README.md') ?? Buffer.alloc(0)),
    'maker',
  ],
  [
    'a version that reads like another',
    (files) => onManifest(files, ({ tool }) => void (tool.version = '0.1.0\u200b')),
    'manifest',
  ],
];

describe('attack: a bundle that somebody tampered with', () => {
  it('a good one passes, as a zip and as a folder', async () => {
    const path = await writeFolder(await folderForTest(), copy());
    for (const document of [
      await verified(copy()),
      await verifyBundle(path, { trust: null, now: Date.now() }),
    ]) {
      expect(schemaProblems(document)).toEqual([]);
      expect(failed(document)).toEqual([]);
    }
    const forged = copy();
    await redraw(forged);
    reforge(forged);
    expect(failed(await verified(forged))).toEqual([]);
  });

  it.each(RAW)('%s', async (_, change, check) => {
    const files = copy();
    change(files);
    const document = await verified(files);
    expect(schemaProblems(document)).toEqual([]);
    expect(failed(document)).toContain(check);
  });

  it.each(FORGED)('%s, with digests made right', async (_, change, check) => {
    const files = copy();
    change(files);
    await redraw(files);
    reforge(files);
    expect(failed(await verified(files))).toContain(check);
  });

  it.each(READINGS.map(([what, change, check = 'readings']) => [what, change, check] as const))(
    '%s, with digests made right',
    async (_, change, check) => {
      const files = copy();
      await redraw(files);
      const before = new Map([...files].map(([path, bytes]) => [path, bytes.toString('latin1')]));
      change(files);
      expect([...files].map(([path, bytes]) => [path, bytes.toString('latin1')])).not.toEqual([...before]);
      reforge(files);
      expect(failed(await verified(files))).toEqual([check]);
    },
  );

  it('a page that claims another version made it is told as what nobody here can check', async () => {
    for (const tool of [{ version: '0.0.9' }, { build: '0'.repeat(16) }, { unicode: '1.0' }]) {
      const files = copy();
      await redraw(files);
      onText(files, 'index.html', (text) => text.replace('<h1>', '<h1>Approved: '));
      onManifest(files, (manifest) => Object.assign(manifest.tool, tool));
      reforge(files);
      const document = await verified(files);
      expect(failed(document)).toEqual([]);
      const check = document.checks.find(({ name }) => name === 'readings');
      expect(check).toMatchObject({ result: 'not-checkable', unknown: [{ of: 'index.html' }] });
      expect(check?.says).toContain(Object.values(tool)[0]);
      expect(check?.unknown[0]?.says).toContain(Object.values(tool)[0]);
    }
  });

  it('a good bundle of another version whose files come out the same passes', async () => {
    const files = copy();
    onManifest(files, ({ tool }) => void (tool.version = '0.0.9'));
    await redraw(files);
    reforge(files);
    expect(resultOf(await verified(files), 'readings')).toBe('pass');
  });

  it('statements that somebody else signed than the manifest', async () => {
    const files = copy();
    reforge(files);
    const key = ed25519Key();
    const manifest = files.get('manifest.json')?.toString() ?? '';
    files.set(
      'manifest.json.sig',
      Buffer.from(sshSign(key, manifest, { namespace: 'bundle@git-agent-log' })),
    );
    expect(failed(await verified(files))).toEqual(['readings']);
  });
});

/** Bundles that were made, by the program itself, of a ledger that somebody changed. */
describe('attack: a bundle of a ledger that somebody tampered with', () => {
  type Lines = string[];
  const cases: readonly (readonly [string, (lines: Lines) => Lines, string])[] = [
    [
      'a record dropped',
      (lines) => lines.filter((line) => !line.includes('agent-log/execution/v1')),
      'bindings',
    ],
    [
      'a sponsor changed',
      (lines) => lines.map((line) => line.replace('jane@example.com', 'evil@example.com')),
      'bindings',
    ],
    [
      'the tree of a binding',
      (lines) =>
        lines.map((line) =>
          line.includes('binding/v1') ? line.replace(/"tree":"[0-9a-f]+"/, `"tree":"${zeros}"`) : line,
        ),
      'bindings',
    ],
    [
      'an approval changed',
      (lines) =>
        lines.map((line) =>
          line.includes('approval/v1') ? line.replace('"note":null', '"note":"fine"') : line,
        ),
      'signatures',
    ],
    [
      'a decision replayed',
      (lines) => [
        ...lines,
        ...lines
          .filter((line) => line.includes('decision/v1'))
          .map((line) => line.replace(/"head":"[0-9a-f]+"/, `"head":"${zeros}"`)),
      ],
      'placement',
    ],
    [
      'a policy that was another',
      (lines) =>
        lines.map((line) =>
          line.includes('decision/v1') ? line.replace(/"blob":"[0-9a-f]+"/, `"blob":"${zeros}"`) : line,
        ),
      'policies',
    ],
    ["an approval with a stranger's signature", resign, 'signers'],
  ];

  function resign(lines: Lines): Lines {
    const approval = lines.find((line) => line.includes('approval/v1')) ?? '';
    const digest = recordDigest(approval);
    const others = lines.filter((line) => !(line.includes('signature/v1') && line.includes(digest)));
    return [...others, JSON.stringify(signatureOf(ed25519Key(), digest))];
  }

  it.each(cases)(
    '%s',
    async (_, change, check) => {
      const repo = await copyOf(good);
      const notes = await filesOf(repo, 'refs/notes/agent-log');
      const path = [...notes.keys()].find((one) => one.replaceAll('/', '') === good.commits[2]) ?? '';
      const lines = (notes.get(path) ?? '').split('\n').filter(Boolean);
      notes.set(
        path,
        change(lines)
          .map((line) => `${line}\n`)
          .join(''),
      );
      await writeLedger(repo, 'refs/notes/agent-log', Object.fromEntries(notes));
      expect(failed(await verified(await bundleFrom(repo)))).toContain(check);
    },
    20_000,
  );

  it('a note dropped is a gap that is told, and can not be left untold', async () => {
    const repo = await copyOf(good);
    const notes = await filesOf(repo, 'refs/notes/agent-log');
    for (const path of notes.keys()) if (path.replaceAll('/', '') === good.commits[0]) notes.delete(path);
    await writeLedger(repo, 'refs/notes/agent-log', Object.fromEntries(notes));
    const files = await bundleFrom(repo);
    const told = await verified(files);
    expect(failed(told)).toEqual([]);
    expect(resultOf(told, 'completeness')).toBe('not-checkable');
    const untold = ({ missing }: { missing: { of: string; kind: string }[] }): void =>
      void missing.splice(
        0,
        missing.length,
        ...missing.filter(({ of, kind }) => kind !== 'record' || of !== good.commits[0]),
      );
    onEvidence(files, untold);
    onManifest(files, untold);
    reforge(files);
    expect(failed(await verified(files))).toContain('gaps');
  }, 20_000);
});

describe('attack: a folder that is not what it seems', () => {
  it.each([
    ['a link to a file', (folder: string) => symlink('/etc/hostname', join(folder, 'link'))],
    ['a link to a folder', (folder: string) => symlink('/etc', join(folder, 'etc'))],
    ['a name that differs in case alone', (folder: string) => writeFile(join(folder, 'readme.md'), 'x')],
    ['a name with a line feed', (folder: string) => writeFile(join(folder, 'a\nb'), 'x')],
    ['folders without end', (folder: string) => mkdir(join(folder, 'a/'.repeat(30)), { recursive: true })],
  ])('%s', async (_, change) => {
    const path = await writeFolder(await folderForTest(), copy());
    await change(path);
    expect(failed(await verifyBundle(path, { trust: null, now: Date.now() }))).toEqual(['container']);
  });

  it('a file that nobody named', async () => {
    const path = await writeFolder(await folderForTest(), copy());
    await writeFile(join(path, '.DS_Store'), 'x');
    expect(failed(await verifyBundle(path, { trust: null, now: Date.now() }))).toEqual(['files']);
  });
});

describe('what an auditor pins', () => {
  const maker = (key: string): Partial<TrustFile> => ({
    signers: [{ kind: 'maker', name: 'Jane', keys: [key] }],
  });

  it('holds for what it is of', async () => {
    const tip = await good.repo.git('rev-parse', 'refs/notes/agent-log');
    const root = await good.repo.git('rev-list', '--max-parents=0', 'main');
    const manifest = readJson(whole, 'manifest.json') as { repository: { target: { commit: string } } };
    const trust = {
      ...maker(good.keys.jane),
      ledger: { tip },
      roots: [root],
      target: manifest.repository.target,
    };
    const document = await verified(copy(), trust);
    expect(failed(document)).toEqual([]);
    expect(['maker', 'history', 'target'].map((name) => resultOf(document, name))).toEqual([
      'pass',
      'pass',
      'pass',
    ]);
  });

  it('an approval by somebody whom nobody named is no failure, and said to be no yes', async () => {
    const trusting = (name: string, key: string): Promise<VerifyDocument> => {
      const signer = { kind: 'person' as const, name, email: `${name}@example.com`, keys: [key] };
      return verified(copy(), { signers: [signer, ...(maker(good.keys.jane).signers ?? [])] });
    };
    const saidOf = ({ checks }: VerifyDocument): string | null | undefined =>
      checks.find(({ name }) => name === 'signers')?.says;
    expect(saidOf(await trusting('jane', good.keys.jane))).toBe(
      'of 1 approval, 1 is by people or pipelines that the trust file names',
    );
    const document = await trusting('olga', ed25519Key().text);
    expect(failed(document)).toEqual([]);
    const says =
      'of 1 approval, 0 are by people or pipelines that the trust file names; the other one counts for nothing here';
    expect(saidOf(document)).toContain(says);
    expect(renderVerified(document, PLAIN, 500)).toContain(`Approvals: ${says}`);
  });

  it.each([
    ["attack: a bundle signed with a stranger's key", () => maker(ed25519Key().text), 'maker', false],
    ['attack: a bundle that is not signed any more', () => maker(good.keys.jane), 'maker', true],
    ['attack: a bundle of another repository', () => ({ roots: ['f'.repeat(40)] }), 'repository', false],
    ['attack: another manifest', () => ({ manifest: '0'.repeat(64) }), 'pinned', false],
    [
      'attack: a record that has to be there',
      () => ({ records: [`sha256:${'0'.repeat(64)}`] }),
      'pinned',
      false,
    ],
  ])('%s', async (_, trust, check, isReforged) => {
    const files = copy();
    if (isReforged) reforge(files);
    expect(failed(await verified(files, trust()))).toContain(check);
  });
});

describe('any byte of a bundle', () => {
  it('attack: changed anywhere in a zip, it is named or harmless, and nothing is written elsewhere', async () => {
    const zip = forgeZip(entriesOf(copy()));
    const folder = await folderForTest();
    // Whatever it writes goes here, and is gone afterwards.
    const temporary = join(await folderForTest(), 'tmp');
    await mkdir(temporary);
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(tmpdir()).toBe(temporary);
    await fc.assert(
      fc.asyncProperty(fc.nat(zip.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const bytes = Buffer.from(zip);
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        const path = join(folder, 'one.zip');
        await writeFile(path, bytes);
        const document = await verifyBundle(path, { trust: null, now: Date.now() });
        // The last bits of what is compressed mean nothing: all files come out as they were.
        if (document.ok && !isTimeOrVersion(zip, at))
          expect(unzipSync(bytes), `byte ${at}`).toEqual(unzipSync(zip));
        else expect(document.ok, `byte ${at}`).toBe(isTimeOrVersion(zip, at));
      }),
      { numRuns: 150 },
    );
    expect(await readdir(folder)).toEqual(['one.zip']);
    expect(await readdir(temporary)).toEqual([]);
  }, 120_000);

  it('attack: changed in a file whose digests are made right, it is named, or harmless', async () => {
    const proven = [...whole.keys()].filter((path) => !/^(manifest|SHA256SUMS|history)/.test(path));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...proven),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (path, where, mask) => {
          const files = copy();
          const bytes = files.get(path) ?? Buffer.alloc(0);
          const at = where % bytes.length;
          const was = bytes.toString('latin1', Math.max(0, at - 60), at + 60);
          bytes[at] = (bytes[at] ?? 0) ^ mask;
          reforge(files);
          const document = await verified(files);
          if (document.ok)
            expect(path, `${at}: ${was}`).toMatch(
              /^(evidence\.json|texts\.json|signatures\/allowed_signers)$/,
            );
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);
});

/** Bytes of a zip's directory that say by which program it was made: nobody's claim. */
function isTimeOrVersion(zip: Buffer, at: number): boolean {
  const start = zip.readUInt32LE(zip.length - 6);
  for (let entry = start; entry < zip.length - 22; entry += 46 + zip.readUInt16LE(entry + 28)) {
    const inside = at - entry;
    if (inside === 4 || inside === 5 || inside === 36 || inside === 37 || (inside >= 38 && inside < 41))
      return true;
    if (inside === 41) return false;
  }
  return false;
}

it('the bundle that is tampered with has all there is to a bundle', () => {
  const folders = new Set([...whole.keys()].map((path) => path.split('/')[0]));
  for (const name of [
    'evidence.json',
    'texts.json',
    'proof.pack',
    'records',
    'diffs',
    'target',
    'signatures',
    'history.bundle',
  ])
    expect(folders).toContain(name);
});
