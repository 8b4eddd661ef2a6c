import { resolve } from 'node:path';
import { AgentLogError, messageOf } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import type { SagaRecord } from '../../core/records/record.ts';
import { openScratch } from '../../git/objects/scratch.ts';
import { findRepository, type Repository } from '../../git/repository/repository.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { defaultRemote } from '../../ledger/sync/remote-ledger.ts';
import { type NamedRepository, readRepositoryList } from '../../revert/saga/list.ts';
import { isItself, type SagaPlace, targetOf } from '../../revert/saga/place.ts';
import { type ClosedPlace, isOpen, planSaga, type SagaPlan } from '../../revert/saga/plan.ts';
import type { SagaRun } from '../../revert/saga/run.ts';
import { abortSaga, applySaga, continueSaga, unfinishedSaga } from '../../revert/saga/saga.ts';
import { withLedger } from '../shared/open.ts';
import { tellingProgress } from '../shared/planning.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderSaga, renderSagaPlan } from '../views/saga.ts';
import { planFlags } from './plan-settings.ts';
import { commitConfig } from './revert-settings.ts';

/** Flags that are about one repository, or one branch of it. */
const ALONE = ['onto', 'each', 'branch', 'path', 'worktree', 'reland'];

/** `git agent-revert --repos FILE`: plan everywhere first, publish all or none. */
export async function runRepos(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const file = resolve(io.cwd, String(flags['repos']));
  refuseWithOthers(args, flags);
  const listed = await readRepositoryList(file);
  const found = await Promise.all(listed.map(repositoryOf));
  refuseTwice(found);
  const ios = found.map(({ repo }) =>
    repo === null ? null : { ...io, cwd: repo.cwd, repository: Promise.resolve(repo) },
  );
  return withLedgers(ios, async (ledgers) => {
    const scratches = await Promise.all(
      ledgers.map(async (ledger) => (ledger === null ? null : openScratch(ledger.repo))),
    );
    const here = found.map((one, i) => ({
      ...one,
      ledger: ledgers[i] ?? null,
      scratch: scratches[i] ?? null,
    }));
    try {
      return flags['continue'] === true || flags['abort'] === true
        ? await goOn(io, here, flags)
        : await planAndApply(io, here, args, flags);
    } finally {
      await Promise.all(scratches.map(async (scratch) => scratch?.close()));
    }
  });
}

type Found =
  | { readonly listed: NamedRepository; readonly repo: Repository; readonly problem: null }
  | { readonly listed: NamedRepository; readonly repo: null; readonly problem: string };
type Here = Found & { readonly ledger: Ledger | null; readonly scratch: SagaPlace['scratch'] | null };

async function planAndApply(
  io: Io,
  here: readonly Here[],
  names: readonly string[],
  flags: Flags,
): Promise<number> {
  const places = await Promise.all(here.map((one) => openPlace(io, one, flags)));
  const plan = await tellingProgress(io, flags, (onProgress) =>
    planSaga(
      places.map((place) => (isOpen(place) ? { ...place, flags: { ...place.flags, onProgress } } : place)),
      names,
    ),
  );
  if (flags['plan'] === true || plan.verdict !== 'clean') {
    if (flags['json'] === true) io.print(`${JSON.stringify(plan)}\n`);
    else await io.page(renderSagaPlan(plan, io));
    return exitCodeOf(plan);
  }
  const done = await applySaga(runOf(io, places.filter(isOpen), flags), plan);
  return answer(io, done, flags, renderSagaPlan(plan, io));
}

/** What was begun is finished on the branches it was begun on, whatever the list says of them now. */
async function goOn(io: Io, here: readonly Here[], flags: Flags): Promise<number> {
  const intent = await unfinishedSaga(here.flatMap(({ repo }) => (repo === null ? [] : [repo])));
  const steps = new Map(intent.record.repositories.map((step) => [step.name, step]));
  const concerned = here.filter(({ listed }) => steps.has(listed.name));
  const places = await Promise.all(
    concerned.map((one) => {
      const step = steps.get(one.listed.name);
      const { remote: _remote, ...listed } = one.listed;
      const at = { branch: step?.branch ?? '', ...(step?.remote == null ? {} : { remote: step.remote }) };
      return openPlace(io, { ...one, listed: { ...listed, ...at } }, { ...flags, push: false });
    }),
  );
  const closed = places.find((place) => !isOpen(place));
  if (closed !== undefined && !isOpen(closed))
    throw new AgentLogError('NOT_FOUND', 'integrity', `${closed.name}: ${closed.problem}`, {
      hints: ['Nothing was changed. Every repository it was begun in is needed to finish it.'],
    });
  const run = runOf(io, places.filter(isOpen), flags, intent.record.reason);
  const done = await (flags['abort'] === true ? abortSaga(run, intent) : continueSaga(run, intent));
  return answer(io, done, flags, '');
}

