import type { EvidenceDocument } from '../../../core/generated/evidence-v1.types.ts';
import { VERSION } from '../../../core/generated/version.ts';
import { parseNote } from '../../../core/records/note.ts';
import { isReadable } from '../../../core/records/record.ts';
import { diffPath } from '../../bundle/document.ts';
import type { BundleFile, Readable } from '../../bundle/evidence.ts';
import { readings } from '../../bundle/readings.ts';
import { signedOn } from '../../bundle/signed.ts';
import { byPlace } from '../../bundle/target-files.ts';
import { toolName, toolOf } from '../../bundle/tool.ts';
import type { Report } from '../report.ts';
import { ATTESTATIONS, checkAttestations } from './attestations.ts';
import { type BundleManifest, parseBounded, SIGNATURE } from './manifest.ts';
import type { BundleSource } from './source.ts';
import { entriesOf } from './texts.ts';

const README = 'README.md';

/** What the files for people and other tools are made again from. */
export interface ReadingSources {
  readonly manifest: BundleManifest;
  readonly evidence: EvidenceDocument;
}

/**
 * Makes the page, the README, the control map, the population and the attestations again, from evidence.json and the records, and
 * compares. What another version made may differ and be right: that can't be told here, and is said.
 */
export async function checkReadings(
  source: BundleSource,
  from: ReadingSources,
  report: Report,
): Promise<void> {
  const differs = judgeOf(from.manifest, report);
  const evidence = await readableOf(source, from);
  const isSigned = source.paths.includes(SIGNATURE);
  const made = remade(evidence, isSigned);
  if (typeof made === 'string') return differs('evidence.json', made);
  for (const { path, bytes } of made) {
    report.checked('readings');
    const is = await source.read(path);
    if (is === null) differs(path, 'it is missing');
    else if (path === README && !isSigned && isOfSigned(is, evidence))
      report.fails(
        'maker',
        path,
        'it tells how to verify the signature of the manifest, and there is none: it was taken away',
      );
    else if (!is.equals(bytes)) differs(path, 'it is not what is made of the evidence');
  }
  const attested = await source.read(ATTESTATIONS);
  if (attested === null) differs(ATTESTATIONS, 'it is missing');
  else await checkAttestations(attested, evidence, { source, report, differs });
}

/** Tells of a file that differs from what is made here. */
export type Differs = (path: string, says: string) => void;

function judgeOf({ tool }: BundleManifest, report: Report): Differs {
  const own = toolOf(VERSION);
  const [theirs, ours] = [toolName(tool), toolName(own)];
  report.says('readings', `made by git-agent-log ${theirs}, as the bundle says`);
  if (theirs === ours)
    return (path, says) =>
      report.fails('readings', path, `${says}: this same version makes another, so somebody changed it`);
  return (path, says) =>
    report.unknown(
      'readings',
      path,
      `${says} by ${ours}. The bundle says that ${theirs} made it: only that version can tell. Do not go by it, but by evidence.json`,
    );
}

/** Evidence that nobody could have drawn is none that the page was drawn from. */
function remade(evidence: Readable, isSigned: boolean): BundleFile[] | string {
  try {
    return readings(evidence, isSigned);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError)
      return `nothing for people can be made of it (${error.message})`;
    throw error;
  }
}

function isOfSigned(readme: Buffer, evidence: Readable): boolean {
  return readings(evidence, true).some(({ path, bytes }) => path === README && readme.equals(bytes));
}

const TARGET_FILE = /^target\/([0-9a-f]{40,64})\/(.+)$/;

/** What a bundle holds, as its readings are made of it. */
export async function readableOf(
  source: BundleSource,
  { manifest, evidence }: ReadingSources,
): Promise<Readable> {
  const here = new Set(source.paths);
  const presence = (path: string): Uint8Array | null => (here.has(path) ? new Uint8Array() : null);
  const notes = await Promise.all(
    manifest.objects.map(async (note) => ({
      ...note,
      bytes: (await source.read(`records/${note.object}.jsonl`)) ?? Buffer.alloc(0),
    })),
  );
  const texts = await source.read('texts.json');
  return {
    document: evidence,
    notes,
    signed: notes.flatMap(({ bytes }) => signedOn(parseNote(bytes.toString('utf8')).filter(isReadable))),
    diffs: await diffsIn(source, evidence),
    proof: presence('proof.pack'),
    history: presence('history.bundle'),
    openpgpKeys: here.has('signatures/keys.gpg') ? [new Uint8Array()] : [],
    targetFiles: source.paths
      .flatMap((path) => {
        const [, commit, file] = TARGET_FILE.exec(path) ?? [];
        return commit === undefined || file === undefined ? [] : [{ commit, path: file }];
      })
      .sort(byPlace),
    texts: (texts === null ? null : entriesOf(parseBounded(texts))) ?? [],
  };
}

/** In the order evidence.json tells them. */
async function diffsIn(source: BundleSource, { diffs }: EvidenceDocument): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const { commit } of diffs) {
    const bytes = await source.read(diffPath(commit));
    if (bytes !== null) found.set(commit, bytes);
  }
  return found;
}
