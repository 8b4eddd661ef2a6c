import * as waiting from 'node:fs/promises';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

type Files = typeof waiting;
const atOnce = (await import(fileURLToPath(new URL('../lib/fs-at-once.mjs', import.meta.url)))) as Files;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agent-log-files-'));
  await writeFile(join(folder, 'file'), 'content\n');
  await symlink('file', join(folder, 'link'));
});
afterEach(() => rm(folder, { recursive: true }));

const { O_RDONLY, O_NOFOLLOW, O_WRONLY, O_APPEND, O_CREAT } = waiting.constants;

/** What a program does with files, each as a value: so that two ways of doing it compare. */
const DEEDS: Readonly<Record<string, (files: Files, at: (name: string) => string) => Promise<unknown>>> = {
  'read a file': (files, at) => files.readFile(at('file'), 'utf8'),
  'read bytes': (files, at) => files.readFile(at('file')),
  'read what is not there': (files, at) => files.readFile(at('none')),
  'read a folder': (files, at) => files.readFile(at('.')),
  'list a folder': async (files, at) => (await files.readdir(at('.'))).sort(),
  'list a file': (files, at) => files.readdir(at('file')),
  'look at a link': async (files, at) => (await files.lstat(at('link'))).isSymbolicLink(),
  'look through a link': async (files, at) => (await files.stat(at('link'))).size,
  'read a link': (files, at) => files.readlink(at('link')),
  'follow a link': (files, at) => files.realpath(at('link')),
  'write a file': (files, at) => files.writeFile(at('new'), 'x', { mode: 0o600, flag: 'wx' }),
  'write over a file': (files, at) => files.writeFile(at('file'), 'x', { flag: 'wx' }),
  rename: (files, at) => files.rename(at('file'), at('other')),
  'rename nothing': (files, at) => files.rename(at('none'), at('other')),
  'link a file': (files, at) => files.link(at('file'), at('second')),
  'link over a file': (files, at) => files.link(at('file'), at('link')),
  remove: (files, at) => files.unlink(at('file')),
  'remove at all costs': (files, at) => files.rm(at('none'), { force: true }),
  'remove a file that is not there': (files, at) => files.rm(at('none')),
  'remove folders': async (files, at) => {
    await files.mkdir(at('a/b'), { recursive: true });
    await files.rm(at('a'), { recursive: true });
  },
  'remove an empty folder': async (files, at) => {
    await files.mkdir(at('a'));
    await files.rmdir(at('a'));
  },
  'copy a file': (files, at) => files.copyFile(at('file'), at('copy'), waiting.constants.COPYFILE_EXCL),
  'copy over a file': (files, at) => files.copyFile(at('file'), at('link'), waiting.constants.COPYFILE_EXCL),
  'append to a file': (files, at) => files.appendFile(at('file'), 'more'),
  'shorten a file': (files, at) => files.truncate(at('file'), 2),
  'make a link': (files, at) => files.symlink('file', at('other')),
  'make a folder of a new name': async (files, at) => (await files.mkdtemp(at('new-'))).length,
  'remove nothing': (files, at) => files.unlink(at('none')),
  'set rights': (files, at) => files.chmod(at('file'), 0o700),
  'ask for rights': (files, at) => files.access(at('file'), waiting.constants.R_OK),
  'ask for rights to nothing': (files, at) => files.access(at('none')),
  'set times': (files, at) => files.utimes(at('file'), 1, 2),
  'make folders': (files, at) => files.mkdir(at('a/b'), { recursive: true, mode: 0o700 }),
  'make a folder that is there': (files, at) => files.mkdir(at('.')),
  'open what is not there': (files, at) => files.open(at('none'), O_RDONLY),
  'open no link': (files, at) => files.open(at('link'), O_RDONLY | O_NOFOLLOW),
  'read what is open': async (files, at) => {
    const file = await files.open(at('file'), O_RDONLY);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 3);
    const info = await file.stat();
    const all = await file.readFile('utf8');
    await file.close();
    return { bytesRead, buffer, size: info.size, isFile: info.isFile(), all };
  },
  'write what is open': async (files, at) => {
    const file = await files.open(at('new'), 'wx', 0o600);
    const { bytesWritten } = await file.write(Buffer.from('abcdef'), 1, 4, 0);
    await file.appendFile('!');
    await file.truncate(3);
    await file.chmod(0o640);
    await file.utimes(1, 2);
    await file.datasync();
    await file.close();
    return { bytesWritten, content: await files.readFile(at('new'), 'utf8') };
  },
  'append and sync': async (files, at) => {
    const file = await files.open(at('file'), O_WRONLY | O_APPEND | O_CREAT, 0o600);
    await file.writeFile('more\n', 'utf8');
    await file.sync();
    await file.close();
    return files.readFile(at('file'));
  },
};

async function outcome(files: Files, deed: string): Promise<unknown> {
  const at = (name: string): string => join(folder, name);
  const work = DEEDS[deed];
  const said = await work?.(files, at).catch((error: NodeJS.ErrnoException) => ({
    failed: error.code,
    syscall: error.syscall,
  }));
  const left = await Promise.all(
    (await waiting.readdir(folder)).sort().map(async (name) => {
      const { mode, mtimeMs, nlink } = await waiting.lstat(at(name));
      return { name: name.replace(/^(new-).*/, '$1'), mode, nlink, past: mtimeMs < 10_000 };
    }),
  );
  return { said, left };
}

/** What came with a Node after 20, and what imports of it have. */
const NEWER = ['default', 'glob', 'mkdtempDisposable'];

describe('files at once', () => {
  it('have all that node:fs does at once, but for what nobody asks of them', () => {
    const known = Object.keys(atOnce);
    const missing = Object.keys(waiting).filter((name) => !known.includes(name) && !NEWER.includes(name));
    expect(missing.sort()).toEqual([
      'chown',
      'cp',
      'lchmod',
      'lchown',
      'lutimes',
      'opendir',
      'statfs',
      'watch',
    ]);
  });

  it.each(Object.keys(DEEDS))('%s as node:fs/promises do', async (deed) => {
    const ours = await outcome(atOnce, deed);
    await rm(folder, { recursive: true });
    await waiting.mkdir(folder);
    await writeFile(join(folder, 'file'), 'content\n');
    await symlink('file', join(folder, 'link'));
    expect(ours).toEqual(await outcome(waiting, deed));
  });

  it('let a time limit end what goes on and on', async () => {
    const over: true[] = [];
    setTimeout(() => over.push(true), 100);
    let reads = 0;
    // Without turns for timers nothing would ever end this but the count.
    while (over.length === 0 && reads < 1_000_000) {
      await atOnce.readFile(join(folder, 'file'));
      reads++;
    }
    expect(over).toEqual([true]);
  });
});
