import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordDigest } from '../../../core/digest.ts';
import type { BundleManifest } from '../../../core/generated/bundle-v1.types.ts';
import { parseNote } from '../../../core/records/note.ts';
import { openObjectReader } from '../../../git/objects/catfile.ts';
import { type CheckedReader, checkedReader } from '../../../git/objects/checked-objects.ts';
import { readCommit, readTree } from '../../../git/objects/objects.ts';
import { makeEmpty } from '../../../git/objects/scratch.ts';
import { runGit } from '../../../git/process/runner.ts';
import { openTreeDiffer, type TreeDiffer } from '../../../git/trees/tree-differ.ts';
import type { Ledger, Note } from '../../../ledger/ledger.ts';
import { candidatePaths, objectAtPath } from '../../../ledger/notes/fanout.ts';
import type { Report } from '../report.ts';
import { overPackLimit } from './pack-limits.ts';
import type { BundleSource } from './source.ts';
import { MOST_PATHS, swollenTree } from './tree-limits.ts';

const PACK = 'proof.pack';
const LIMIT_MS = 120_000;
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const DIFF_LIMITS = { bytes: 256 * 1024 * 1024, ms: LIMIT_MS };

/** What a bundle proves, as a ledger of its own: its objects in an empty repository, and its notes. Close it when done. */
export interface Proof {
  readonly ledger: Ledger;
  readonly reader: CheckedReader;
  /** Types of the objects that are here, by id. */
  readonly objects: ReadonlyMap<string, string>;
  readonly notes: readonly Note[];
  /** Whether a record is here, by its digest. */
  readonly holds: (digest: string) => boolean;
  /** What trees of it differ in; fails where one is not here. */
  readonly differ: TreeDiffer;
  readonly close: () => Promise<void>;
}

