import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRepo, PROGRAM, type TestRepo } from '../support/repo.ts';

let repo: TestRepo;
/** With a record in it. */
let recorded: TestRepo;
let home: string;
beforeAll(async () => {
  repo = await makeRepo();
  recorded = await makeRepo();
  await recorded.run(['init', '--agents', 'none']);
  const script = 'echo 1 > one && git add -A && git commit -q -m "By an agent"';
  await recorded.run(['run', '--task', 'Write a file', '--agent', 'tester', '--', 'sh', '-c', script]);
  home = await mkdtemp(join(tmpdir(), 'agent-log-start-'));
});
afterAll(async () => {
  await Promise.all([repo.remove(), recorded.remove()]);
  await rm(home, { recursive: true });
});

interface Copy {
  readonly program: string;
  /** Where what V8 compiled is kept. */
  readonly compiled: string;
  readonly bundle: string;
}

/** A copy of the program as it is installed, without what was compiled of it. */
async function copyProgram(name: string): Promise<Copy> {
  const source = join(PROGRAM, '../..');
  const folder = join(home, name);
  for (const part of ['bin', 'dist/bundle', 'package.json'])
    await cp(join(source, part), join(folder, part), { recursive: true });
  const bundle = join(folder, 'dist/bundle');
  await rm(join(bundle, 'compiled'), { recursive: true, force: true });
  return { program: join(folder, 'bin/git-agent-log'), compiled: join(bundle, 'compiled'), bundle };
}

function flipped(code: Buffer, ...places: number[]): Buffer {
  const changed = Buffer.from(code);
  for (const at of places) changed[at] = (changed[at] ?? 0) ^ 0xff;
  return changed;
}

/** The same damage in both copies: as code of another V8, or of another bundle, would look. */
function inBoth(code: Buffer, at: number): Buffer {
  return flipped(code, at, at + (code.length - 1) / 2);
}

async function list(copy: Copy, env: Record<string, string> = {}): Promise<void> {
  expect(await repo.exec(copy.program, ['list'], { env })).toMatchObject({ code: 0, stderr: '' });
}

