import { recordDigest } from '../../../core/digest.ts';
import { readTree, type TreeEntry } from '../../../git/objects/objects.ts';
import { listRefs } from '../../../git/refs/refs.ts';
import { type TreeFile, treeFiles } from '../../../git/trees/tree-files.ts';
import { entireCheckpoints } from '../../../identity/agents/sessions.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { ENTIRE_FILES, hasOldEntireTrailer, parseEntire } from '../entire.ts';
import { MAX_SOURCE_BYTES } from '../json.ts';
import { problem, type SourceProblem } from '../source.ts';
import { messagesWith } from './messages.ts';
import type { ImportProblem, ReaderContext, ReadSource, SourcePlace, SourceReader } from './reader.ts';

const BRANCH = 'entire/checkpoints/v1';
const REFS = 'refs/entire/checkpoints';
const MAX_SESSIONS = 1000;

/** Reads the checkpoints that commit messages name, from Entire's own refs or from its branch, local or fetched. */
export function entireReader({ ledger, source }: ReaderContext): SourceReader {
  return {
    async list() {
      const branches = source === null ? await checkpointBranches(ledger) : [source];
      const places: SourcePlace[] = [];
      const problems: ImportProblem[] = [];
      const found = new Map<string, Promise<SessionFolder[]>>();
      for (const { commit, message } of await messagesWith(ledger.repo, 'Entire-')) {
        const ids = entireCheckpoints(message);
        if (ids.length === 0 && hasOldEntireTrailer(message)) problems.push(oldTrailer(commit));
        for (const id of ids) {
          const folders = await (found.get(id) ?? remember(found, id, sessionFolders(ledger, branches, id)));
          if (folders.length === 0) problems.push(notHere(commit, id));
          for (const folder of folders) places.push({ ...folder, commit, byName: true, gaps: [] });
        }
      }
      return { places, problems };
    },
    read: ({ address }) => readFolder(ledger, address),
  };
}

interface SessionFolder {
  readonly ref: string;
  readonly address: string;
}

function remember<T>(map: Map<string, Promise<T>>, key: string, value: Promise<T>): Promise<T> {
  map.set(key, value);
  return value;
}

async function checkpointBranches(ledger: Ledger): Promise<string[]> {
  const refs = await listRefs(ledger.repo, `refs/heads/${BRANCH}`, 'refs/remotes/');
  return refs
    .map(({ name }) => name)
    .filter(
      (name) =>
        name === `refs/heads/${BRANCH}` || /^refs\/remotes\/[^/]+\/entire\/checkpoints\/v1$/.test(name),
    );
}

/** The folders of a checkpoint's sessions: `0/`, `1/`, …; in an old one the checkpoint is the session. */
async function sessionFolders(
  ledger: Ledger,
  branches: readonly string[],
  id: string,
): Promise<SessionFolder[]> {
  const own = `${REFS}/${id.slice(-2)}/${id}`;
  const candidates = [
    { ref: own, tree: `${own}^{tree}` },
    ...branches.map((branch) => ({ ref: BRANCH, tree: `${branch}:${id.slice(0, 2)}/${id.slice(2)}` })),
  ];
  for (const { ref, tree } of candidates) {
    const entries = await readTree(ledger.reader, tree);
    if (entries === null) continue;
    const folders = entries.filter(isSessionFolder).slice(0, MAX_SESSIONS);
    if (folders.length > 0) return folders.map(({ oid }) => ({ ref, address: oid }));
    const whole = await ledger.reader.read(tree);
    if (whole !== null && entries.some(({ name }) => name === 'metadata.json'))
      return [{ ref, address: whole.oid }];
  }
  return [];
}

function isSessionFolder({ mode, name }: TreeEntry): boolean {
  return mode.endsWith('40000') && /^\d{1,4}$/.test(name);
}

async function readFolder(ledger: Ledger, tree: string): Promise<ReadSource> {
  const listed = await treeFiles(ledger.repo, tree);
  const files = new Map<string, Uint8Array>();
  for (const name of ENTIRE_FILES) {
    const file = listed.find(({ path }) => path === name);
    if (file === undefined) continue;
    if (file.size > MAX_SOURCE_BYTES) return problem('too-large', `${name}: ${file.size} bytes`);
    const content = (await ledger.reader.read(file.blob))?.content;
    if (content === undefined) return missing(name);
    files.set(name, content);
  }
  const sizes = new Map(listed.map(({ path, size }) => [path, size]));
  return { ...parseEntire({ files, sizes }), digest: listingDigest(listed) };
}

/** Of what `git ls-tree -r -z` prints of the folder: it names every file in it by content. */
function listingDigest(files: readonly TreeFile[]): string {
  return recordDigest(files.map(({ mode, blob, path }) => `${mode} blob ${blob}\t${path}\0`).join(''));
}

function missing(name: string): { readonly problem: SourceProblem } {
  return problem('missing', `${name} is not in this clone`);
}

function notHere(commit: string, id: string): ImportProblem {
  return { commit, ref: BRANCH, code: 'missing', detail: `checkpoint ${id} is not in this clone` };
}

function oldTrailer(commit: string): ImportProblem {
  const detail = 'only trailers of an older Entire, which names no checkpoint';
  return { commit, ref: null, code: 'unknown-version', detail };
}