/** Unpacks the proof into a temporary folder that nobody else uses, and reads the notes beside it. */
export async function openProof(
  source: BundleSource,
  manifest: BundleManifest,
  report: Report,
): Promise<Proof> {
  const { format } = manifest.repository;
  const dir = await makeEmpty(format);
  const place = { cwd: dir, foreign: true };
  const objects = await unpack(source, report, { dir, format });
  const reader = checkedReader(openObjectReader(place), format);
  await endHistory(dir, reader, objects);
  const notes = await readNotes(source, manifest, report);
  const ledger: Ledger = {
    repo: { ...place, gitDir: dir, commonDir: dir, top: null, format, patchesUntil: Date.now() + LIMIT_MS },
    reader,
    indexing: { most: 0, build: false },
    notes: new Map(notes.map((note) => [note.object, Promise.resolve(note)])),
    naming: namingIn(notes),
    close: () => reader.close(),
  };
  const differ = openTreeDiffer(place, DIFF_LIMITS);
  const close = async (): Promise<void> => {
    reader.close();
    differ.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  const digests = new Set(notes.flatMap(({ lines }) => lines.map(({ digest }) => digest)));
  return { ledger, reader, objects, notes, differ, holds: (digest) => digests.has(digest), close };
}

/** History ends where the bundle's does: git would else look for parents it has not, and give up. */
async function endHistory(
  dir: string,
  reader: CheckedReader,
  objects: ReadonlyMap<string, string>,
): Promise<void> {
  const commits = [...objects].flatMap(([oid, type]) => (type === 'commit' ? [oid] : []));
  const read = await Promise.all(commits.map((oid) => readCommit(reader, oid)));
  const last = read.filter((commit) => commit?.parents.some((parent) => objects.get(parent) !== 'commit'));
  if (last.length > 0)
    await writeFile(join(dir, 'shallow'), last.map((commit) => `${commit?.oid ?? ''}\n`).join(''));
}

/** Objects whose notes hold a record. */
function namingIn(notes: readonly Note[]): (digests: readonly string[]) => string[] {
  const holders = new Map<string, string>();
  for (const { object, lines } of notes) for (const { digest } of lines) holders.set(digest, object);
  return (digests) => [...new Set(digests.flatMap((digest) => holders.get(digest) ?? []))];
}

interface Place {
  readonly dir: string;
  readonly format: 'sha1' | 'sha256';
}

async function unpack(source: BundleSource, report: Report, place: Place): Promise<Map<string, string>> {
  const pack = await source.read(PACK);
  if (pack === null) {
    report.unknown('pack', PACK, 'there is none: nothing shows where the lines lie');
    return new Map();
  }
  report.checked('pack');
  const over = overPackLimit(pack, place.format === 'sha256' ? 32 : 20);
  if (over !== null) {
    report.fails('pack', PACK, over);
    return new Map();
  }
  const failed = await index(place, pack, ['--fsck-objects']);
  if (failed !== null) {
    // Histories older than today's checks hold objects that git would not make any more. They are what their ids say.
    const again = await index(place, pack, []);
    if (again === null) report.unknown('pack', PACK, `git fsck would complain of it: ${failed}`);
    else report.fails('pack', PACK, `git can't read it: ${again}`);
  }
  const objects = await objectsIn(place);
  const swollen = await swollenTree({ cwd: place.dir, foreign: true }, objects);
  if (swollen === null) return objects;
  report.fails('pack', swollen, `the tree holds more than ${MOST_PATHS} files, or is too deep`);
  await rm(join(place.dir, 'objects', 'pack'), { recursive: true, force: true, maxRetries: 3 });
  return new Map();
}

/** Null when git takes it; else what it says. */
async function index({ dir }: Place, pack: Buffer, flags: readonly string[]): Promise<string | null> {
  const args = ['-c', 'pack.threads=1', '-c', 'core.hooksPath=/dev/null', 'index-pack', '--stdin', ...flags];
  const okCodes = [1, 128, 137, 143];
  const { code, stderr } = await runGit(
    { cwd: dir, foreign: true },
    { args, stdin: pack, okCodes, limit: LIMIT_MS },
  );
  return code === 0 ? null : (stderr.trim().split('\n')[0] ?? `exit ${code}`);
}

async function objectsIn({ dir }: Place): Promise<Map<string, string>> {
  const args = ['cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)'];
  const { stdout } = await runGit({ cwd: dir, foreign: true }, { args, okCodes: [128] });
  return new Map(
    stdout
      .toString('latin1')
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
}

/** The notes as records/ has them. */
async function readNotes(source: BundleSource, manifest: BundleManifest, report: Report): Promise<Note[]> {
  const notes: Note[] = [];
  const known = new Set<string>();
  for (const { object, path, lines } of manifest.objects) {
    const file = `records/${object}.jsonl`;
    known.add(file);
    const bytes = await source.read(file);
    if (bytes === null) {
      report.fails('notes', file, 'it is missing');
      continue;
    }
    if (longestLine(bytes) > MAX_LINE_BYTES) {
      report.fails('notes', file, `a line of it is over ${MAX_LINE_BYTES} bytes`);
      continue;
    }
    const text = bytes.toString('utf8');
    const parsed = parseNote(text);
    if (parsed.length !== lines)
      report.fails('notes', file, `it holds ${parsed.length} lines, and the manifest says ${lines}`);
    notes.push({ object, text, lines: parsed, paths: [path] });
  }
  for (const path of source.paths)
    if (path.startsWith('records/') && !known.has(path))
      report.fails('notes', path, 'the manifest names no such note');
  return notes;
}

const LINE_FEED = 10;

function longestLine(bytes: Buffer): number {
  let longest = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, start);
    longest = Math.max(longest, (end < 0 ? bytes.length : end) - start);
    start = end < 0 ? bytes.length : end + 1;
  }
  return longest;
}

/** Whether each note lies in the ledger's tree where the manifest says, and is the bytes of the bundle. */
export async function checkInclusion(
  source: BundleSource,
  manifest: BundleManifest,
  proof: Proof,
  report: Report,
): Promise<void> {
  const { tip } = manifest.ledger;
  if (manifest.objects.length === 0) return;
  if (tip === null) return report.fails('notes', null, 'there are notes, and no ledger they are of');
  const commit = await readCommit(proof.reader, tip);
  if (commit === null)
    return report.fails(
      'notes',
      tip,
      "the ledger's commit is not in proof.pack: nothing shows where the lines lie",
    );
  for (const note of manifest.objects) {
    report.checked('notes');
    const problem = await misplaced(proof, commit.tree, note);
    if (problem !== null) report.fails('notes', note.object, problem);
    else await checkBytes(source, proof, note, report);
  }
}

