import { runGit } from '../process/runner.ts';
import type { Repository } from '../repository/repository.ts';
import { blindPlace, PINNED_SETTINGS } from './pinned-diff.ts';

/** One path a change touches. */
export interface ChangedFile {
  readonly path: string;
  /** Where it was before; null unless it was renamed. */
  readonly oldPath: string | null;
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed' | 'type-changed';
  /** As git writes it, after the change, or before it where the path is deleted. */
  readonly mode: string;
  /** Before the change; zeros where there was nothing. */
  readonly oldMode: string;
  /** Null where there was, or is, none. */
  readonly before: string | null;
  readonly after: string | null;
  /** Lines; 0 for what git takes for binary. */
  readonly added: number;
  readonly deleted: number;
}

const STATUS: Readonly<Record<string, ChangedFile['status']>> = {
  A: 'added',
  D: 'deleted',
  R: 'renamed',
  T: 'type-changed',
};

const ARGS = [
  'diff-tree',
  '-r',
  '-z',
  '--raw',
  '--numstat',
  '--no-abbrev',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--diff-algorithm=myers',
  '--ignore-submodules=none',
  '--find-renames',
];

/**
 * What lies between two trees, path by path, with renames followed. What attributes, settings or the worktree say of how a
 * file is compared is not heeded. Throws GIT_FAILED when one of them is not here.
 */
export async function changedFiles(repo: Repository, from: string, to: string): Promise<ChangedFile[]> {
  const { cwd, env } = blindPlace(repo);
  const args = [...PINNED_SETTINGS, ...ARGS, '--end-of-options', from, to, '--'];
  const { stdout } = await runGit({ cwd, foreign: true }, { args, env });
  return parseChangedFiles(stdout.toString('utf8'));
}

/** Parses `diff-tree -z --raw --numstat`: all paths by mode and id, then all of them again by lines. */
export function parseChangedFiles(text: string): ChangedFile[] {
  const tokens = text.split('\0');
  const files: ChangedFile[] = [];
  let at = 0;
  while (tokens[at]?.startsWith(':') === true) {
    const [oldMode = '', mode = '', before = '', after = '', letter = ''] = (tokens[at] ?? '')
      .slice(1)
      .split(' ');
    const isPair = letter.startsWith('R') || letter.startsWith('C');
    const [first = '', second = ''] = [tokens[at + 1], tokens[at + 2]];
    files.push({
      path: isPair ? second : first,
      oldPath: isPair ? first : null,
      status: STATUS[letter.charAt(0)] ?? 'modified',
      mode: letter === 'D' ? oldMode : mode,
      oldMode,
      before: oidOrNull(before),
      after: oidOrNull(after),
      added: 0,
      deleted: 0,
    });
    at += isPair ? 3 : 2;
  }
  const lines = lineCounts(tokens.slice(at));
  return files.map((file) => ({ ...file, ...lines.get(file.path) }));
}

interface Lines {
  readonly added: number;
  readonly deleted: number;
}

function lineCounts(tokens: readonly string[]): Map<string, Lines> {
  const counts = new Map<string, Lines>();
  for (let at = 0; at < tokens.length; ) {
    const [added = '', deleted = '', path = ''] = splitCounts(tokens[at] ?? '');
    // Of a rename the two paths come after: the old one, then the new.
    const name = path === '' ? (tokens[at + 2] ?? '') : path;
    if (added !== '') counts.set(name, { added: Number(added) || 0, deleted: Number(deleted) || 0 });
    at += path === '' && added !== '' ? 3 : 1;
  }
  return counts;
}

/** A path may hold tabs; the numbers before it do not. */
function splitCounts(token: string): readonly string[] {
  return /^(\d+|-)\t(\d+|-)\t([\s\S]*)$/.exec(token)?.slice(1) ?? [];
}

function oidOrNull(oid: string): string | null {
  return /^0+$/.test(oid) ? null : oid;
}
