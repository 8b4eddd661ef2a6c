import type { Entry, EntryDiff } from '../../git/diffs/entry-diff.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { runGit } from '../../git/process/runner.ts';
import { editTreeBytes } from '../../git/trees/tree-edit.ts';
import { pathOf } from '../checks/changed-files.ts';
import type { Change } from '../working-out/change.ts';
import type { History } from '../working-out/closure.ts';

/** Files by path, which is bytes as latin1. */
type Files = Map<string, Entry>;

/** A history in which some files never were, and what became of them in the real one. */
export interface WithoutDerived {
  readonly history: History;
  /** At the tip. */
  readonly now: ReadonlyMap<string, Entry>;
  /** What each change did to them, by its commit. */
  readonly touched: ReadonlyMap<string, readonly EntryDiff[]>;
}

/**
 * Takes derived files out of every tree of a history: what a tool makes of others is in nobody's way then, and no two
 * versions of it are merged.
 */
export async function withoutDerived(
  scratch: Scratch,
  history: History,
  isDerived: (path: string) => boolean,
): Promise<WithoutDerived> {
  const isOne = (bytes: string): boolean => isDerived(pathOf({ path: bytes }));
  const there = await filesIn(scratch, history.base, isOne);
  const pairs = history.changes.map(({ before, after }) => ({ from: before, to: after }));
  const diffs = await scratch.diffs.between(pairs);
  const touched = new Map<string, readonly EntryDiff[]>();
  const changes: Change[] = [];
  const base = await stripped(scratch, history.base, there);
  let before = base;
  for (const [at, { commit, after: made }] of history.changes.entries()) {
    const own = (diffs[at] ?? []).filter(({ path }) => isOne(path));
    if (own.length > 0) touched.set(commit, own);
    for (const { path, to } of own) {
      if (to === null) there.delete(path);
      else there.set(path, to);
    }
    const after = await stripped(scratch, made, there);
    changes.push({ commit, before, after });
    before = after;
  }
  return { history: { ...history, base, head: before, changes }, now: there, touched };
}

function stripped(scratch: Scratch, tree: string, files: Files): Promise<string> {
  return editTreeBytes(
    scratch,
    tree,
    [...files.keys()].map((path) => [path, null] as const),
  );
}

async function filesIn(scratch: Scratch, tree: string, isOne: (path: string) => boolean): Promise<Files> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', tree];
  const { stdout } = await runGit(scratch, { args, env: scratch.env });
  const files: Files = new Map();
  for (const line of stdout.toString('latin1').split('\0')) {
    const [head = '', path = ''] = line.split('\t', 2);
    const [mode = '', , oid = ''] = head.split(' ');
    const name = line.slice(head.length + 1);
    if (path !== '' && isOne(name)) files.set(name, { mode, oid });
  }
  return files;
}
