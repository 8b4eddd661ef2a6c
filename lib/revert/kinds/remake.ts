import { join } from 'node:path';
import { diffEntries, type Entry } from '../../git/diffs/entry-diff.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { gitEnvironment } from '../../git/process/runner.ts';
import { editTreeBytes } from '../../git/trees/tree-edit.ts';
import { pathOf } from '../checks/changed-files.ts';
import { passes, shellCommand } from '../running/run-command.ts';
import { inWorktree, treeOf, type Worktree } from '../running/worktree.ts';
import { isLockfile } from './path-kinds.ts';
import { globOf, type RegenerateRule, ruleFor } from './regenerate-rules.ts';

/** The user's own commands that make files from others, from local configuration. */
export interface Regenerator {
  readonly rules: readonly RegenerateRule[];
  /** Milliseconds after which a command counts as failed. */
  readonly limit: number;
  /** What the commands print. */
  readonly hear: (text: string) => void;
}

/** A tree with its derived files made again, or which command could not and what it said last. */
export type Remade =
  | { readonly tree: string; readonly failure: null }
  | { readonly tree: null; readonly failure: string };

/** One run of a command: for a lockfile in its folder, as package managers want it, for anything else at the top. */
interface Job {
  readonly rule: RegenerateRule;
  readonly folder: string;
  readonly paths: readonly string[];
}

/**
 * Makes files of a tree again with the commands that are configured for them, in a worktree of its own that holds the tree.
 * Of what the commands do, only files count that their rules name.
 */
export function remake(
  scratch: Scratch,
  tree: string,
  paths: readonly string[],
  regenerator: Regenerator,
): Promise<Remade> {
  return inWorktree(scratch, tree, async (worktree) => {
    const jobs = jobsFor(regenerator.rules, paths);
    for (const job of jobs) {
      const failure = await run(worktree, job, regenerator);
      if (failure !== null) return { tree: null, failure };
    }
    const patterns = jobs.flatMap(({ rule, paths: own }) => [
      ...own.map((path) => `:(top,literal)${path}`),
      `:(top,glob)${globOf(rule.pattern)}`,
    ]);
    const made = await treeOf(scratch, worktree, [...new Set(patterns)]);
    return onlyDerived(scratch, tree, made, regenerator.rules);
  });
}

function jobsFor(rules: readonly RegenerateRule[], paths: readonly string[]): Job[] {
  const jobs = new Map<string, Job & { paths: string[] }>();
  for (const path of [...paths].sort()) {
    const rule = ruleFor(rules, path);
    if (rule === null) continue;
    const folder = isLockfile(path) ? path.slice(0, Math.max(0, path.lastIndexOf('/'))) : '';
    const key = `${rules.indexOf(rule)} ${folder}`;
    const job = jobs.get(key) ?? { rule, folder, paths: [] };
    job.paths.push(path);
    jobs.set(key, job);
  }
  return [...jobs.values()];
}

const LAST_LINES = 5;
const LONGEST_LINE = 160;
const LONGEST_SAYING = 64 * 1024;

/** What went wrong, in words; null when nothing did. */
async function run(
  { dir }: Worktree,
  { rule, folder, paths }: Job,
  { limit, hear }: Regenerator,
): Promise<string | null> {
  const cwd = join(dir, folder);
  let said = '';
  const args = paths.map((path) => `./${folder === '' ? path : path.slice(folder.length + 1)}`);
  const ok = await passes(
    shellCommand(rule.command, {
      cwd,
      env: gitEnvironment({ cwd, foreign: true }),
      limit,
      hear: (text) => {
        const shown = text.replaceAll(`${dir}/`, '').replaceAll(dir, '.');
        said = `${said}${shown}`.slice(-LONGEST_SAYING);
        hear(shown);
      },
      args,
    }),
  );
  if (ok) return null;
  const where = folder === '' ? '' : ` in ${folder}`;
  return [`'${rule.command}'${where} could not make ${paths.join(', ')} again`, ...lastLines(said)].join(
    ': ',
  );
}

/** The last that was said, on one line. */
function lastLines(said: string): string[] {
  const lines = said
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(-LAST_LINES)
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
  return lines.length === 0 ? [] : [lines.join(' / ')];
}

/** The tree with what was made of the files that rules name, and nothing else a command did. */
async function onlyDerived(
  scratch: Scratch,
  tree: string,
  made: string,
  rules: readonly RegenerateRule[],
): Promise<Remade> {
  const edits: [path: string, entry: Entry | null][] = [];
  for await (const { path, to } of diffEntries(scratch, tree, made)) {
    if (ruleFor(rules, pathOf({ path })) === null) continue;
    if (to !== null && !to.mode.startsWith('100'))
      return { tree: null, failure: `${pathOf({ path })} would be no regular file` };
    edits.push([path, to]);
  }
  return { tree: await editTreeBytes(scratch, tree, edits), failure: null };
}
