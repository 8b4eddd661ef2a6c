import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import { type ObjectReader, openObjectReader } from '../objects/catfile.ts';
import { type GitCall, type GitPlace, type GitResult, runGit } from '../process/runner.ts';
import { NO_HOOKS } from '../refs/refs.ts';
import { type FarAddress, unreachable } from './address.ts';
import { memoryOfGroup } from './memory-of-group.ts';
import type { FarFetch, FarLimits, FarRefs, FarSource } from './source.ts';

/** Nobody is asked for a password; credential helpers are. Lazy fetches of git's own get the same by the repository's configuration. */
const UNATTENDED = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  SSH_ASKPASS: 'false',
  GCM_INTERACTIVE: 'never',
};

const SAFE: readonly (readonly [string, string])[] = [
  ['protocol.allow', 'never'],
  ['protocol.http.allow', 'always'],
  ['protocol.https.allow', 'always'],
  ['protocol.version', '2'],
  ['http.followRedirects', 'false'],
  ['transfer.bundleURI', 'false'],
  ['fetch.unpackLimit', '1'],
  ['fetch.negotiationAlgorithm', 'noop'],
  ['gc.auto', '0'],
];

/** Fetches a repository far away into a bare one of our own, in an empty folder. */
export function openWithGit(
  address: FarAddress,
  folder: string,
  limits: FarLimits,
  onBytes: (bytes: number) => void,
): FarSource {
  const place: GitPlace = { cwd: folder, foreign: true };
  const until = Date.now() + limits.ms;
  let bytes = 0;
  const talk = (args: readonly string[]): Promise<GitResult> =>
    watched(address, place, { args, env: asWhom(address) }, { until, limits, folder }, (now) => {
      bytes = now;
      onBytes(now);
    });
  return {
    refs: async () => {
      const { stdout } = await talk([...settings(), 'ls-remote', '--symref', '--', address.url, ...ASKED]);
      const refs = refsIn(stdout.toString('utf8'));
      await makeRepository(folder, address, [...refs.byName.values()][0]?.length === 64 ? 'sha256' : 'sha1');
      return refs;
    },
    fetch: async (what) => {
      for (let at = 0; at < what.wants.length; at += AT_ONCE)
        await talk(fetchArgs(what, what.wants.slice(at, at + AT_ONCE)));
      bytes = await packBytes(folder);
    },
    bytes: () => bytes,
    openReader: () => onlyKnown(place),
    run: null,
  };
}

const ASKED = ['HEAD', 'refs/heads/*', 'refs/tags/*', 'refs/notes/agent-log'];
/** As many ids as fit a command line. */
const AT_ONCE = 1000;
/** No depth at all would leave what is shallow as it is. */
const ALL = 2_147_483_647;

