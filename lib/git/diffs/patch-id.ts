import { spawn } from 'node:child_process';
import { AgentLogError } from '../../core/errors.ts';
import { needsGit } from '../far/needs-git.ts';
import { gitEnvironment } from '../process/runner.ts';
import { emptyTree } from '../repository/index-diff.ts';
import type { Repository } from '../repository/repository.ts';
import type { TreePair } from '../trees/tree-diff.ts';
import { blindPlace, PINNED_DIFF, PINNED_SETTINGS } from './pinned-diff.ts';

const DIFF = ['diff-tree', ...PINNED_DIFF, '--binary', '-U3'];

/**
 * `git patch-id --verbatim` of the change between two trees or commits; null when there is none. Throws GIT_FAILED when it takes longer
 * than it may.
 */
export async function patchId(repo: Repository, from: string | null, to: string): Promise<string | null> {
  const said = await pipeIntoPatchId(repo, [from ?? emptyTree(repo.format), to, '--'], null);
  return /^([0-9a-f]{40,64}) /.exec(said)?.[1] ?? null;
}

/** The same for many commits, each against its only parent (or nothing, for the first), from one pair of processes. */
export function patchIds(repo: Repository, commits: readonly string[]): Promise<Map<string, string>> {
  return manyPatchIds(repo, new Set(commits), commits);
}

/**
 * The same for many pairs of trees, by id: null where nothing is changed or a tree is not here. git names an answer by
 * the first id of its line alone: pairs that share where they begin are asked from where they end, backwards, and only
 * those that share both with others one after the other.
 */
export async function patchIdsBetween(
  repo: Repository,
  pairs: readonly TreePair[],
): Promise<(string | null)[]> {
  const answers: (string | null)[] = pairs.map(() => null);
  for (const { names, isBack } of roundsOf(pairs)) {
    const lines = [...names].map(([name, at]) => {
      const { from = '', to = '' } = pairs[at] ?? {};
      return `${name} ${isBack ? from : to}`;
    });
    const said = await manyPatchIds(repo, new Set(names.keys()), lines, isBack ? BACKWARDS : []);
    for (const [name, id] of said) answers[names.get(name) ?? -1] = id;
  }
  return answers;
}

/** The change that leads from the second of two trees to the first, printed as if it had been asked the other way round. */
const BACKWARDS: readonly string[] = ['-R', '--src-prefix=b/', '--dst-prefix=a/'];

/** Pairs that are asked together, by place, each under the id that names its answer. */
interface Round {
  readonly names: Map<string, number>;
  readonly isBack: boolean;
}

function roundsOf(pairs: readonly TreePair[]): Round[] {
  const rounds: Round[] = [];
  for (const [at, { from, to }] of pairs.entries()) {
    const free = rounds.find(({ names, isBack }) => !names.has(isBack ? to : from));
    const isBack = rounds.length % 2 === 1;
    if (free !== undefined) free.names.set(free.isBack ? to : from, at);
    else rounds.push({ names: new Map([[isBack ? to : from, at]]), isBack });
  }
  return rounds;
}

async function manyPatchIds(
  repo: Repository,
  asked: Set<string>,
  lines: readonly string[],
  how: readonly string[] = [],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (lines.length === 0) return found;
  const said = await pipeIntoPatchId(repo, ['--stdin', '--root', ...how], `${lines.join('\n')}\n`);
  for (const line of said.split('\n')) {
    const [id, name] = line.split(' ');
    // Deleted once answered: what a binary patch might be made to look like is no second answer.
    if (id !== undefined && name !== undefined && asked.delete(name)) found.set(name, id);
  }
  return found;
}

/** No change that people made takes so long; what does would keep a check waiting until somebody ends it. */
const MOST_MS = 10 * 60 * 1000;

function pipeIntoPatchId(repo: Repository, what: readonly string[], stdin: string | null): Promise<string> {
  if (repo.far?.run) return Promise.reject(needsGit());
  const limit = Math.min(MOST_MS, (repo.patchesUntil ?? Number.POSITIVE_INFINITY) - Date.now());
  if (limit <= 0) return Promise.reject(tooLong());
  const { cwd, env: blind } = blindPlace(repo);
  const env = gitEnvironment({ cwd, foreign: true }, blind);
  const diff = spawn('git', [...PINNED_SETTINGS, ...DIFF, ...what], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const id = spawn('git', [...PINNED_SETTINGS, 'patch-id', '--verbatim'], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  diff.stdin.on('error', () => undefined);
  diff.stdin.end(stdin ?? '');
  diff.stdout.pipe(id.stdin);
  id.stdin.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      diff.kill();
      id.kill();
      reject(tooLong());
    }, limit).unref();
    let text = '';
    id.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    diff.once('error', reject);
    id.once('error', reject);
    id.once('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

function tooLong(): AgentLogError {
  return new AgentLogError('GIT_FAILED', 'system', 'git takes too long to make patch-ids', {
    hints: ['Is there a commit that changes very large files? What it changed can not be compared in time.'],
  });
}
