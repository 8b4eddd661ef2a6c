import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const PACKAGE = '@anthropic-ai/claude-code';
const VERSION = '2.1.330';
const MARKER = '.install-complete';
const RELAY = fileURLToPath(new URL('netns-relay.mjs', import.meta.url));
const KILL_GRACE_MS = 2000;

/** npm's names for "the registry did not answer", as opposed to "it answered and something else is wrong". */
const NETWORK_ERROR =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/;

export type InstallResult =
  | { ok: true; bin: string }
  | { ok: false; reason: 'registry-unreachable' | 'install-failed' | 'platform-unsupported'; detail: string };

export interface ClaudeRun {
  bin: string;
  cwd: string;
  /** A folder of this run only: the client keeps its settings, transcripts and temporary files in it. */
  home: string;
  modelUrl: string;
  prompt: string;
  model: string;
  timeoutMs: number;
  /** Tools that run without being asked about; the default is what a coding session needs. */
  allowedTools?: readonly string[];
  extraEnv?: Readonly<Record<string, string>>;
  extraArgs?: readonly string[];
  /** Cut the client off from every network but the model server, where the system allows it. Default true. */
  isolateNetwork?: boolean;
}

export interface ClaudeResult {
  /** Null when a signal ended the client. */
  exitCode: number | null;
  timedOut: boolean;
  durationMs: number;
  /** The lines of `--output-format stream-json`. */
  events: Record<string, unknown>[];
  stdout: string;
  stderr: string;
  network: Isolation;
}

export type Isolation = { isolated: true } | { isolated: false; reason: string };

/** What a started program left behind. */
interface Finished {
  exitCode: number | null;
  timedOut: boolean;
  stdout: string;
  stderr: string;
}

// ---------------------------------------------------------------------------------------------------------- install

/**
 * Installs the pinned client once per cache folder. The work is done in a folder of its own and renamed at the end, so
 * a reader sees a whole install or none; of two that run at the same time the later one throws its copy away.
 */
export async function installClaude(cacheDir: string): Promise<InstallResult> {
  const prefix = join(cacheDir, `claude-code-${VERSION}`);
  if (await exists(join(prefix, MARKER))) return locateBinary(prefix);
  await mkdir(cacheDir, { recursive: true });
  await removeAbandoned(cacheDir, basename(prefix));
  const staging = await mkdtemp(`${prefix}.${process.pid}.`);
  try {
    const failure = await npmInstall(staging);
    if (failure !== undefined) return failure;
    await writeFile(join(staging, MARKER), `${PACKAGE}@${VERSION}\n`);
    await publish(staging, prefix);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return locateBinary(prefix);
}

/** The package's own install script only copies the binary, so scripts stay off and the platform package is used. */
async function npmInstall(prefix: string): Promise<InstallResult | undefined> {
  const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', ...patience, '--prefix', prefix];
  const npm = await run('npm', ['install', ...flags, `${PACKAGE}@${VERSION}`], {
    cwd: prefix,
    env: npmEnvironment(),
    timeoutMs: 300_000,
  });
  if (npm.exitCode === 0) return undefined;
  const unreachable = npm.timedOut || NETWORK_ERROR.test(npm.stderr);
  return {
    ok: false,
    reason: unreachable ? 'registry-unreachable' : 'install-failed',
    detail: npm.stderr.slice(-2000),
  };
}

/** What it takes to reach a registry from behind a proxy or a mirror. */
function npmEnvironment(): Record<string, string> {
  const wanted =
    /^(PATH|HOME|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|https?_proxy|no_proxy|npm_config_(registry|cache|userconfig))$/i;
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => wanted.test(entry[0]) && entry[1] !== undefined,
    ),
  );
}

/** A target without a marker is half an install of someone who did not rename; one with a marker wins over ours. */
async function publish(staging: string, prefix: string): Promise<void> {
  if (!(await exists(join(prefix, MARKER)))) await rm(prefix, { recursive: true, force: true });
  try {
    await rename(staging, prefix);
  } catch (error) {
    if (!(await exists(join(prefix, MARKER)))) throw error;
  }
}

/** Drops the folders of installs whose process is gone: each would keep a third of a gigabyte. */
async function removeAbandoned(cacheDir: string, name: string): Promise<void> {
  for (const entry of await readdir(cacheDir)) {
    const pid = entry.startsWith(`${name}.`)
      ? Number(entry.slice(name.length + 1).split('.', 1)[0])
      : Number.NaN;
    if (Number.isInteger(pid) && !isAlive(pid))
      await rm(join(cacheDir, entry), { recursive: true, force: true });
  }
}

/** npm picks the platform package by os, cpu and libc, so the one that is there is the right one. */
async function locateBinary(prefix: string): Promise<InstallResult> {
  const scope = join(prefix, 'node_modules', '@anthropic-ai');
  for (const name of await readdir(scope)) {
    const bin = join(scope, name, process.platform === 'win32' ? 'claude.exe' : 'claude');
    if (name.startsWith('claude-code-') && (await exists(bin))) return { ok: true, bin };
  }
  return {
    ok: false,
    reason: 'platform-unsupported',
    detail: `no binary for ${process.platform}-${process.arch} in ${scope}`,
  };
}

// -------------------------------------------------------------------------------------------------------------- run

