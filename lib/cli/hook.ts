import { type BindOptions, bindPending } from '../capture/commit/bind.ts';
import { type HookCall, prepareCommitMessage, sealEditedMessage } from '../capture/commit/git-hooks.ts';
import { ASKED } from '../capture/commit/questions.ts';
import { SEAL_CONFIG } from '../capture/commit/seal.ts';
import { placeOf } from '../capture/place.ts';
import { writeJournal } from '../capture/spool/journal.ts';
import { AgentLogError, messageOf } from '../core/errors.ts';
import { escapeTerminal } from '../core/escape.ts';
import { loadRules } from '../core/redact.ts';
import { readConfig } from '../git/config.ts';
import { findRepository, type Repository } from '../git/repository.ts';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import { openShell, releaseAfter } from './hook-shell.ts';
import { codeName, type Ended } from './start.ts';

/** No hook keeps a commit waiting longer: then it lets go, and what is left undone stays pending. */
const HOOK_LIMIT_MS = 2000;
const BACKGROUND_PATIENCE_MS = 20_000;
/** Counted from the start of the process: its shell waits for two seconds in all. */
const PUSH_RELEASE_MS = 1600;

/** Where hooks start: they run inside a commit, and have a bundle of their own with only what that takes. */
export function main(argv: readonly string[]): Promise<Ended> {
  return runHook(argv.slice(1));
}

/**
 * What the installed hooks call: `prepare-commit-msg`, `commit-msg`, `unsealed`, `bind <why>`, `drain`. Never fails a commit: a
 * problem is said on stderr and written to the journal.
 */
async function runHook(argv: readonly string[]): Promise<Ended> {
  const [name = '', ...args] = argv;
  const background = name === 'bind' || name === 'drain' || name === 'pre-push';
  const limit = background ? undefined : setTimeout(() => giveUp(name), HOOK_LIMIT_MS);
  let repo: Repository | null = null;
  let did: string | null = null;
  try {
    const shell = args[0] === ASKED ? openShell() : null;
    const heard = await shell?.heard;
    const here = { cwd: process.cwd(), ...(heard === undefined ? {} : { heard }) };
    const asked = Promise.all([findRepository(here), readConfig(here, SEAL_CONFIG)]);
    // Loaded while git answers: what a commit waits for is the longer of the two, not the sum.
    const rules = name === 'prepare-commit-msg' ? loadRules() : null;
    // A failure to load shows where they are used.
    rules?.catch(() => undefined);
    const [found, config] = await asked;
    repo = found;
    const worked = await runNamed(name, {
      repo,
      config,
      args: shell === null ? args : args.slice(1),
      env: process.env,
      gitPid: process.env['AGENT_LOG_GIT_PID'] ?? null,
      now: Date.now(),
      ...(shell === null ? {} : { seal: shell.seal }),
    });
    did = worked ? codeName(['hook', name]) : null;
  } catch (error) {
    await report(repo, name, error);
  } finally {
    clearTimeout(limit);
  }
  return { code: 0, did };
}

/** False when there was nothing to do. */
async function runNamed(name: string, call: HookCall): Promise<boolean> {
  switch (name) {
    case 'prepare-commit-msg':
      return (await prepareCommitMessage(call)) !== null;
    case 'unsealed':
      throw new AgentLogError('GIT_FAILED', 'system', 'the trailers could not be put into the message');
    case 'commit-msg':
      await sealEditedMessage(call);
      return true;
    case 'bind':
      await bind(call, call.args[0] ?? 'hook');
      return true;
    case 'drain':
      await drain(call);
      return true;
    case 'pre-push':
      return sendAlong(call);
    default:
      process.stderr.write(`git-agent-log: no hook is called '${escapeTerminal(name)}'\n`);
      return false;
  }
}

/** What an agent's hooks start in the background: after a shell call that moved HEAD, and when the agent stops. */
async function drain(call: HookCall): Promise<void> {
  const { catchUp } = await import('../capture/spool/catch-up.ts');
  const { endLanded } = await import('../capture/transaction/until-landed.ts');
  await withOpenLedger(call, async (ledger) => {
    await catchUp(ledger, bindOptions(call, call.args[0] ?? 'stop'));
    await endLanded(ledger, call.config, call.now);
  });
  const { pruneRegistry } = await import('../capture/registry.ts');
  await pruneRegistry(call.env, call.now, null);
}

/** Binds what waits, and sends the ledger along with the commits. The push goes on after two seconds at the latest. */
async function sendAlong(call: HookCall): Promise<boolean> {
  const { pushAlong } = await import('../capture/push-along.ts');
  const waiting = releaseAfter(
    PUSH_RELEASE_MS,
    'records are still on their way; `git agent-log doctor` tells',
  );
  try {
    return await withOpenLedger(call, async (ledger) => {
      await bindAll(ledger, bindOptions(call, 'pre-push'));
      return pushAlong(ledger, call);
    });
  } catch (error) {
    waiting.release(`${messageOf(error)} (the push goes on)`);
    throw error;
  } finally {
    waiting.release('');
  }
}

function bind(call: HookCall, via: string): Promise<unknown> {
  return withOpenLedger(call, (ledger) => bindAll(ledger, bindOptions(call, via)));
}

async function bindAll(ledger: Ledger, options: BindOptions): Promise<void> {
  await bindPending(ledger, options);
  const [{ takeInRewritten }, { landRewound }] = await Promise.all([
    import('../capture/rewritten/index.ts'),
    import('../capture/rewound/index.ts'),
  ]);
  await takeInRewritten(ledger, options);
  // Also to know where branches are now, for when they are somewhere else.
  await landRewound(ledger, options);
}

function bindOptions({ env, config, now }: HookCall, via: string): BindOptions {
  return { via, env, config, now, patience: BACKGROUND_PATIENCE_MS };
}

async function withOpenLedger<T>(call: HookCall, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = openLedger(call.repo);
  try {
    return await work(ledger);
  } finally {
    ledger.close();
  }
}

async function report(repo: Repository | null, hook: string, error: unknown): Promise<void> {
  const problem = messageOf(error);
  process.stderr.write(
    `git-agent-log: ${escapeTerminal(problem)} (the commit goes on; see git agent-log doctor)\n`,
  );
  if (repo === null) return;
  await writeJournal(placeOf(repo), { at: new Date().toISOString(), hook, problem }).catch(
    (cause: unknown) => {
      process.stderr.write(
        `git-agent-log: the journal could not be written either: ${escapeTerminal(messageOf(cause))}\n`,
      );
    },
  );
}

function giveUp(name: string): void {
  process.stderr.write(
    `git-agent-log: ${escapeTerminal(name)} took over ${HOOK_LIMIT_MS} ms and lets the commit go on\n`,
  );
  process.exit(0);
}
