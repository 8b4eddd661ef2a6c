import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finished, runProgram } from './process.ts';

const RELAY = fileURLToPath(new URL('netns-relay.mjs', import.meta.url));

export interface ClientRun {
  bin: string;
  args: readonly string[];
  cwd: string;
  /** A folder of this run only: the client keeps its settings, transcripts and temporary files in it. */
  home: string;
  /** The whole environment of the client: nothing of the caller's is added but PATH. */
  env: Readonly<Record<string, string>>;
  modelUrl: string;
  timeoutMs: number;
  /** Cut the client off from every network but the model server, where the system allows it. Default true. */
  isolateNetwork?: boolean;
}

export interface ClientResult extends Finished {
  durationMs: number;
  /** The lines of its standard output that are JSON. */
  events: Record<string, unknown>[];
  network: Isolation;
}

export type Isolation = { isolated: true } | { isolated: false; reason: string };

/** Runs one headless session of a client, with nothing of the caller's environment but PATH. */
export async function runClient(options: ClientRun): Promise<ClientResult> {
  await mkdir(join(options.home, 'tmp'), { recursive: true });
  const network = options.isolateNetwork === false ? notIsolated('not asked for') : await networkIsolation();
  const started = performance.now();
  const finished = network.isolated
    ? await runIsolated(options)
    : await runProgram(options.bin, options.args, place(options));
  return {
    ...finished,
    durationMs: Math.round(performance.now() - started),
    events: parseLines(finished.stdout),
    network,
  };
}

function place({ cwd, env, home, timeoutMs }: ClientRun): Parameters<typeof runProgram>[2] {
  const path = process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
  const alone = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return { cwd, env: { PATH: path, HOME: home, ...alone, ...env }, timeoutMs };
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

let knownIsolation: Promise<Isolation> | undefined;

/** Whether this system lets us make a network namespace and use its loopback. Asked once: the answer does not change. */
export function networkIsolation(): Promise<Isolation> {
  knownIsolation ??= probeIsolation();
  return knownIsolation;
}

async function probeIsolation(): Promise<Isolation> {
  if (process.platform !== 'linux') return notIsolated(`no network namespaces on ${process.platform}`);
  const env = { PATH: process.env['PATH'] ?? '' };
  const probe = await runProgram('unshare', [...NAMESPACE, 'ip', 'link', 'set', 'lo', 'up'], {
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
async function runIsolated(options: ClientRun): Promise<Finished> {
  const port = Number(new URL(options.modelUrl).port);
  const folder = await mkdtemp(join(tmpdir(), 'client-net-'));
  const socket = join(folder, 's');
  const tunnel = await openTunnel(socket, port);
  try {
    const inner = [process.execPath, RELAY, String(port), socket, options.bin, ...options.args];
    return await runProgram('unshare', [...NAMESPACE, ...inner], place(options));
  } finally {
    tunnel.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A client as others start it, with the same walls around it; it reads its prompt from standard input. */
export interface ClientCommand {
  readonly argv: readonly string[];
  close(): Promise<void>;
}

/** The words of a command that starts a client as `runClient` does. Close it when nobody starts it any more. */
export async function clientCommand(
  options: Pick<ClientRun, 'bin' | 'args' | 'env' | 'home' | 'modelUrl'>,
): Promise<ClientCommand> {
  const { env } = place({ ...options, cwd: '', timeoutMs: 0 });
  const alone = ['env', '-i', ...Object.entries(env ?? {}).map(([name, value]) => `${name}=${value ?? ''}`)];
  const { isolated } = await networkIsolation();
  if (!isolated) return { argv: [...alone, options.bin, ...options.args], close: () => Promise.resolve() };
  const port = Number(new URL(options.modelUrl).port);
  const folder = await mkdtemp(join(tmpdir(), 'client-net-'));
  const socket = join(folder, 's');
  const tunnel = await openTunnel(socket, port);
  const inner = [process.execPath, RELAY, String(port), socket, options.bin, ...options.args];
  const close = async (): Promise<void> => {
    tunnel.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { argv: [...alone, 'unshare', ...NAMESPACE, ...inner], close };
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
