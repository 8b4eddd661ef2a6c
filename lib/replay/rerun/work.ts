import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionRecord } from '../../core/records/record.ts';
import { openScratch, type Scratch } from '../../git/objects/scratch.ts';
import { makeOwnFolder } from '../../git/process/own-folder.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { differencesOf } from '../compare.ts';
import { type Containment, giveAway } from '../containment/containment.ts';
import type { Limits } from '../containment/limits.ts';
import { type Ended, runLimited } from '../containment/run-limited.ts';
import { MOST_LISTED, type Outcome, type ReplayedCheck } from '../outcome.ts';
import { replayableOf, untried } from '../replayable.ts';
import { treeAfter } from '../tree-after.ts';
import { makeWorkplace, runThere, type Workplace } from '../workplace.ts';
import { type Comparison, compareWork } from './compare.ts';
import { type RerunInputs, rerunInputs } from './inputs.ts';
import { type Checked, rerunVerdict } from './verdict.ts';

export interface RerunOptions {
  /** Starts the agent: a line for a shell, from the user's own settings. It gets the prompts on standard input. */
  readonly runner: string;
  /** Says whether the outcome will do: a line for a shell, run shut in. Null where none is declared. */
  readonly check: string | null;
  readonly containment: Containment | null;
  readonly limits: Limits;
  readonly reads: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readTexts: (record: ExecutionRecord) => Promise<ReadonlyMap<string, string>>;
}

/**
 * Starts an agent again with what it was asked, on the commit it began on, and tells how the outcome compares. The runner is the user's own
 * program and is not shut in; what checks its outcome is. Throws GIT_FAILED.
 */
export async function rerunWork(ledger: Ledger, verified: Outcome, options: RerunOptions): Promise<Outcome> {
  const found = await replayableOf(ledger, verified, options.containment);
  if ('verdict' in found) return found;
  const { record, containment } = found;
  const { inputs, missing } = rerunInputs(record, await options.readTexts(record));
  if (missing.length > 0) return untried(verified, missing);
  const { head, base } = record;
  const { limits, reads } = options;
  const beginning = { repo: ledger.repo, base: head.commit, branch: base.branch, root: null };
  const place = await makeWorkplace(beginning, { containment, limits, reads });
  const scratch = await openScratch(ledger.repo);
  const told = await makeOwnFolder('rerun');
  try {
    const runner = await startAgain(place, inputs, told, options);
    await giveAway(place.folder);
    const tree = await treeAfter(place, scratch, head.commit);
    const check = runner.how === 'exit' && runner.code === 0 ? await checkOutcome(place, options) : null;
    return outcomeOf(verified, { runner, check, ...(await compared(scratch, record, tree)) });
  } finally {
    await scratch.close();
    for (const folder of [place.folder, told])
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function startAgain(
  place: Workplace,
  { prompts, task, model, provider, agent }: RerunInputs,
  told: string,
  { runner, limits, env }: RerunOptions,
): Promise<Ended> {
  await writeFile(join(told, 'task.txt'), task ?? prompts[0] ?? '');
  await writeFile(join(told, 'prompts.json'), JSON.stringify(prompts));
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(GIT|AGENT_LOG)_/.test(name)));
  return runLimited(
    {
      program: '/bin/sh',
      args: ['-c', runner],
      user: null,
      fills: place.folder,
      cwd: place.folder,
      env: {
        ...own,
        AGENT_LOG_TASK: join(told, 'task.txt'),
        AGENT_LOG_PROMPTS: join(told, 'prompts.json'),
        AGENT_LOG_MODEL: model ?? '',
        AGENT_LOG_PROVIDER: provider ?? '',
        AGENT_LOG_AGENT: agent,
      },
      input: prompts.join('\n\n'),
    },
    limits,
  );
}

async function checkOutcome(place: Workplace, { check }: RerunOptions): Promise<Ended | null> {
  return check === null ? null : runThere(place, place.at, ['/bin/sh', '-c', check]);
}

interface Compared {
  readonly comparison: Comparison;
  readonly differences: Outcome['differences'];
}

async function compared(scratch: Scratch, { head, tree }: ExecutionRecord, after: string): Promise<Compared> {
  const base = head.tree ?? emptyTree(scratch.format);
  const recorded = tree ?? base;
  const [first = [], second = [], between = []] = await scratch.diffs.between([
    { from: base, to: recorded },
    { from: base, to: after },
    { from: recorded, to: after },
  ]);
  return { comparison: compareWork(first, second), differences: differencesOf(between) };
}

function outcomeOf(
  verified: Outcome,
  {
    runner,
    check,
    comparison,
    differences,
  }: Compared & { readonly runner: Ended; readonly check: Ended | null },
): Outcome {
  const { differencesLeftOut: _, ...rest } = verified;
  const left = differences.length - MOST_LISTED;
  const checked: Checked =
    check === null ? null : check.how === 'exit' && check.code === 0 ? 'passed' : 'failed';
  return {
    ...rest,
    verdict: rerunVerdict(runner, comparison, checked),
    differences: differences.slice(0, MOST_LISTED),
    ...(left > 0 ? { differencesLeftOut: left } : {}),
    missing: [],
    similarity: Math.round(comparison.similarity * 1000) / 1000,
    checks: [
      checkOf('runner', runner),
      ...(check === null ? [] : [checkOf('check', check)]),
      {
        name: 'risk-classes',
        passed: comparison.newClasses.length === 0,
        why:
          comparison.newClasses.length === 0 ? null : `changed files of ${comparison.newClasses.join(', ')}`,
      },
    ],
  };
}

const ENDINGS = { time: 'took too long', disk: 'left too much', none: 'could not be started' } as const;

function checkOf(name: ReplayedCheck['name'], { how, code }: Ended): ReplayedCheck {
  if (how !== 'exit') return { name, passed: false, why: ENDINGS[how] };
  return { name, passed: code === 0, why: code === 0 ? null : `ended with ${code}` };
}
