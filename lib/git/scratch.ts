import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { ObjectFormat } from '../core/digest.ts';
import { type ObjectReader, openObjectReader } from './catfile.ts';
import { quotePath } from './quote-path.ts';
import type { Repository } from './repository.ts';
import type { GitPlace } from './runner.ts';

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
  close(): Promise<void>;
}

export async function openScratch(repo: Pick<Repository, 'commonDir' | 'format'>): Promise<Scratch> {
  const dir = await mkdtemp(join(await realpath(tmpdir()), 'agent-log-scratch-'));
  await Promise.all([
    mkdir(join(dir, 'refs')),
    mkdir(join(dir, 'objects', 'info'), { recursive: true }),
    writeFile(join(dir, 'HEAD'), 'ref: refs/heads/none\n'),
    writeFile(join(dir, 'config'), settings(repo.format)),
  ]);
  const alternate = join(repo.commonDir, 'objects');
  await writeFile(join(dir, 'objects', 'info', 'alternates'), `${alternateLine(alternate)}\n`);
  const reader = openObjectReader({ cwd: dir, foreign: true });
  return {
    cwd: dir,
    foreign: true,
    dir,
    format: repo.format,
    reader,
    env: {
      GIT_DIR: dir,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_NO_LAZY_FETCH: '1',
    },
    close: () => {
      reader.close();
      return rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Writes an object as git would, without a process. Gives its id. */
export async function writeObject(
  scratch: Scratch,
  type: 'blob' | 'tree' | 'commit',
  content: Uint8Array,
): Promise<string> {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.byteLength}\0`), content]);
  const oid = createHash(scratch.format).update(whole).digest('hex');
  const folder = join(scratch.dir, 'objects', oid.slice(0, 2));
  const path = join(folder, oid.slice(2));
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await madeFolder(scratch, folder);
  await writeFile(temporary, deflateSync(whole, { level: 1 }), { mode: 0o444 });
  await rename(temporary, path);
  return oid;
}

/** Folders of objects that were made, each once. */
const folders = new WeakMap<Scratch, Map<string, Promise<unknown>>>();

function madeFolder(scratch: Scratch, folder: string): Promise<unknown> {
  const known = folders.get(scratch) ?? new Map<string, Promise<unknown>>();
  folders.set(scratch, known);
  const made = known.get(folder) ?? mkdir(folder, { recursive: true });
  known.set(folder, made);
  return made;
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