function settings(): string[] {
  return [...NO_HOOKS, ...SAFE.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

function fetchArgs({ depth, filter }: FarFetch, wants: readonly string[]): string[] {
  const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-prune'];
  const part = filter === null ? '--no-filter' : `--filter=${filter}`;
  const how = [`--depth=${depth ?? ALL}`, part, '--no-auto-maintenance', '--refmap='];
  return [...settings(), 'fetch', ...flags, ...how, '--', 'origin', ...wants];
}

interface Setting {
  readonly section: 'http' | 'credential';
  readonly url: string;
  readonly key: string;
  readonly value: string;
}

/** As whom git asks; never on a command line, nor in an address that git hands to a helper on one: others see these. */
function credentials({ url, authorization, username }: FarAddress): Setting | null {
  if (username !== null) return { section: 'credential', url, key: 'username', value: username };
  if (authorization === null) return null;
  return { section: 'http', url, key: 'extraHeader', value: `Authorization: ${authorization}` };
}

/** For git that runs where there is no configuration of ours to read. */
function asWhom(address: FarAddress): Readonly<Record<string, string>> {
  const found = credentials(address);
  if (found === null) return {};
  const { section, url, key, value } = found;
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `${section}.${url}.${key}`,
    GIT_CONFIG_VALUE_0: value,
  };
}

/** With who asks in a file that nobody else may read: git also fetches by itself. */
async function makeRepository(folder: string, address: FarAddress, format: string): Promise<void> {
  await runGit(
    { cwd: folder, foreign: true },
    { args: ['init', '-q', '--bare', `--object-format=${format}`, '--template=', '.'] },
  );
  const lines = [
    '[extensions]',
    '\tpartialClone = origin',
    ...(format === 'sha256' ? ['\tobjectFormat = sha256'] : []),
    '[core]',
    '\trepositoryFormatVersion = 1',
    '\tbare = true',
    '[remote "origin"]',
    `\turl = ${quoted(address.url)}`,
    '\tpromisor = true',
    '\tpartialCloneFilter = blob:none',
    ...SAFE.map(([name, value]) => configLine(name, value)),
    ...credentialLines(address),
  ];
  await writeFile(join(folder, 'config'), `${lines.join('\n')}\n`, { mode: 0o600 });
}

function credentialLines(address: FarAddress): string[] {
  const found = credentials(address);
  if (found === null) return [];
  return [`[${found.section} ${quoted(found.url)}]`, `\t${found.key} = ${quoted(found.value)}`];
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function configLine(name: string, value: string): string {
  const [section = '', ...rest] = name.split('.');
  const [key = '', subsection] = rest.reverse();
  return `[${section}${subsection === undefined ? '' : ` "${subsection}"`}]\n\t${key} = ${value}`;
}

function refsIn(text: string): FarRefs {
  const byName = new Map<string, string>();
  let head: string | null = null;
  for (const line of text.split('\n')) {
    const symref = /^ref: (refs\/heads\/\S+)\tHEAD$/.exec(line)?.[1];
    if (symref !== undefined) head = symref;
    const [, oid = '', name = '', peeled] =
      /^([0-9a-f]{40}|[0-9a-f]{64})\t(HEAD|refs\/[^\s\p{C}~^:?*[\\]{1,1000})(\^\{\})?$/u.exec(line) ?? [];
    if (name === '' || name.includes('..') || (name !== 'HEAD' && !name.startsWith('refs/'))) continue;
    if (peeled !== undefined || !byName.has(name)) byName.set(name, oid);
  }
  return { byName, head: head !== null && byName.has(head) ? head : null };
}

interface Watch {
  readonly until: number;
  readonly limits: FarLimits;
  readonly folder: string;
}

const LOOK_EVERY_MS = 100;
/** Of git and its helpers. As many refs as are read without git, and the trees of large repositories, take less. */
const MOST_MEMORY = 512 * 1024 * 1024;

/** Runs git, and ends it when more has come than may, or nothing comes for too long. Throws UNREACHABLE. */
async function watched(
  address: FarAddress,
  place: GitPlace,
  { args, env }: GitCall,
  { until, limits, folder }: Watch,
  onBytes: (bytes: number) => void,
): Promise<GitResult> {
  const ending = new AbortController();
  let [why, last, moved, group] = ['', 0, Date.now(), 0];
  const look = async (): Promise<void> => {
    const [bytes, memory] = await Promise.all([packBytes(folder), group === 0 ? 0 : memoryOfGroup(group)]);
    if (bytes !== last) [last, moved] = [bytes, Date.now()];
    onBytes(bytes);
    if (bytes > limits.bytes) why = `it sends more than ${limits.bytes} bytes`;
    else if (memory > MOST_MEMORY) why = 'what it sends takes too much memory';
    else if (Date.now() > until) why = 'it takes too long';
    else if (Date.now() - moved > limits.idleMs) why = 'it says nothing any more';
    if (why !== '') ending.abort();
  };
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS);
  try {
    const done = await runGit(place, {
      args,
      env: { ...env, ...UNATTENDED, GIT_CEILING_DIRECTORIES: join(folder, '..') },
      signal: ending.signal,
      onStart: (pid) => {
        group = pid;
      },
    });
    group = 0;
    await look();
    if (why !== '') throw unreachable(address, why);
    return done;
  } catch (error) {
    if (!(error instanceof AgentLogError) || error.code !== 'GIT_FAILED') throw error;
    throw unreachable(address, why === '' ? error.message : why, error);
  } finally {
    clearInterval(timer);
  }
}

async function packBytes(folder: string): Promise<number> {
  const packs = join(folder, 'objects', 'pack');
  const names = (await readdir(packs).catch(() => [])).filter((name) => /\.pack$|^tmp_pack/.test(name));
  const sizes = await Promise.all(names.map((name) => stat(join(packs, name)).catch(() => null)));
  return sizes.reduce((sum, one) => sum + (one?.size ?? 0), 0);
}

/** A commit nobody fetched is not here, whatever git could still fetch: each would be a journey of its own. */
function onlyKnown(place: GitPlace): ObjectReader {
  const reader = openObjectReader(place);
  let known: Promise<ReadonlySet<string>> | null = null;
  const isKnown = async (oid: string): Promise<boolean> => {
    known ??= commitsHere(place);
    return (await known).has(oid);
  };
  return {
    read: async (name) => {
      const oid = /^([0-9a-f]{40}|[0-9a-f]{64})\^\{commit\}$/.exec(name)?.[1];
      return oid === undefined || (await isKnown(oid)) ? reader.read(name) : null;
    },
    close: () => reader.close(),
  };
}

async function commitsHere(place: GitPlace): Promise<ReadonlySet<string>> {
  const args = [
    'cat-file',
    '--batch-all-objects',
    '--batch-check=%(objecttype) %(objectname)',
    '--unordered',
  ];
  const { stdout } = await runGit(place, { args });
  const lines = stdout.toString('latin1').split('\n');
  return new Set(lines.filter((line) => line.startsWith('commit ')).map((line) => line.slice(7)));
}
