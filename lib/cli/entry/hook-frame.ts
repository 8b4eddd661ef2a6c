import { SEAL_CONFIG } from '../../capture/commit/context.ts';
import type { HookCall } from '../../capture/commit/git-hooks.ts';
import { placeOf } from '../../capture/place.ts';
import { writeJournal } from '../../capture/spool/journal.ts';
import { messageOf } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import { readConfig } from '../../git/repository/config.ts';
import type { Heard } from '../../git/repository/heard.ts';
import { findRepository, type Repository } from '../../git/repository/repository.ts';
import type { Ended } from '../start.ts';
import { codeName } from './code-name.ts';

/** No hook keeps a commit waiting longer: then it lets go, and what is left undone stays pending. */
const HOOK_LIMIT_MS = 2000;

/** How one hook is run. */
export interface HookRun {
  readonly name: string;
  readonly args: readonly string[];
  /** A commit waits for it: after two seconds it lets go. */
  readonly isWaitedFor: boolean;
  /** What git said to the hook's shell. */
  readonly heard?: Promise<Heard>;
  readonly seal?: HookCall['seal'];
  /** Tells the hook's shell that it need not wait any more. */
  readonly end?: () => void;
  /** False when there was nothing to do. */
  readonly work: (call: HookCall) => Promise<boolean>;
}

/** Runs a hook. Never fails a commit: a problem is said on stderr and written to the journal. */
export async function runHook({ name, args, isWaitedFor, heard, seal, end, work }: HookRun): Promise<Ended> {
  const limit = isWaitedFor ? setTimeout(() => giveUp(name, end), HOOK_LIMIT_MS) : undefined;
  let repo: Repository | null = null;
  let did: string | null = null;
  try {
    const said = await heard;
    const here = { cwd: process.cwd(), ...(said === undefined ? {} : { heard: said }) };
    const [found, config] = await Promise.all([findRepository(here), readConfig(here, SEAL_CONFIG)]);
    repo = found;
    const worked = await work({
      repo,
      config,
      args,
      env: process.env,
      gitPid: process.env['AGENT_LOG_GIT_PID'] ?? null,
      now: Date.now(),
      ...(seal === undefined ? {} : { seal }),
    });
    did = worked ? codeName(['hook', name]) : null;
  } catch (error) {
    await report(repo, name, error);
  } finally {
    clearTimeout(limit);
    end?.();
  }
  return { code: 0, did };
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

function giveUp(name: string, end: (() => void) | undefined): void {
  process.stderr.write(
    `git-agent-log: ${escapeTerminal(name)} took over ${HOOK_LIMIT_MS} ms and lets the commit go on\n`,
  );
  end?.();
  process.exit(0);
}
