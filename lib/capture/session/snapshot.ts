import { unquotePath } from '../../git/diffs/quote-path.ts';
import { runGit } from '../../git/process/runner.ts';
import type { Repository } from '../../git/repository/repository.ts';

/** What differed from HEAD at one moment: path -> blob id, null for deleted, 'unknown' when it was not hashed. */
export interface Snapshot {
  readonly top: string | null;
  readonly head: string | null;
  readonly branch: string | null;
  readonly files: ReadonlyMap<string, string | null>;
  /** The list was cut: a path that is not in it may have differed all the same. */
  readonly cut: boolean;
  /** The worktree that was looked at is another repository's. */
  readonly elsewhere?: true;
}

export const UNKNOWN = 'unknown';
const TO_HASH = 'to hash';

/** Paths hashed at the most in one snapshot: a folder of build output must not slow an agent's tool call. */
export const MAX_HASHED = 400;

const STATUS = [
  '--no-optional-locks',
  'status',
  '--porcelain=v2',
  '--branch',
  '--untracked-files=all',
  '--no-renames',
  '--ignore-submodules=none',
];

/** Takes a snapshot the way the spool hook does. */
export async function takeSnapshot(repo: Repository): Promise<Snapshot | null> {
  if (repo.top === null) return null;
  const place = { ...repo, cwd: repo.top };
  const status = (await runGit(place, { args: STATUS })).stdout.toString('utf8');
  const wanted = status.split('\n').flatMap(pathToHash).slice(0, MAX_HASHED);
  const hashing = wanted.length === 0 ? '' : await hashPaths(place, wanted);
  return parseSnapshot(`top ${repo.top}\n${status}hashes\n${hashing}`);
}

async function hashPaths(place: Repository, wanted: readonly string[]): Promise<string> {
  // A file that vanished meanwhile ends the list; those after it stay unknown.
  const { stdout } = await runGit(place, {
    args: ['hash-object', '--stdin-paths'],
    stdin: `${wanted.join('\n')}\n`,
    okCodes: [128],
  });
  return stdout.toString('utf8');
}

/**
 * Parses what the hook wrote: `top <dir>`, the lines of `git status --porcelain=v2 --branch`, a line `hashes`, and the
 * blob ids of those files that differ from the index, in order.
 */
export function parseSnapshot(text: string): Snapshot {
  const [before = '', after = ''] = text.split(/^hashes\n/m, 2);
  const lines = before.split('\n');
  const hashes = after.split('\n').filter((line) => /^[0-9a-f]{40,64}$/.test(line));
  const files = new Map<string, string | null>();
  let hashed = 0;
  for (const line of lines) {
    const entry = parseEntry(line);
    if (entry === null) continue;
    files.set(entry.path, entry.blob === TO_HASH ? (hashes[hashed++] ?? UNKNOWN) : entry.blob);
  }
  const header = (name: string): string | null =>
    lines.find((line) => line.startsWith(name))?.slice(name.length) ?? null;
  const head = header('# branch.oid ');
  const branch = header('# branch.head ');
  return {
    top: header('top '),
    head: head === '(initial)' ? null : head,
    branch: branch === '(detached)' ? null : branch,
    files,
    cut: hashed > hashes.length,
  };
}

/** The name of a file whose content has to be hashed, as `git hash-object --stdin-paths` takes it (quoted or not). */
function pathToHash(line: string): string[] {
  if (line.startsWith('? ')) return [line.slice(2)];
  const match = /^1 .[MTA] N\.\.\. (?:\S+ ){5}(.+)$/.exec(line);
  return match?.[1] ? [match[1]] : [];
}

function parseEntry(line: string): { path: string; blob: string | null } | null {
  const needsHash = pathToHash(line)[0];
  if (needsHash !== undefined) return { path: unquotePath(needsHash), blob: TO_HASH };
  const match = /^1 (.)(.) \S+ \S+ \S+ \S+ \S+ (\S+) (.+)$/.exec(line);
  if (match) {
    const [, , inWorktree, indexBlob = '', path = ''] = match;
    const deleted = inWorktree === 'D' || /^0+$/.test(indexBlob);
    return { path: unquotePath(path), blob: deleted ? null : inWorktree === '.' ? indexBlob : UNKNOWN };
  }
  const unmerged = /^u (?:\S+ ){9}(.+)$/.exec(line);
  return unmerged?.[1] ? { path: unquotePath(unmerged[1]), blob: UNKNOWN } : null;
}
