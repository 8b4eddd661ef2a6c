import { messageOf } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { changeTarget } from '../../ledger/told/change-target.ts';
import { type Pass, submitPasses } from '../../ledger/told/passed.ts';
import { hasTold } from '../../ledger/told/told.ts';
import type { Checked } from '../../policy/check.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { count } from '../views/text.ts';
import { finderOf } from './acting.ts';
import { judgingIfKnown } from './judging.ts';

/**
 * Hands in the rules that pass as evidence of what they found before, and says so. Only at the branch changes go to by default: the
 * queue is one, and by the policy of another branch anything could pass.
 */
export async function passOrSay(
  io: Io,
  ledger: Ledger,
  passes: readonly Pass[],
  { subject, closedBy }: Pick<Checked, 'subject' | 'closedBy'>,
  flags: Flags,
): Promise<void> {
  if (passes.length === 0 || !(await hasTold(ledger))) return;
  try {
    if (subject.target !== (await changeTarget(ledger)).ref) return;
    const actor = { ...(await judgingIfKnown(io, ledger)), ...(await finderOf(io, ledger, flags)) };
    const close = closedBy === 'check';
    const { submitted } = await submitPasses(ledger, passes, actor, { close });
    if (submitted.length === 0) return;
    const what = count(submitted.length, 'exception');
    const how = close ? 'closed' : 'waits for somebody to close it';
    io.say(`${what}: its rule passes again, ${how}: git agent-log exception list --all\n`);
  } catch (error) {
    io.say(
      `warning: exceptions could not be told that their rules pass: ${escapeTerminal(messageOf(error))}\n`,
    );
  }
}
