import { AgentLogError } from '../../core/errors.ts';
import type { GitObject, ObjectReader } from '../objects/catfile.ts';
import { type Commit, parseTree } from '../objects/objects.ts';
import type { GitCall, GitResult } from '../process/runner.ts';
import { needsGit } from './needs-git.ts';
import type { FarNaming } from './source.ts';

/** What git would be asked of a repository, of objects that are in memory. */
interface Standing {
  readonly reader: ObjectReader;
  /** An object that a tree names. */
  readonly object: (oid: string) => Promise<GitObject>;
  readonly commit: (oid: string) => Promise<Commit | null>;
  readonly naming: FarNaming;
}

type Doing = (standing: Standing, args: readonly string[], call: GitCall) => Promise<GitResult>;

const COMMANDS: ReadonlyMap<string, Doing> = new Map<string, Doing>([
  ['ls-tree', listTree],
  ['grep', searchTree],
  ['rev-list', listCommits],
  ['remote', () => Promise.resolve(answer('origin\n'))],
  ['config', () => Promise.resolve(answer('', 1))],
]);

/** Does what git would, of the few things that reading a ledger takes. Throws GIT_FAILED for anything else. */
export function standIn(standing: Standing, call: GitCall): Promise<GitResult> {
  const [command = '', ...args] = withoutSettings(call.args);
  const doing = COMMANDS.get(command);

  return doing === undefined ? Promise.reject(needsGit()) : doing(standing, args, call);
}

function withoutSettings(args: readonly string[]): readonly string[] {
  return args[0] === '-c' ? withoutSettings(args.slice(2)) : args;
}

function answer(text: string | Buffer, code = 0): GitResult {
  return { code, stdout: Buffer.from(text as string), stderr: '' };
}

interface Found {
  readonly mode: string;
  readonly path: string;
  readonly oid: string;
}

const MOST_ENTRIES = 5_000_000;

async function filesOf({ reader, object }: Standing, tree: string): Promise<Found[] | null> {
  const root = await reader.read(`${tree}:`);
  if (root?.type !== 'tree') return null;
  const found: Found[] = [];
  let seen = 0;
  const walk = async (content: Buffer, prefix: string): Promise<void> => {
    for (const { mode, name, oid } of parseTree(content, 20)) {
      if (++seen > MOST_ENTRIES) throw needsGit();
      const subtree = mode === '40000' ? await object(oid) : null;
      if (subtree?.type === 'tree') await walk(subtree.content, `${prefix}${name}/`);
      else found.push({ mode, path: prefix + name, oid });
    }
  };
  await walk(root.content, '');
  return found;
}

async function listTree(standing: Standing, args: readonly string[]): Promise<GitResult> {
  const files = await filesOf(standing, args.at(-1) ?? '');
  if (files === null) return answer('', 128);
  const typeOf = (mode: string): string => (mode === '160000' ? 'commit' : 'blob');
  return answer(files.map(({ mode, oid, path }) => `${mode} ${typeOf(mode)} ${oid}\t${path}\0`).join(''));
}

/** `grep -z -F -e text… tree -- :/`: names of the files with `-l`, else their lines; no empty text is looked for but as that. */
async function searchTree(standing: Standing, args: readonly string[]): Promise<GitResult> {
  const isNames = args.includes('-l');
  const texts = args.flatMap((arg, i) => (args[i - 1] === '-e' ? [Buffer.from(arg)] : []));
  const tree = args[args.indexOf('--') - 1] ?? '';
  const files = await filesOf(standing, tree);
  if (files === null) return answer('', 128);
  const found: Buffer[] = [];
  for (const { mode, oid, path } of files) {
    if (mode === '160000') continue;
    const { content } = await standing.object(oid);
    const name = `${tree}:${path}\0`;
    if (!texts.some((text) => content.includes(text))) continue;
    if (isNames) found.push(Buffer.from(name));
    else for (const line of linesOf(content)) found.push(Buffer.from(name), line, LINE_FEED);
  }
  return answer(Buffer.concat(found), found.length === 0 ? 1 : 0);
}

const LINE_FEED = Buffer.from('\n');

function* linesOf(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; ) {
    const found = content.indexOf(10, at);
    const end = found < 0 ? content.length : found;
    yield content.subarray(at, end);
    at = end + 1;
  }
}

const GROUPS: Readonly<Record<string, string>> = {
  '--branches': 'refs/heads/',
  '--remotes': 'refs/remotes/',
  '--tags': 'refs/tags/',
};

/** Commits that some revisions reach and others do not, newest first as far as their dates say so. */
async function listCommits(
  standing: Standing,
  args: readonly string[],
  { stdin, okCodes }: GitCall,
): Promise<GitResult> {
  await standing.naming.history();
  const lines = typeof stdin === 'string' ? stdin.split('\n').filter(Boolean) : [];
  const { wanted, unwanted } = revisionsOf(standing.naming, args, lines);
  const [from, to] = await Promise.all([idsOf(standing, wanted), idsOf(standing, unwanted)]);
  if (from === null || to === null) {
    if (okCodes?.includes(128) === true) return answer('', 128);
    throw new AgentLogError('GIT_FAILED', 'system', 'no such revision');
  }
  if (args.includes('--max-count=0')) return answer('');
  const away = await reached(standing, to);
  const found = [...(await reached(standing, from))].filter(([oid]) => !away.has(oid));
  found.sort(([, a], [, b]) => b - a);
  return answer(found.map(([oid]) => `${oid}\n`).join(''));
}

function revisionsOf(
  { byName }: FarNaming,
  args: readonly string[],
  lines: readonly string[],
): { readonly wanted: readonly string[]; readonly unwanted: readonly string[] } {
  const wanted: string[] = [];
  const unwanted: string[] = [];
  let [into, out] = [wanted, unwanted];
  const put = (word: string): void => {
    const [from, to] = word.split('..');
    if (to !== undefined) {
      out.push(from || 'HEAD');
      into.push(to || 'HEAD');
    } else if (word.startsWith('^')) out.push(word.slice(1));
    else into.push(word);
  };
  for (const line of lines) put(line);
  for (const arg of args) {
    const group = GROUPS[arg];
    if (arg === '--not') [into, out] = [out, into];
    else if (group !== undefined)
      for (const name of byName.keys()) if (name.startsWith(group)) into.push(name);
    if (!arg.startsWith('-')) put(arg);
  }
  return { wanted, unwanted };
}

/** Commits by name; null when one is none. */
async function idsOf({ reader }: Standing, names: readonly string[]): Promise<string[] | null> {
  const found = await Promise.all(names.map((name) => reader.read(`${name}^{commit}`)));
  const ids = found.flatMap((object) => object?.oid ?? []);
  return ids.length === names.length ? ids : null;
}

/** Commits that can be reached, each with its date. */
async function reached({ commit }: Standing, from: readonly string[]): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  const open = [...from];
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    if (seen.has(oid)) continue;
    const read = await commit(oid);
    if (read === null) continue;
    seen.set(oid, Number(/> (\d+) /.exec(read.committer)?.[1] ?? 0));
    open.push(...read.parents);
  }
  return seen;
}
