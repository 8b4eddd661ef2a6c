import { lstat, readFile, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectReader } from '../objects/catfile.ts';
import { type GitPlace, gitText, runGit } from '../process/runner.ts';
import type { Repository } from './repository.ts';

/** What a path names, in a commit or in the worktree. */
export type FoundFile =
  | { readonly kind: 'file'; readonly content: Buffer }
  | { readonly kind: 'missing' | 'folder' | 'submodule' | 'untracked' | 'too-large' }
  /** In another repository: inside a submodule, or a repository git was never told of. */
  | { readonly kind: 'elsewhere'; readonly top: string };

/** What is over is no source text, and nobody asks who wrote line 12 of it. */
export const MAX_FILE_BYTES: number = 256 * 1024 * 1024;

/** Paths are names here, never patterns: a file may be called `*` or `:(top)`. */
const LITERAL = { GIT_LITERAL_PATHSPECS: '1' };

/** What a path is in a commit (by its id), or in the worktree when that is null. Links are not followed, as in git. */
export function findFile(
  repo: Repository,
  reader: ObjectReader,
  revision: string | null,
  path: string,
): Promise<FoundFile> {
  return revision === null ? inWorktree(repo, path) : inCommit(repo, reader, revision, path);
}

/** The newest commit that changed a path as it is in a revision, by the path's own name; null when there is none. */
export async function lastChange(place: GitPlace, revision: string, path: string): Promise<string | null> {
  const args = ['log', '-1', '--format=%H', '--end-of-options', revision, '--', path];
  const { code, stdout } = await runGit(place, { args, env: LITERAL, okCodes: [128] });
  const oid = stdout.toString('utf8').trim();
  return code === 0 && oid !== '' ? oid : null;
}

async function inCommit(
  repo: Repository,
  reader: ObjectReader,
  revision: string,
  path: string,
): Promise<FoundFile> {
  // By ls-tree and not by `<commit>:<path>`: the reader takes one name a line, and a path may have line feeds.
  const args = ['ls-tree', '-z', '--full-tree', '-l', revision, '--', path];
  const { stdout } = await runGit(repo, { args, env: LITERAL });
  const entry = /^(\d+) (blob|tree|commit) ([0-9a-f]+) +(\d+|-)\t/.exec(stdout.toString('latin1'));
  const [, , type, oid = '', size] = entry ?? [];
  if (type === undefined) return { kind: 'missing' };
  if (type !== 'blob') return { kind: type === 'tree' ? 'folder' : 'submodule' };
  if (Number(size) > MAX_FILE_BYTES) return { kind: 'too-large' };
  const blob = await reader.read(oid);
  return blob === null ? { kind: 'missing' } : { kind: 'file', content: blob.content };
}

async function inWorktree(repo: Repository, path: string): Promise<FoundFile> {
  if (repo.top === null) return { kind: 'missing' };
  const full = join(repo.top, path);
  const stat = await lstat(full).catch(() => null);
  if (stat === null) return { kind: 'missing' };
  const mode = await indexMode(repo, path);
  if (mode === '160000') return { kind: 'submodule' };
  if (stat.isDirectory()) return { kind: 'folder' };
  if (mode === null) return outsideIndex(repo, full);
  if (stat.size > MAX_FILE_BYTES) return { kind: 'too-large' };
  if (stat.isSymbolicLink()) return { kind: 'file', content: await readlink(full, { encoding: 'buffer' }) };
  return stat.isFile() ? { kind: 'file', content: await readFile(full) } : { kind: 'untracked' };
}

/** The mode of the index entry of exactly this name; null when there is none. */
async function indexMode(repo: Repository, path: string): Promise<string | null> {
  const args = ['ls-files', '-s', '-z', '--full-name', '--', path];
  const { stdout } = await runGit({ ...repo, cwd: repo.top ?? repo.cwd }, { args, env: LITERAL });
  const entries = stdout.toString('utf8').split('\0');
  const own = entries.find((entry) => entry.slice(entry.indexOf('\t') + 1) === path);
  return own?.slice(0, 6) ?? null;
}

async function outsideIndex(repo: Repository, full: string): Promise<FoundFile> {
  const around = { cwd: dirname(full), foreign: true };
  const top = await gitText(around, 'rev-parse', '--show-toplevel').catch(() => repo.top);
  return top === null || top === repo.top ? { kind: 'untracked' } : { kind: 'elsewhere', top };
}
