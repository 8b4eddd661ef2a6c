import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CELL_HOME, type Cell, placeFor } from '../../../lib/replay/containment/cell.ts';
import {
  CONTAINMENTS,
  findContainment,
  makeCellFolder,
  userOfCells,
} from '../../../lib/replay/containment/containment.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../lib/replay/containment/limits.ts';
import type { Ended } from '../../../lib/replay/containment/run-limited.ts';
import { unshareArgs } from '../../../lib/replay/containment/unshare.ts';
import { eventually } from '../../support/wait.ts';

/** A command nobody else on this machine runs. */
const LONG = `sleep ${1_000_000 + process.pid}`;

const LIMITS: Limits = { ...DEFAULT_LIMITS, milliseconds: 20_000 };

for (const name of CONTAINMENTS)
  if ((await findContainment([name])) === null)
    process.stderr.write(`SKIPPED: containment by ${name}: it does not work on this machine\n`);

const working = (await Promise.all(CONTAINMENTS.map((name) => findContainment([name])))).filter(
  (one) => one !== null,
);

describe.each(working)('what runs in a cell of $name', (containment) => {
  let work: string;
  let outside: string;

  beforeAll(async () => {
    work = await makeCellFolder();
    outside = await mkdtemp(join(tmpdir(), 'agent-log-outside-'));
    await writeFile(join(outside, 'secret'), 'of somebody');
  });

  afterAll(async () => {
    await rm(work, { recursive: true, force: true });
    await rm(outside, { recursive: true, force: true });
  });

  function run(script: string, limits: Partial<Limits> = {}, more: Partial<Cell> = {}): Promise<Ended> {
    const at = more.at ?? placeFor('/srv/people/jane/project');
    const env = { HOME: CELL_HOME, PATH: '/usr/bin:/bin' };
    const cell: Cell = { work, at, cwd: at, reads: [], env, ...more };
    return containment.run(cell, { ...LIMITS, ...limits }, ['/bin/sh', '-c', script]);
  }

  it('writes its folder, seen where it was recorded, and says how it ended', async () => {
    const ended = await run('pwd; echo said >&2; echo content > file; exit 3');
    expect(ended).toEqual({
      how: 'exit',
      code: 3,
      stdout: '/srv/people/jane/project\n',
      stderr: 'said\n',
      isCut: false,
    });
    expect(await readFile(join(work, 'file'), 'utf8')).toBe('content\n');
  });

  it('a write outside the worktree: there is nothing to write on', async () => {
    for (const path of ['/usr/new', '/etc/new', '/new', '/srv/new', '/proc/sys/kernel/hostname', '/bin/new'])
      expect((await run(`echo x > ${path}`)).code, path).not.toBe(0);
    expect(existsSync('/usr/new')).toBe(false);
  });

  it('reading HOME, the rest of the disk, other processes and the environment: nothing of them is there', async () => {
    const script = `ls -A "$HOME" /root /home /tmp ${outside} 2>/dev/null; cat ${outside}/secret 2>/dev/null; env; ls /proc | grep -c '^[0-9]'`;
    const { stdout } = await run(script);
    expect(stdout).not.toContain('of somebody');
    expect(stdout).not.toContain(process.env['HOME'] ?? 'HOME=/');
    expect(stdout).not.toContain(tmpdir() === '/tmp' ? 'agent-log-outside' : tmpdir());
    expect(Number(stdout.trim().split('\n').at(-1))).toBeLessThan(12);
  });

  it('the network: there is none', async () => {
    const { stdout } = await run('cat /proc/net/dev | grep -v lo: | grep -c :');
    expect(stdout.trim()).toBe('0');
  });

  it('getting more rights: there are none to get', async () => {
    const { stdout } = await run(
      'grep -E "^(CapEff|NoNewPrivs)" /proc/self/status; mount -t tmpfs x /tmp; echo $?',
    );
    expect(stdout).toMatch(/CapEff:\s+0{16}/);
    expect(stdout).toMatch(/NoNewPrivs:\s+1/);
    expect(stdout.trim().endsWith('0')).toBe(false);
  });

  it('a fork bomb: is ended, and nothing of it is left', async () => {
    const began = Date.now();
    const ended = await run(`f() { f | f & }; f; ${LONG}`, { milliseconds: 3000, processes: 64 });
    expect(ended.how === 'time' || ended.code !== 0).toBe(true);
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(await leftOver(LONG)).toBe(0);
  });

  it('filling the disk: one file, many files, home, the temporary folder', async () => {
    const small = { fileBytes: 2 ** 20, diskBytes: 8 * 2 ** 20 };
    expect((await run('head -c 3000000 /dev/zero > big', small)).code).not.toBe(0);
    expect((await stat(join(work, 'big'))).size).toBeLessThanOrEqual(2 ** 20);
    const many = await run('i=0; while :; do i=$((i+1)); head -c 900000 /dev/urandom > f$i; done', small);
    expect(many.how).toBe('disk');
    for (const file of await readdir(work)) await rm(join(work, file), { recursive: true });
    for (const folder of ['/tmp', CELL_HOME, '/dev/shm', '/dev']) {
      const script = `cd ${folder} 2>/dev/null || exit 9; i=0; while [ $i -lt 40 ]; do i=$((i+1)); head -c 900000 /dev/zero > f$i || exit 9; done`;
      expect((await run(script, small)).code, folder).toBe(9);
    }
  });

  it('waiting for input: there is an end of it at once, and no terminal', async () => {
    const began = Date.now();
    expect((await run('read line; read line < /dev/tty; echo "$?"')).stdout.trim()).not.toBe('0');
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('running for ever: is ended with what it started', async () => {
    const ended = await run(`setsid sh -c "${LONG}; :" & ${LONG}`, { milliseconds: 700 });
    expect(ended.how).toBe('time');
    expect(await leftOver(LONG)).toBe(0);
  });

  it('outliving us: it ends when we are killed', async () => {
    const module = new URL('../../../dist/replay/containment/', import.meta.url).href;
    const code = `
      const { findContainment } = await import('${module}containment.js');
      const { DEFAULT_LIMITS } = await import('${module}limits.js');
      const found = await findContainment(['${containment.name}']);
      const cell = { work: ${JSON.stringify(work)}, at: '/work', cwd: '/work', reads: [], env: { PATH: '/usr/bin:/bin' } };
      found.run(cell, DEFAULT_LIMITS, ['/bin/sh', '-c', 'echo x > began; ${LONG}; :']);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
    await eventually(() => Promise.resolve(existsSync(join(work, 'began'))));
    child.kill('SIGKILL');
    await eventually(async () => (await leftOver(LONG)) === 0);
    await rm(join(work, 'began'));
  });

  it('taking memory without end: is ended', async () => {
    const ended = await run('tail /dev/zero', { memoryBytes: 64 * 2 ** 20, milliseconds: 10_000 });
    expect(ended.how === 'exit' && ended.code !== 0).toBe(true);
  });

  it('printing without end: is heard up to a limit', async () => {
    const ended = await run('yes', { outputBytes: 1000, milliseconds: 700 });
    expect(ended).toMatchObject({ how: 'time', isCut: true });
    expect(ended.stdout).toHaveLength(1000);
  });

  it('reads the folders it is given, and does not write them', async () => {
    if (userOfCells() !== null) await chown(outside, userOfCells() ?? 0, userOfCells() ?? 0);
    const ended = await run(`cat ${outside}/secret; echo x > ${outside}/new`, {}, { reads: [outside] });
    expect(ended.stdout).toBe('of somebody');
    expect(ended.code).not.toBe(0);
    expect(existsSync(join(outside, 'new'))).toBe(false);
  });
});
/** Where a file system can be mounted below a folder, as machines have them. */
const APART = ['--user', '--map-root-user', '--mount', '/bin/sh', '-ec'];

describe.skipIf(!working.some(({ name }) => name === 'unshare'))('a cell put together with unshare', () => {
  it('attack: what is mounted below a folder it may read is not written either', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agent-log-reads-'));
    const place = (name: string): string => join(folder, name);
    const below = place('reads/below');
    const script = `mkdir -p "$1" "$2" "$3"; mount -t tmpfs tmpfs "$3"; echo seen > "$3/file"; shift 3; exec setpriv "$@"`;
    const cell: Cell = { work: place('work'), at: '/work', cwd: '/work', reads: [place('reads')], env: {} };
    const look = `cat ${below}/file; : > ${below}/new && echo wrote`;
    const args = unshareArgs(cell, 2 ** 20, place('mount'), ['/bin/sh', '-c', look]);
    const made = [place('mount'), cell.work, below];
    const { stdout, stderr } = spawnSync('unshare', [...APART, script, 'sh', ...made, ...args], {
      encoding: 'utf8',
    });
    expect(stdout, stderr).toBe('seen\n');
    await rm(folder, { recursive: true, force: true });
  });
});

/** Processes on this machine with a command line, a little later. */
async function leftOver(line: string): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 300));
  const all = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return all.split('\n').filter((one) => one.trim() === line).length;
}
