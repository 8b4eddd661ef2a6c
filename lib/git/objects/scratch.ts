import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectFormat } from '../../core/digest.ts';
import { openPatches } from '../diffs/added-text.ts';
import { type FileDiffer, openFileDiffer } from '../diffs/file-differ.ts';
import { type LineDiffer, openLineDiffer } from '../diffs/line-differ.ts';
import { quotePath } from '../diffs/quote-path.ts';
import { MergeDialogue } from '../merges/merge-dialogue.ts';
import { makeOwnFolder } from '../process/own-folder.ts';
import type { GitPlace } from '../process/runner.ts';
import type { StartedAhead } from '../process/stream.ts';
import { quarantineFolder } from '../repository/quarantine.ts';
import type { Repository } from '../repository/repository.ts';
import { treeContent } from '../trees/tree-content.ts';
import { openTreeDiffer, type TreeDiffer } from '../trees/tree-differ.ts';
import { type ObjectReader, openObjectReader } from './catfile.ts';
import { HeldObjects } from './held-objects.ts';
import { readerNear } from './reader-near.ts';

/**
 * A bare repository of our own that reads a repository's objects and shares nothing else with it: what is written here
 * is nowhere else, and none of the other's settings, attributes, hooks or replacements count. Close it when done.
 */
export interface Scratch extends GitPlace {
  /** Its git folder. */
  readonly dir: string;
  readonly format: ObjectFormat;
  /** Environment in which git sees this repository and nothing of the user's. */
  readonly env: Readonly<Record<string, string>>;
  /** Reads its objects, and so those of the other repository. */
  readonly reader: ObjectReader;
  /** What was made for it and is written once git has to see it. */
  readonly held: HeldObjects;
  /** Tells what its trees differ in, each pair once. */
  readonly diffs: TreeDiffer;
  /** Tells how its trees differ line by line, each pair once. */
  readonly lines: LineDiffer;
  /** The same of files. */
  readonly files: FileDiffer;
  /** Tells how its trees differ as patches. */
  readonly patches: StartedAhead;
  /** Has git merge commits of it. */
  readonly merges: MergeDialogue;
  close(): Promise<void>;
}

/** `near` reads the other repository already: what is there is asked of it, and a second process starts for the rest alone. */
export async function openScratch(
  repo: Pick<Repository, 'commonDir' | 'format' | 'waiting'>,
  near: ObjectReader | null = null,
): Promise<Scratch> {
  const dir = await makeEmpty(repo.format);
  const folders = [join(repo.commonDir, 'objects'), quarantineFolder()].filter((folder) => folder !== null);
  await writeFile(
    join(dir, 'objects', 'info', 'alternates'),
    folders.map((folder) => `${alternateLine(folder)}\n`).join(''),
  );
  const held = new HeldObjects(join(dir, 'objects'), repo.format);
  const { waiting } = repo;
  const place = { cwd: dir, foreign: true, beforeGit: () => held.write(), ...(waiting && { waiting }) };
  const own = openObjectReader({ cwd: dir, foreign: true });
  const reader = heldFirst(held, near === null ? own : readerNear(near, own));
  const diffs = openTreeDiffer(place);
  const lines = openLineDiffer(place);
  const files = openFileDiffer(place, async (entries) => held.add('tree', treeContent(entries)));
  const env = {
    GIT_DIR: dir,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_LAZY_FETCH: '1',
  };
  const merges = new MergeDialogue(place, env);
  const patches = openPatches(place, env);
  return {
    ...place,
    dir,
    held,
    format: repo.format,
    reader,
    diffs,
    lines,
    files,
    merges,
    patches,
    env,
    close: () => {
      reader.close();
      diffs.close();
      lines.close();
      files.close();
      merges.close();
      patches.close();
      return rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Makes an empty bare repository in a temporary folder, without a process. Gives the folder. */
export async function makeEmpty(format: ObjectFormat): Promise<string> {
  const dir = await makeOwnFolder('scratch');
  await Promise.all([
    mkdir(join(dir, 'refs')),
    mkdir(join(dir, 'objects', 'info'), { recursive: true }),
    mkdir(join(dir, 'objects', 'pack'), { recursive: true }),
    writeFile(join(dir, 'HEAD'), 'ref: refs/heads/none\n'),
    writeFile(join(dir, 'config'), settings(format)),
  ]);
  return dir;
}

/** Makes an object, without a process; it is written before git is asked next. Gives its id. */
export function writeObject(
  { held }: Scratch,
  type: 'blob' | 'tree' | 'commit',
  content: Uint8Array,
): Promise<string> {
  return Promise.resolve(held.add(type, content));
}

/** Reads what is held without git; for a name git has to make sense of, git has to see all there is. */
function heldFirst(held: HeldObjects, reader: ObjectReader): ObjectReader {
  return {
    read: (name) => {
      const here = held.get(name);
      if (here !== null) return Promise.resolve(here);
      if (!WHOLE_ID.test(name)) held.write();
      return reader.read(name);
    },
    close: () => reader.close(),
  };
}

const WHOLE_ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** A commit that exists only to give a tree parents; dated after anything, so that git walks no history for it. */
export function writeCommit(scratch: Scratch, tree: string, parents: readonly string[]): Promise<string> {
  const who = 'agent-log <agent-log@invalid> 4102444800 +0000';
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
  ];
  return writeObject(scratch, 'commit', Buffer.from(`${lines.join('\n')}\n\nscratch\n`));
}

function settings(format: ObjectFormat): string {
  return [
    '[core]',
    `\trepositoryformatversion = ${format === 'sha256' ? 1 : 0}`,
    '\tbare = true',
    '\tattributesFile = /dev/null',
    ...(format === 'sha256' ? ['[extensions]', '\tobjectformat = sha256'] : []),
    '[merge]',
    '\trenames = true',
    '\trenameLimit = 30000',
    '\tdirectoryRenames = conflict',
    '\tconflictStyle = merge',
    '',
  ].join('\n');
}

/** git takes a line that begins with a quote for a quoted one, and with `#` for none. */
function alternateLine(path: string): string {
  return /^["#]|[\n\\]/.test(path) ? quotePath(path) : path;
}