describe('the program, started from its bundle', () => {
  it('keeps what was compiled, by command and Node version, and uses it', async () => {
    const copy = await copyProgram('kept');
    await list(copy);
    const [kept, ...others] = await readdir(copy.compiled);
    expect(kept).toMatch(new RegExp(`^main-[\\w-]+\\.list\\.${process.version}-${process.arch}$`));
    expect(others).toEqual([]);
    const path = join(copy.compiled, kept ?? '');
    // The last byte counts runs that brought nothing new: after four nothing is written any more.
    for (const unchanged of [0, 1, 2, 3, 4, 4]) {
      expect((await readFile(path)).at(-1)).toBe(unchanged);
      await list(copy);
    }
  });

  it('adds what a later run compiled that the first had no use for', async () => {
    const copy = await copyProgram('grown');
    await list(copy);
    const path = join(copy.compiled, (await readdir(copy.compiled))[0] ?? '');
    const first = await readFile(path);
    await recorded.exec(copy.program, ['list']);
    const second = await readFile(path);
    expect(second.length).toBeGreaterThan(first.length);
    expect(second.at(-1)).toBe(0);
    await list(copy);
    // What the other run took is still there.
    const third = await readFile(path);
    expect(third.subarray(0, -1).equals(second.subarray(0, -1))).toBe(true);
    expect(third.at(-1)).toBe(1);
  });

  it('runs where nothing is installed beside it, and through a link', async () => {
    const { program } = await copyProgram('alone');
    const link = join(home, 'linked');
    await symlink(program, link);
    expect((await repo.exec(link, ['list'])).code).toBe(0);
  });

  it.each([
    ['an empty file', () => Buffer.alloc(0)],
    ['half of it', (code: Buffer) => code.subarray(0, code.length / 2)],
    ['one wrong byte', (code: Buffer) => flipped(code, code.length - 5000)],
    ['that of another V8', (code: Buffer) => inBoth(code, 4)],
    ['that of other code', (code: Buffer) => inBoth(code, 8)],
  ])('compiles anew when it finds %s, and mends it', async (what, damaged) => {
    const copy = await copyProgram(what.replaceAll(/\W/g, ''));
    await list(copy);
    const path = join(copy.compiled, (await readdir(copy.compiled))[0] ?? '');
    const good = await readFile(path);
    await writeFile(path, damaged(good));
    await list(copy);
    const header = (code: Buffer): Buffer => code.subarray(0, 16);
    expect(header(await readFile(path)).equals(header(good))).toBe(true);
  });

  it('runs with V8 flags that what was compiled does not fit', async () => {
    const copy = await copyProgram('flags');
    await list(copy);
    const [kept = ''] = await readdir(copy.compiled);
    const before = await readFile(join(copy.compiled, kept));
    const options = '--stack-trace-limit=5 --max-old-space-size=200';
    await list(copy, { NODE_OPTIONS: options });
    // Each keeps its own: in turn they would throw away what the other had.
    const names = await readdir(copy.compiled);
    expect(names.sort()).toEqual([kept, kept + options.replace(' ', '')]);
    expect((await readFile(join(copy.compiled, kept))).equals(before)).toBe(true);
  });

  it('keeps what was compiled of a file that is loaded on demand, and mends that too', async () => {
    const copy = await copyProgram('parts');
    const texts = join(recorded.dir, '.git/agent-log/sessions');
    await rename(texts, `${texts}-away`);
    // What opens the sealed text is in a file of its own.
    const show = async (): Promise<string> => {
      const { code, stdout } = await recorded.exec(copy.program, ['show', 'HEAD', '--json']);
      expect(code).toBe(0);
      return stdout;
    };
    const first = await show();
    expect(first).toContain('Write a file');
    const rare = (await readdir(copy.compiled)).find((name) => name.startsWith('show-rare-')) ?? '';
    const path = join(copy.compiled, rare);
    const code = await readFile(path);
    await writeFile(path, flipped(code, code.length - 5000));
    expect(await show()).toBe(first);
    const mended = await readFile(path);
    const half = (mended.length - 1) / 2;
    expect(mended.subarray(0, half).equals(mended.subarray(half, -1))).toBe(true);
    expect(await show()).toBe(first);
    await rename(`${texts}-away`, texts);
  });

  it('keeps nothing of a command that failed', async () => {
    const copy = await copyProgram('failed');
    expect((await repo.exec(copy.program, ['show', 'nothing'])).code).toBe(1);
    await expect(readdir(copy.compiled)).rejects.toThrow('ENOENT');
  });

  it('never runs what was compiled of another bundle', async () => {
    const copy = await copyProgram('other');
    await list(copy);
    const manifest = join(copy.bundle, 'package.json');
    const { main } = JSON.parse(await readFile(manifest, 'utf8')) as { main: string };
    const changed = (await readFile(join(copy.bundle, main), 'latin1')).replace('No records', 'No RECORDS');
    await writeFile(join(copy.bundle, 'main-changed.cjs'), changed, 'latin1');
    await writeFile(manifest, JSON.stringify({ type: 'commonjs', main: 'main-changed.cjs', hook: '' }));
    const { stdout, stderr } = await repo.exec(copy.program, ['list']);
    expect(stdout + stderr).toContain('No RECORDS');
  });

  it('runs from a folder it may not write', async () => {
    const copy = await copyProgram('readonly');
    // For root, whom no right keeps out: a file stands where the folder would be.
    await writeFile(copy.compiled, '');
    await chmod(copy.bundle, 0o555);
    await list(copy);
    expect(await readFile(copy.compiled, 'utf8')).toBe('');
    await chmod(copy.bundle, 0o755);
  });

  it('writes no name of a stranger’s choice', async () => {
    const copy = await copyProgram('names');
    await mkdir(copy.compiled);
    await repo.exec(copy.program, ['../../x']);
    await repo.exec(copy.program, ['hook', '../../x']);
    expect(await readdir(copy.compiled)).toEqual([]);
  });
});
