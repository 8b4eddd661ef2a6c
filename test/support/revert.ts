import { onTestFinished } from 'vitest';
import type { ExecutionRecord } from '../../lib/core/records/record.ts';
import { openScratch, type Scratch } from '../../lib/git/objects/scratch.ts';
import { readConfig } from '../../lib/git/repository/config.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts';
import { type Applied, type ApplyOptions, applyRevert } from '../../lib/revert/apply/apply.ts';
import { type PlanOptions, planReland, planRevert, type RevertPlan } from '../../lib/revert/plan.ts';
import { type AgentCommit, agentCommit } from './agent-commits.ts';
import { NOW } from './records.ts';
import { makeRepo, type RepoOptions, type TestRepo } from './repo.ts';

export type Files = Readonly<Record<string, string>>;

/** Ten numbered lines, some of them replaced; an empty text takes a line away. */
export function ten(replaced: Readonly<Record<number, string>> = {}): string {
  return lines(Array.from({ length: 10 }, (_, i) => replaced[i + 1] ?? `${i + 1}`));
}

export function lines(all: readonly string[]): string {
  return all
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('');
}

/** A repository in which an agent and a person work in turn. */
export interface Scene {
  readonly repo: TestRepo;
  readonly ledger: Ledger;
  /** Where plans are made. */
  readonly scratch: Scratch;
  /** A recorded commit of the one transaction; `txn` names another. */
  readonly agent: (files: Files, txn?: string, fields?: Partial<ExecutionRecord>) => Promise<string>;
  readonly person: (files: Files) => Promise<string>;
  /** Id of the transaction `agent` commits for. */
  readonly txn: (name?: string) => string;
  /** Plans undoing it; the files of the result by path, `null` for one that is not there. */
  readonly plan: (options?: ScenePlan) => Promise<PlannedScene>;
}

/** `txn` names one by the name it has in the scene, or several; `reland` brings it back. */
export interface ScenePlan extends PlanOptions {
  readonly txn?: string | readonly string[];
  readonly reland?: boolean;
}

export interface PlannedScene {
  readonly plan: RevertPlan;
  readonly apply: (options?: Partial<ApplyOptions>) => Promise<Applied>;
  readonly file: (path: string) => Promise<string | null>;
  readonly files: () => Promise<string[]>;
}

export async function scene(options: RepoOptions = {}): Promise<Scene> {
  const repo = await makeRepo(options);
  const ledger = openLedger(await findRepository({ cwd: repo.dir }));
  const scratch = await openScratch(ledger.repo);
  onTestFinished(async () => {
    ledger.close();
    await scratch.close();
    await repo.remove();
  });
  const last = new Map<string, AgentCommit>();
  const txn: Scene['txn'] = (name = 'one') => last.get(name)?.record.record.txn ?? '';
  return {
    repo,
    ledger,
    scratch,
    txn,
    agent: async (files, name = 'one', fields = {}) => {
      const after = last.get(name);
      const more = after === undefined ? {} : { after };
      const made = await agentCommit(repo, ledger, files, { fields, ...more });
      last.set(name, made);
      return made.oid;
    },
    person: (files) => repo.commit('By hand', files),
    plan: async ({ txn: name = 'one', reland = false, ...options } = {}) => {
      const names = typeof name === 'string' ? [name] : name;
      const plan = await (reland ? planReland : planRevert)(ledger, scratch, names.map(txn), options);
      const read = (args: readonly string[]): Promise<{ code: number; stdout: string }> =>
        repo.exec('git', [`--git-dir=${scratch.dir}`, ...args]);
      return {
        plan,
        apply: async (more = {}) =>
          applyRevert(ledger, scratch, plan, {
            reason: null,
            env: {},
            config: await readConfig(ledger.repo, ['user', 'commit']),
            now: NOW,
            ...more,
          }),
        file: async (path) => {
          const { code, stdout } = await read(['cat-file', 'blob', `${plan.resultTree ?? ''}:${path}`]);
          return code === 0 ? stdout : null;
        },
        files: async () =>
          (await read(['ls-tree', '-r', '--name-only', plan.resultTree ?? ''])).stdout
            .split('\n')
            .filter(Boolean),
      };
    },
  };
}

/** Does work on a new branch that forks from where HEAD is, and goes back to main. Gives what the work does. */
export async function onBranch<T>(
  { repo }: Pick<Scene, 'repo'>,
  branch: string,
  work: () => Promise<T>,
): Promise<T> {
  await repo.git('checkout', '-q', '-b', branch);
  const done = await work();
  await repo.git('checkout', '-q', 'main');
  return done;
}

/** Merges branches into main as a host does, with a commit of its own. Gives the merge. */
export async function merged({ repo }: Pick<Scene, 'repo'>, ...branches: string[]): Promise<string> {
  await repo.git('checkout', '-q', 'main');
  await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', ...branches);
  return repo.git('rev-parse', 'HEAD');
}