/** Runs one headless session of the client, with nothing of the caller's environment but PATH. */
export async function runClaude(options: ClaudeRun): Promise<ClaudeResult> {
  await mkdir(join(options.home, 'tmp'), { recursive: true });
  const network = options.isolateNetwork === false ? notIsolated('not asked for') : await networkIsolation();
  const started = performance.now();
  const finished = network.isolated
    ? await runIsolated(options)
    : await run(options.bin, claudeArguments(options), place(options));
  return {
    ...finished,
    durationMs: Math.round(performance.now() - started),
    events: parseLines(finished.stdout),
    network,
  };
}

function claudeArguments(options: ClaudeRun): string[] {
  const tools = options.allowedTools ?? ['Bash', 'Read', 'Write', 'Edit'];
  const flags = ['--output-format', 'stream-json', '--verbose', '--allowedTools', tools.join(',')];
  return ['-p', options.prompt, ...flags, ...(options.extraArgs ?? [])];
}

function place(options: ClaudeRun): Place {
  return { cwd: options.cwd, env: claudeEnvironment(options), timeoutMs: options.timeoutMs };
}

/** The whole environment of the client: a session must not depend on, nor reach, anything of the person testing. */
function claudeEnvironment(options: ClaudeRun): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: options.home,
    CLAUDE_CODE_TMPDIR: join(options.home, 'tmp'),
    ANTHROPIC_API_KEY: 'dummy-key-for-tests',
    ANTHROPIC_BASE_URL: options.modelUrl,
    ANTHROPIC_MODEL: options.model,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    ...options.extraEnv,
  };
}

/** A line cut off by a kill is no event. */
function parseLines(text: string): Record<string, unknown>[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Record<string, unknown>];
    } catch {
      return [];
    }
  });
}

// -------------------------------------------------------------------------------------------------------- isolation

let knownIsolation: Promise<Isolation> | undefined;

/** Whether this system lets us make a network namespace and use its loopback. Asked once: the answer does not change. */
export function networkIsolation(): Promise<Isolation> {
  knownIsolation ??= probeIsolation();
  return knownIsolation;
}

async function probeIsolation(): Promise<Isolation> {
  if (process.platform !== 'linux') return notIsolated(`no network namespaces on ${process.platform}`);
  const env = { PATH: process.env['PATH'] ?? '' };
  const probe = await run('unshare', [...NAMESPACE, 'ip', 'link', 'set', 'lo', 'up'], {
    cwd: tmpdir(),
    env,
    timeoutMs: 10_000,
  });
  return probe.exitCode === 0 ? { isolated: true } : notIsolated(probe.stderr.trim() || 'unshare failed');
}

function notIsolated(reason: string): Isolation {
  return { isolated: false, reason };
}

const NAMESPACE = ['--map-root-user', '--net', '--'];

/**
 * A fresh namespace has a loopback of its own, where the model server is not. But Unix sockets belong to the file
 * system, not to the network: one carries the same port number from the inner loopback to the outer one, so the client
 * keeps its base URL, the server stays in the test's process, and there is no other way out.
 */
async function runIsolated(options: ClaudeRun): Promise<Finished> {
  const port = Number(new URL(options.modelUrl).port);
  const folder = await mkdtemp(join(tmpdir(), 'claude-net-'));
  const socket = join(folder, 's');
  const tunnel = await openTunnel(socket, port);
  try {
    const inner = [process.execPath, RELAY, String(port), socket, options.bin, ...claudeArguments(options)];
    return await run('unshare', [...NAMESPACE, ...inner], place(options));
  } finally {
    tunnel.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function openTunnel(socket: string, port: number): Promise<Server> {
  const tunnel = createServer((inner) => {
    const outer = connect(port, '127.0.0.1');
    inner.on('error', () => outer.destroy());
    outer.on('error', () => inner.destroy());
    inner.pipe(outer).pipe(inner);
  });
  tunnel.listen(socket);
  await once(tunnel, 'listening');
  return tunnel;
}

// -------------------------------------------------------------------------------------------------------- processes

interface Place {
  cwd: string;
  env: Record<string, string>;
  timeoutMs: number;
}

/** Runs a program to its end or to the time limit. A program that cannot be started counts as one that failed. */
async function run(
  program: string,
  programArguments: readonly string[],
  { cwd, env, timeoutMs }: Place,
): Promise<Finished> {
  const options: SpawnOptions = { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] };
  const child = spawn(program, [...programArguments], options);
  const stdout = gather(child.stdout);
  const stderr = gather(child.stderr);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child);
  }, timeoutMs);
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { exitCode, timedOut, stdout: stdout.join(''), stderr: stderr.join('') };
  } catch (error) {
    return { exitCode: null, timedOut, stdout: stdout.join(''), stderr: String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** The pieces as they come, so that what was said before a kill is not lost. */
function gather(stream: Readable | null): string[] {
  const pieces: string[] = [];
  stream?.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  return pieces;
}

/**
 * Ends the group we made with `detached`: the relay, the client, and nothing we did not start. A grandchild that left
 * the group may still hold the pipes, so they are let go as well.
 */
function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => {
    signalGroup(pid, 'SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, KILL_GRACE_MS);
  child.once('close', () => clearTimeout(timer));
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone, which is what was wanted.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
