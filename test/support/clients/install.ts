import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runProgram } from './process.ts';

const MARKER = '.install-complete';

/** npm's names for "the registry did not answer", as opposed to "it answered and something else is wrong". */
const NETWORK_ERROR =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/;

/** An agent's client as it comes from npm. */
export interface ClientPackage {
  /** Names the folder of the install. */
  readonly name: string;
  readonly package: string;
  readonly version: string;
  /** The program to start, given the folder npm installed into; null when there is none for this platform. */
  readonly locate: (prefix: string) => Promise<string | null>;
}

export type InstallResult =
  | { ok: true; bin: string }
  | { ok: false; reason: 'registry-unreachable' | 'install-failed' | 'platform-unsupported'; detail: string };

/**
 * Installs the pinned client once per cache folder. The work is done in a folder of its own and renamed at the end, so
 * a reader sees a whole install or none; of two that run at the same time the later one throws its copy away.
 */
export async function installClient(cacheDir: string, client: ClientPackage): Promise<InstallResult> {
  const prefix = join(cacheDir, `${client.name}-${client.version}`);
  if (await exists(join(prefix, MARKER))) return locate(prefix, client);
  await mkdir(cacheDir, { recursive: true });
  await removeAbandoned(cacheDir, basename(prefix));
  const staging = await mkdtemp(`${prefix}.${process.pid}.`);
  try {
    const failure = await npmInstall(staging, client);
    if (failure !== undefined) return failure;
    await writeFile(join(staging, MARKER), `${client.package}@${client.version}\n`);
    await publish(staging, prefix);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return locate(prefix, client);
}

/** Install scripts stay off: they only copy the binary that the platform's own package holds. */
async function npmInstall(prefix: string, client: ClientPackage): Promise<InstallResult | undefined> {
  const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', ...patience, '--prefix', prefix];
  const npm = await runProgram('npm', ['install', ...flags, `${client.package}@${client.version}`], {
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

async function locate(
  prefix: string,
  { locate: find, package: name }: ClientPackage,
): Promise<InstallResult> {
  const bin = await find(prefix);
  if (bin !== null && (await exists(bin))) return { ok: true, bin };
  const detail = `no binary of ${name} for ${process.platform}-${process.arch} in ${prefix}`;
  return { ok: false, reason: 'platform-unsupported', detail };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