async function answer(io: Io, saga: SagaRecord, flags: Flags, before: string): Promise<number> {
  if (flags['json'] === true) io.print(`${JSON.stringify(saga)}\n`);
  else await io.page(`${before}${renderSaga(saga, io)}`);
  const isAsked = saga.state === (flags['abort'] === true ? 'aborted' : 'done');
  return isAsked ? 0 : 1;
}

function runOf(
  io: Io,
  places: readonly SagaPlace[],
  flags: Flags,
  reason: string | null = typeof flags['reason'] === 'string' ? flags['reason'] : null,
): SagaRun {
  return {
    places: new Map(places.map((place) => [place.name, place])),
    actor: { reason, env: io.env, clock: () => Date.now() },
    say: (text) => io.say(`${escapeTerminal(text, true)}\n`),
  };
}

async function repositoryOf(listed: NamedRepository): Promise<Found> {
  try {
    const repo = await findRepository({ cwd: listed.path, foreign: true });
    if (await isItself(listed, repo)) return { listed, repo, problem: null };
    return { listed, repo: null, problem: 'it is a folder of another repository' };
  } catch (error) {
    if (!(error instanceof AgentLogError)) throw error;
    return { listed, repo: null, problem: messageOf(error) };
  }
}

async function openPlace(io: Io, here: Here, flags: Flags): Promise<SagaPlace | ClosedPlace> {
  const { listed, ledger, scratch } = here;
  const { name } = listed;
  if (ledger === null || scratch === null) return { name, problem: here.problem ?? 'it is not there' };
  try {
    const remote = listed.remote ?? (flags['push'] === true ? await defaultRemote(ledger.repo) : undefined);
    const target = await targetOf(ledger.repo, { ...listed, ...(remote === undefined ? {} : { remote }) });
    const config = await commitConfig(ledger.repo);
    return { name, ledger, scratch, ...target, config, flags: await planFlags(io, ledger, scratch, flags) };
  } catch (error) {
    if (!(error instanceof AgentLogError)) throw error;
    return { name, problem: messageOf(error) };
  }
}

/** Opens the ledgers one inside the other, so that each is closed whatever happens. */
function withLedgers<T>(
  ios: readonly (Io | null)[],
  work: (ledgers: readonly (Ledger | null)[]) => Promise<T>,
): Promise<T> {
  const [first, ...rest] = ios;
  if (first === undefined) return work([]);
  if (first === null) return withLedgers(rest, (ledgers) => work([null, ...ledgers]));
  return withLedger(first, (ledger) => withLedgers(rest, (ledgers) => work([ledger, ...ledgers])));
}

function refuseWithOthers(args: readonly string[], flags: Flags): void {
  const other = ALONE.find((flag) => flags[flag] !== undefined && flags[flag] !== false);
  if (other !== undefined) throw usage(`--repos does not go with --${other}`);
  if (flags['commit'] === false) throw usage('--repos does not go with --no-commit');
  const goesOn = flags['continue'] === true || flags['abort'] === true;
  if (flags['continue'] === true && flags['abort'] === true) throw usage('--continue or --abort, not both');
  if (goesOn && (args.length > 0 || flags['plan'] === true))
    throw usage('what was begun is known: --continue and --abort take neither a transaction nor --plan');
  if (!goesOn && args.length === 0) throw usage('agent-revert needs a transaction');
}

function refuseTwice(found: readonly Found[]): void {
  const seen = new Set<string>();
  for (const { repo, listed } of found) {
    if (repo !== null && seen.has(repo.commonDir)) throw usage(`${listed.name} is in the list twice`);
    if (repo !== null) seen.add(repo.commonDir);
  }
}

function usage(problem: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', problem, {
    hints: ['git agent-revert -h says what it takes.'],
  });
}

function exitCodeOf({ verdict }: SagaPlan): number {
  if (verdict === 'incomplete') return 3;
  return verdict === 'needs-decision' ? 1 : 0;
}
