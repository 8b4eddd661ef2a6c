import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { PlanOptions, RevertPlan } from '../../lib/revert/plan.ts';
import type { TestRepo } from './repo.ts';
import type { Scene } from './revert.ts';
import { schemaProblems } from './schema.ts';

export const REVERT = fileURLToPath(new URL('../../bin/git-agent-revert', import.meta.url));

/** All a plan promises, in a form that a test can name in full. */
export interface Outcome
  extends Pick<RevertPlan, 'verdict' | 'kept' | 'missing' | 'claimed' | 'residue' | 'superseded'> {
  readonly exit: number;
  /** Kind, commit and members, newest first. */
  readonly units: readonly (readonly [string, string, readonly string[]])[];
  /** Commit, transaction and paths, and why. */
  readonly blockers: readonly (readonly [string, string | null, readonly string[], string])[];
  /** Flag, verdict and what it takes with it. */
  readonly options: readonly (readonly [string, string, readonly string[]])[];
  /** What changes, as `M path`. */
  readonly files: readonly string[];
  /** Every file of the result by path; null where nothing can be applied. */
  readonly tree: Readonly<Record<string, string>> | null;
}

/** What is so where nothing is said. */
export const PLAIN = {
  missing: [],
  claimed: [],
  residue: [],
  superseded: [],
  blockers: [],
  options: [],
  kept: 0,
} as const;

const FLAGS: Readonly<Record<string, PlanOptions>> = {
  '--with-dependants': { withDependants: true },
  '--relaxed': { relaxed: true },
  '--hunks': { hunks: true },
  '--accept-shared': { acceptShared: true },
};

/**
 * Plans with the library and with the program: both must tell the same, the answer must meet its schema, and not a byte
 * of the repository may be another one after.
 */
export async function outcome(made: Scene, flags: readonly string[] = [], name = 'one'): Promise<Outcome> {
  const before = await everyByte(made.repo);
  const { code, stdout, stderr } = await made.repo.exec(REVERT, [
    '--plan',
    '--json',
    ...flags,
    made.txn(name),
  ]);
  expect(stderr).toBe('');
  const plan = JSON.parse(stdout) as RevertPlan;
  expect(schemaProblems(plan)).toEqual([]);
  const options = Object.assign({ txn: name }, ...flags.map((flag) => FLAGS[flag])) as PlanOptions;
  const planned = await made.plan(options);
  expect(planned.plan).toEqual(plan);
  expect(await everyByte(made.repo)).toEqual(before);
  const paths = plan.resultTree === null ? [] : await planned.files();
  const contents = await Promise.all(paths.map(async (path) => [path, await planned.file(path)] as const));
  const { verdict, kept, missing, claimed, residue, superseded } = plan;
  return {
    exit: code,
    verdict,
    kept,
    missing,
    claimed,
    residue,
    superseded,
    units: plan.units.map(({ kind, commit, members }) => [kind, commit, members]),
    blockers: plan.blockers.map((one) => [one.commit, one.txn, one.paths, one.reason]),
    options: plan.options.map((option) => [option.flag, option.verdict, option.adds]),
    files: plan.files.map(
      ({ path, change }) => `${change === 'type' ? 'T' : change[0]?.toUpperCase()} ${path}`,
    ),
    tree: plan.resultTree === null ? null : (Object.fromEntries(contents) as Record<string, string>),
  };
}

/** Every file of a repository and its worktree with what is in it. Only what `git agent-log` keeps for itself is left out. */
export async function everyByte(repo: TestRepo): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(repo.dir, folder))) {
      const path = folder === '' ? entry : `${folder}/${entry}`;
      if (path === '.git/agent-log') continue;
      const at = join(repo.dir, path);
      const stat = await lstat(at);
      if (stat.isDirectory()) {
        found[`${path}/`] = 'folder';
        await walk(path);
      } else
        found[path] = `${stat.mode.toString(8)} ${
          stat.isSymbolicLink()
            ? await readlink(at)
            : createHash('sha256')
                .update(await readFile(at))
                .digest('hex')
        }`;
    }
  };
  await walk('');
  return found;
}
