import { createHash } from 'node:crypto';
import { countUnits } from '../../lib/core/records/note-union.ts';
import type { TestRepo } from './repo.ts';

/** Ids spread as git's are, the same on every run. */
export function ids(count: number, seed = ''): string[] {
  return Array.from({ length: count }, (_, i) => createHash('sha1').update(`${seed}${i}`).digest('hex'));
}

/** A line as a record's is: JSON, on one line. */
export function jsonLine(text: string): string {
  return JSON.stringify({ schema: 'test', text });
}

export interface LedgerCommit {
  readonly parents?: readonly string[];
  /** Start from the first parent's files. Default: from none. */
  readonly onParent?: boolean;
  /** Modes other than a file's, by path. */
  readonly modes?: Readonly<Record<string, string>>;
}

/** Points a ref at a new commit with exactly these files, as no careful writer would. Gives the commit. */
export async function writeLedger(
  repo: TestRepo,
  ref: string,
  files: Readonly<Record<string, string>>,
  { parents = [], onParent = false, modes = {} }: LedgerCommit = {},
): Promise<string> {
  const message = `hand-made ${Object.keys(files).length}`;
  const lines = [`commit ${ref}`, 'committer Led Ger <ledger@example.com> 1795348800 +0000'];
  lines.push(`data ${message.length}`, message);
  parents.forEach((parent, i) => lines.push(`${i === 0 ? 'from' : 'merge'} ${parent}`));
  if (!onParent) lines.push('deleteall');
  for (const [path, content] of Object.entries(files)) {
    const mode = modes[path] ?? '100644';
    if (mode === '160000') lines.push(`M ${mode} ${content} ${path}`);
    else lines.push(`M ${mode} inline ${path}`, `data ${Buffer.byteLength(content)}`, content);
  }
  // Without `from` a branch that is there would go on from where it is.
  await repo.tryGit(['update-ref', '-d', ref]);
  const { code, stderr } = await repo.tryGit(['fast-import', '--quiet', '--force', '--done'], {
    input: `${lines.join('\n')}\ndone\n`,
  });
  if (code !== 0) throw new Error(`fast-import: ${stderr}`);
  return repo.git('rev-parse', ref);
}

/** Every file of a ledger, by path. */
export async function filesOf(repo: TestRepo, revision: string): Promise<Map<string, string>> {
  const { stdout } = await repo.tryGit(['ls-tree', '-r', '-z', '--full-tree', revision]);
  const entries = stdout
    .split('\0')
    .filter(Boolean)
    .map((line) => /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line)?.slice(1) ?? []);
  const read = await repo.tryGit(['cat-file', '--batch'], {
    input: entries.map(([, , oid]) => `${oid}\n`).join(''),
  });
  const files = new Map<string, string>();
  let rest = Buffer.from(read.stdout);
  for (const [, type = '', oid = '', path = ''] of entries) {
    const end = rest.indexOf(10);
    const head = rest.toString('utf8', 0, end).split(' ');
    const size = head[1] === 'missing' ? -1 : Number(head[2]);
    files.set(path, size < 0 ? `${type} ${oid}` : rest.toString('utf8', end + 1, end + 1 + size));
    rest = rest.subarray(size < 0 ? end + 1 : end + 2 + size);
  }
  return files;
}

/** What a ledger says of each object, whatever the fan-out: each line or paragraph with how often it is there. */
export async function unitsOf(
  repo: TestRepo,
  revision: string,
): Promise<Record<string, Record<string, number>>> {
  const all: Record<string, Record<string, number>> = {};
  for (const [path, text] of await filesOf(repo, revision)) {
    const object = path.replaceAll('/', '');
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(object)) continue;
    const units = (all[object] ??= {});
    for (const [unit, count] of countUnits(text)) units[unit] = Math.max(units[unit] ?? 0, count);
  }
  return all;
}