type ManifestNote = BundleManifest['objects'][number];

/** Why a note is not where it should be; null when it is. */
async function misplaced(
  proof: Proof,
  tree: string,
  { object, path, blob }: ManifestNote,
): Promise<string | null> {
  if (objectAtPath(path, object.length) !== object) return `${path} is no place for its note`;
  const found = await Promise.all(candidatePaths(object).map((one) => entryAt(proof, tree, one)));
  const here = found.flatMap((entry) => (entry === null ? [] : [entry]));
  if (here.length > 1) return `the ledger has it at ${here.length} paths`;
  const [entry] = here;
  if (entry === undefined)
    return `${path} is not in the ledger's tree, or the trees on the way are not in proof.pack`;
  if (entry.path !== path) return `the ledger has it at ${entry.path}`;
  if (entry.oid !== blob) return `the ledger has ${entry.oid} there, and the manifest names ${blob}`;
  return entry.mode === '100644' ? null : `it is no plain file in the ledger's tree (mode ${entry.mode})`;
}

/** Walked by itself: of two entries with one name git would show one. */
async function entryAt(
  { reader }: Proof,
  tree: string,
  path: string,
): Promise<{ path: string; oid: string; mode: string } | null> {
  let at = tree;
  const segments = path.split('/');
  for (const [i, name] of segments.entries()) {
    const entries = ((await readTree(reader, at)) ?? []).filter((one) => one.name === name);
    const [entry] = entries;
    if (entry === undefined) return null;
    if (entries.length > 1) return { path, oid: `${entries.length} entries`, mode: entry.mode };
    if (i === segments.length - 1) return { path, oid: entry.oid, mode: entry.mode };
    at = entry.oid;
  }
  return null;
}

async function checkBytes(
  source: BundleSource,
  { reader }: Proof,
  { object, blob, isWhole }: ManifestNote,
  report: Report,
): Promise<void> {
  if (!isWhole)
    return report.unknown(
      'notes',
      object,
      'others share the note: that these are lines of it only the repository shows',
    );
  const stored = await reader.read(blob);
  const file = await source.read(`records/${object}.jsonl`);
  if (stored === null) report.fails('notes', object, 'the note itself is not in proof.pack');
  else if (file === null || recordDigest(file) !== recordDigest(stored.content))
    report.fails('notes', object, `records/${object}.jsonl is not the note of the ledger`);
}

/** What is in the pack besides what is asked for: notes of others have no place in it, and what nothing leads to proves nothing. */
export async function checkContents(manifest: BundleManifest, proof: Proof, report: Report): Promise<void> {
  const { reader, objects } = proof;
  const own = new Set(manifest.objects.filter(({ isWhole }) => isWhole).map(({ blob }) => blob));
  const reached = new Set<string>();
  const walk = async (tree: string, visit: (oid: string) => void): Promise<void> => {
    if (reached.has(tree) || objects.get(tree) !== 'tree') return;
    reached.add(tree);
    for (const { oid } of (await readTree(reader, tree)) ?? []) {
      if (objects.get(oid) === 'tree') await walk(oid, visit);
      else if (objects.has(oid)) visit(oid);
    }
  };
  const ledger = manifest.ledger.tip === null ? null : await readCommit(reader, manifest.ledger.tip);
  if (ledger !== null)
    await walk(ledger.tree, (oid) => {
      reached.add(oid);
      if (!own.has(oid))
        report.fails('pack', oid, 'it is a note of the ledger that the manifest does not name');
    });
  for (const [oid, type] of objects) {
    if (type === 'commit') {
      reached.add(oid);
      await walk((await readCommit(reader, oid))?.tree ?? '', (blob) => reached.add(blob));
    }
  }
  const loose = [...objects].filter(([oid, type]) => !reached.has(oid) && type !== 'tree').length;
  if (loose > 0)
    report.says('pack', `${loose} objects that no commit in it leads to: nothing is made of them`);
}
