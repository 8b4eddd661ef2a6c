import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome, TestRepo } from './repo.ts';

/** Why this system can't do what a test needs; null when it can. A skip says it, so that none is silent. */
export const noStrace: string | null = works('strace', ['-qq', '-o', '/dev/null', 'true'])
  ? null
  : 'strace is not there, or may not trace';
export const noMounts: string | null = works('unshare', [
  '-rm',
  'sh',
  '-c',
  'mount -t tmpfs -o size=64k none /tmp',
])
  ? null
  : 'no mount namespaces for this user';
export const FAKETIME: string | null = process.platform === 'linux' ? faketimeLibrary() : null;

function works(program: string, args: readonly string[]): boolean {
  return process.platform === 'linux' && spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function faketimeLibrary(): string | null {
  const { stdout } = spawnSync('sh', ['-c', 'ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null'], {
    encoding: 'utf8',
  });
  const path = stdout?.split('\n')[0] ?? '';
  return path !== '' && existsSync(path) ? path : null;
}

/** One thread for files: so the order is one order, and the nth call of a process the same in every run. */
const ONE_THREAD = { UV_THREADPOOL_SIZE: '1' };

/** Runs a program with each `call`, from the `nth` of a process on, failing as told. */
export function withFault(
  repo: TestRepo,
  fault: { readonly calls: string; readonly does: string; readonly nth: string },
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const inject = `inject=${fault.calls}:${fault.does}:when=${fault.nth}`;
  const args = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${fault.calls}`, '-e', inject];
  return repo.exec('strace', [...args, ...command], { env: { ...ONE_THREAD, ...env } });
}

/** System calls of a program and all it starts, in order, with the paths of what they are done to. */
export async function traced(
  repo: TestRepo,
  calls: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ outcome: Outcome; lines: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'traced-'));
  const file = join(folder, 'trace');
  try {
    const args = ['-f', '-y', '-qq', '-s', '200', '-o', file, '-e', `trace=${calls}`];
    const outcome = await repo.exec('strace', [...args, ...command], { env: { ...ONE_THREAD, ...env } });
    const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.replace(/^\d+ +/, ''));
    return { outcome, lines };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A mount namespace in which folders of a repository can be made small or read-only. */
export interface Mounts {
  /** Runs a shell script in it, in the repository's folder. */
  readonly sh: (script: string, env?: Readonly<Record<string, string>>, input?: string) => Promise<Outcome>;
  readonly end: () => void;
}

export async function openMounts(repo: TestRepo): Promise<Mounts> {
  const holder = spawn('unshare', ['-rm', 'sh', '-c', 'echo ready; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve, reject) => {
    holder.stdout.once('data', resolve);
    holder.once('exit', () => reject(new Error('the namespace ended')));
  });
  const enter = ['-t', String(holder.pid), '-U', '--preserve-credentials', '-m'];
  return {
    sh: (script, env = {}, input = '') =>
      repo.exec('nsenter', [...enter, 'sh', '-c', `cd "$0" && ${script}`, repo.dir], { env, input }),
    end: () => holder.kill('SIGKILL'),
  };
}
