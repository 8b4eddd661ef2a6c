import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endGroup } from '../../git/process/end-group.ts';

/** What a gpg told: its status lines, and how it ended. Null code: it was not there, or was ended. */
export interface GpgSaid {
  readonly code: number | null;
  /** Lines of the status channel, without `[GNUPG:] `. */
  readonly status: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  /** False where there is no such program. */
  readonly isThere: boolean;
}

interface GpgCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly input?: string | Buffer;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds after which it is ended; null where a person may be asked for a passphrase. */
  readonly limit: number | null;
}

const MAX_BYTES = 256 * 1024;
const LIMIT_MS = 10_000;

/**
 * For checking: nobody's options, keys, agent or trust, no terminal, and nothing is fetched from anywhere. Whom a key is trusted to be is the
 * roster's to say.
 */
const ALONE: readonly string[] = [
  '--no-options',
  '--batch',
  '--no-tty',
  '--quiet',
  '--no-autostart',
  '--disable-dirmngr',
  '--no-auto-key-retrieve',
  '--no-auto-key-locate',
  '--no-auto-check-trustdb',
  '--trust-model=always',
  '--no-random-seed-file',
];

/** Starts gpg, and hears its status on a channel of its own, which nothing it prints can be mistaken for. */
export function runGpg({ program, args, input, env, limit }: GpgCall): Promise<GpgSaid> {
  return new Promise((resolve) => {
    const child = spawn(program, ['--status-fd', '3', ...args], {
      env: { ...env },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      detached: limit !== null,
    });
    const timer = limit === null ? undefined : setTimeout(() => endGroup(child.pid), limit);
    const [status, stdout, stderr] = [child.stdio[3], child.stdout, child.stderr].map(heard);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const end = (code: number | null, isThere: boolean): void => {
      clearTimeout(timer);
      const lines = (status?.() ?? '').split('\n').filter((line) => line.startsWith(PREFIX));
      resolve({
        code,
        status: lines.map((line) => line.slice(PREFIX.length)),
        stdout: stdout?.() ?? '',
        stderr: stderr?.() ?? '',
        isThere,
      });
    };
    child.once('error', () => end(null, false));
    child.once('close', (code) => end(code, true));
  });
}

const PREFIX = '[GNUPG:] ';

function heard(stream: unknown): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  const readable = stream as NodeJS.ReadableStream | null;
  readable?.on('error', () => undefined);
  readable?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_BYTES) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** A keyring of its own, in a folder that is gone afterwards. */
export interface Keyring {
  /** Status lines of a check; null where gpg could not be asked, or did not end in time. */
  readonly verify: (signature: string, text: string) => Promise<GpgSaid>;
  /** What it has, as `--with-colons` lists it. */
  readonly list: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Makes a keyring of some keys and no other; null where there is no gpg. Each question is answered within `limit` milliseconds, or is not. */
export async function openKeyring(
  program: string,
  keys: readonly Buffer[],
  limit: number = LIMIT_MS,
): Promise<Keyring | null> {
  const home = await mkdtemp(join(tmpdir(), 'agent-log-gpg-'));
  const env = { PATH: process.env['PATH'], HOME: home, GNUPGHOME: home, LC_ALL: 'C', TZ: 'UTC' };
  const ask = (args: readonly string[], input?: Buffer): Promise<GpgSaid> =>
    runGpg({
      program,
      args: ['--homedir', home, ...ALONE, ...args],
      env,
      limit,
      ...(input === undefined ? {} : { input }),
    });
  const close = (): Promise<void> => rm(home, { recursive: true, force: true, maxRetries: 3 });
  let count = 0;
  try {
    // One at a time: what is wrong with one key is no other person's loss.
    for (const key of keys)
      if (!(await ask(['--import-options', 'import-minimal', '--import'], key)).isThere) {
        await close();
        return null;
      }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async verify(signature, text) {
      const name = join(home, `signed-${count++}`);
      await Promise.all([writeFile(name, text), writeFile(`${name}.asc`, signature)]);
      return ask(['--verify', '--', `${name}.asc`, name]);
    },
    list: async () => (await ask(['--with-colons', '--fixed-list-mode', '--list-keys'])).stdout,
    close,
  };
}
