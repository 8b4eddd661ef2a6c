import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { ObjectFormat } from '../core/digest.ts';
import { type ObjectReader, openObjectReader } from './catfile.ts';
import { makeOwnFolder } from './own-folder.ts';
import { quarantineFolder } from './quarantine.ts';
import { quotePath } from './quote-path.ts';
import { readerNear } from './reader-near.ts';
import type { Repository } from './repository.ts';
import type { GitPlace } from './runner.ts';
import { openTreeDiffer, type TreeDiffer } from './tree-differ.ts';

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
  /** Tells what its trees differ in, each pair once. */
  readonly diffs: TreeDiffer;
  close(): Promise<void>;
}

/** `near` reads the other repository already: what is there is asked of it, and a second process starts for the rest alone. */
export async function openScratch(
  repo: Pick<Repository, 'commonDir' | 'format'>,
  near: ObjectReader | null = null,
): Promise<Scratch> {
  const dir = await makeEmpty(repo.format);
  const folders = [join(repo.commonDir, 'objects'), quarantineFolder()].filter((folder) => folder !== null);
  await writeFile(
    join(dir, 'objects', 'info', 'alternates'),
    folders.map((folder) => `${alternateLine(folder)}\n`).join(''),
  );
  const own = openObjectReader({ cwd: dir, foreign: true });
  const reader = near === null ? own : readerNear(near, own);
  const diffs = openTreeDiffer({ cwd: dir, foreign: true });
  return {
    cwd: dir,
    foreign: true,
    dir,
    format: repo.format,
    reader,
    diffs,
    env: {
      GIT_DIR: dir,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_NO_LAZY_FETCH: '1',
    },
    close: () => {
      reader.close();
      diffs.close();
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

/** Writes an object as git would, without a process. Gives its id. */
export async function writeObject(
  scratch: Scratch,
  type: 'blob' | 'tree' | 'commit',
  content: Uint8Array,
): Promise<string> {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.byteLength}\0`), content]);
  const oid = createHash(scratch.format).update(whole).digest('hex');
  const there = writtenInto(scratch);
  if (there.has(oid)) return oid;
  const folder = join(scratch.dir, 'objects', oid.slice(0, 2));
  if (!there.has(folder)) mkdirSync(folder, { recursive: true });
  // A git that makes the same object meanwhile, in a merge, must not see half of it.
  const temporary = join(scratch.dir, `made-${there.size}`);
  writeFileSync(temporary, deflateSync(whole, STORED), { mode: 0o444 });
  renameSync(temporary, join(folder, oid.slice(2)));
  there.add(folder).add(oid);
  return oid;
}

/** All of it goes soon: its size is worth no work. */
const STORED = { level: 0, memLevel: 1, windowBits: 9 };

/** Objects and folders that were written, each once. */
const written = new WeakMap<Scratch, Set<string>>();

function writtenInto(scratch: Scratch): Set<string> {
  const there = written.get(scratch) ?? new Set();
  written.set(scratch, there);
  return there;
}

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
