import { blobId } from '../../../core/digest.ts';
import { isReadable, isSignature } from '../../../core/records/record.ts';
import { readCommit, readTree } from '../../../git/objects/objects.ts';
import { openpgpKeys, type Roster } from '../../../identity/roster/roster.ts';
import { openpgpPayload } from '../../../identity/signatures/openpgp.ts';
import { allowedSigners } from '../../bundle/allowed-signers.ts';
import type { Report } from '../report.ts';
import type { BundleManifest } from './manifest.ts';
import type { Proof } from './proof.ts';
import type { BundleSource } from './source.ts';

/** Whether signatures/ holds what the records hold, in the form other programs read. */
export async function checkSignatureFiles(source: BundleSource, proof: Proof, report: Report): Promise<void> {
  const lines = proof.notes.flatMap((note) => note.lines);
  const byDigest = new Map(lines.map((line) => [line.digest, line.line]));
  const armored = new Set(
    lines
      .filter(isReadable)
      .filter(isSignature)
      .map(({ record }) => `${record.record} ${record.signature}`),
  );
  for (const path of source.paths) {
    const [, hex, ending] =
      /^signatures\/([0-9a-f]{64})\.(line|signed|pgp|\d+\.(?:sig|asc))$/.exec(path) ?? [];
    if (hex === undefined) continue;
    report.checked('signatures');
    const text = (await source.read(path))?.toString('utf8') ?? '';
    const digest = `sha256:${hex}`;
    const expected = { line: byDigest.get(digest), signed: digest, pgp: openpgpPayload(digest) };
    const isRight = isSignedText(ending)
      ? text === expected[ending] && byDigest.has(digest)
      : armored.has(`${digest} ${text}`);
    if (!isRight) report.fails('signatures', path, 'it is not what records/ has');
  }
}

function isSignedText(ending: string | undefined): ending is 'line' | 'signed' | 'pgp' {
  return ending === 'line' || ending === 'signed' || ending === 'pgp';
}

/** Whether keys.gpg holds the OpenPGP keys that the target's roster has, and no others. */
export async function checkOpenpgpKeys(
  source: BundleSource,
  roster: Roster | null,
  report: Report,
): Promise<void> {
  const path = 'signatures/keys.gpg';
  const bytes = await source.read(path);
  if (bytes === null) return;
  if (roster === null)
    return report.unknown('signers', path, 'the roster it was made of is not in the bundle');
  report.checked('signers');
  if (!Buffer.concat(openpgpKeys(roster)).equals(bytes))
    report.fails('signers', path, 'it is not made of the OpenPGP keys in the roster of the target');
}

/** Whether allowed_signers names the keys that the target's roster names, and no others. */
export async function checkAllowedSigners(
  source: BundleSource,
  roster: Roster | null,
  report: Report,
): Promise<void> {
  const path = 'signatures/allowed_signers';
  const text = (await source.read(path))?.toString('utf8');
  if (text === undefined) return;
  if (roster === null)
    return report.unknown('signers', path, 'the roster it was made of is not in the bundle');
  report.checked('signers');
  if (text !== allowedSigners(roster))
    report.fails(
      'signers',
      path,
      'it is not made of the people, pipelines and keys in the roster of the target',
    );
}

/** Whether target/ holds the files of the commits it names: policy, sponsors, code owners. */
export async function checkTargetFiles(
  source: BundleSource,
  manifest: BundleManifest,
  proof: Proof,
  report: Report,
): Promise<void> {
  for (const path of source.paths) {
    const [, commit = '', file = ''] = /^target\/([0-9a-f]{40,64})\/(.+)$/.exec(path) ?? [];
    if (commit === '') continue;
    const at = await readCommit(proof.reader, commit);
    const entry = at === null ? undefined : await blobAt(proof, at.tree, file);
    if (entry === undefined) {
      report.unknown('policies', path, 'the commit or its trees are not in proof.pack');
      continue;
    }
    report.checked('policies');
    const bytes = (await source.read(path)) ?? Buffer.alloc(0);
    if (entry !== blobId(bytes, manifest.repository.format))
      report.fails('policies', path, `the commit has ${entry ?? 'no such file'}`);
  }
}

/** The blob of a plain file; null where there is none, undefined where that can't be told. */
async function blobAt(
  { reader, objects }: Proof,
  tree: string,
  path: string,
): Promise<string | null | undefined> {
  const segments = path.split('/');
  let at = tree;
  for (const [i, name] of segments.entries()) {
    if (!objects.has(at)) return undefined;
    const entry = (await readTree(reader, at))?.find((one) => one.name === name);
    if (entry === undefined) return null;
    if (i === segments.length - 1) return entry.mode.startsWith('100') ? entry.oid : null;
    at = entry.oid;
  }
  return null;
}
