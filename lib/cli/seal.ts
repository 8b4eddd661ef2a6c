import { type HookCall, prepareCommitMessage, sealEditedMessage } from '../capture/commit/git-hooks.ts';
import { ASKED } from '../capture/commit/questions.ts';
import { AgentLogError } from '../core/errors.ts';
import { loadRules } from '../core/records/redact.ts';
import { runHook } from './entry/hook-frame.ts';
import { openShell } from './entry/hook-shell.ts';
import type { Ended } from './start.ts';

/**
 * Where the hooks start that a commit waits for (`prepare-commit-msg`, `commit-msg`, `unsealed`): they have a bundle of
 * their own, with nothing of what goes on in the background.
 */
export function main(argv: readonly string[]): Promise<Ended> {
  const [name = '', ...args] = argv.slice(1);
  const shell = args[0] === ASKED ? openShell() : null;
  if (name === 'prepare-commit-msg') loadWhileGitAnswers();
  return runHook({
    name,
    args: shell === null ? args : args.slice(1),
    isWaitedFor: true,
    ...shell,
    work: (call) => runNamed(name, call),
  });
}

/** What a commit waits for is the longer of the two, not the sum. A failure to load shows where the rules are used. */
function loadWhileGitAnswers(): void {
  loadRules().catch(() => undefined);
}

async function runNamed(name: string, call: HookCall): Promise<boolean> {
  switch (name) {
    case 'prepare-commit-msg':
      return (await prepareCommitMessage(call)) !== null;
    case 'commit-msg':
      await sealEditedMessage(call);
      return true;
    default:
      throw new AgentLogError('GIT_FAILED', 'system', 'the trailers could not be put into the message');
  }
}
