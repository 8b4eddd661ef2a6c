import { detectAgent } from '../../capture/agents/detect.ts';
import { AgentLogError } from '../../core/errors.ts';
import { isUlid } from '../../core/ulid.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { Speaker } from '../../identity/approvals/say.ts';
import { notAPerson, type SpeakRequest, speakOfChange } from '../../identity/approvals/speak.ts';
import type { TokenHolder } from '../../identity/oidc/sponsor.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type FoundTxn, txnNamed } from '../../ledger/reading/txn.ts';
import type { ChangeNamed } from '../../ledger/told/change-subject.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { approvedDocument, approvedHints, renderApproved } from '../views/approve.ts';
import { actorOf } from './acting.ts';
import { textFlag } from './open-flags.ts';

/** Says something of a change in the user's name, and prints what a reader will make of it. */
export async function sayAndPrint(
  io: Io,
  ledger: Ledger,
  said: Pick<SpeakRequest, 'kind' | 'named' | 'txn'>,
  flags: Flags,
  holder?: TokenHolder,
): Promise<number> {
  const request = { ...said, withdraw: flags['withdraw'] === true, note: noteOf(flags) };
  const spoken = await speakOfChange(ledger, request, {
    ...(await speakerOf(io, ledger, flags)),
    ...holder,
  });
  const document = approvedDocument(spoken);
  if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
  else io.print(renderApproved(document, io.paint));
  io.say(approvedHints(document, spoken.rosterProblem, spoken.unsigned));
  return 0;
}

/**
 * The change somebody names for approval: a range, any commit, or a transaction, which is all up to its last commit. What git
 * knows by a name comes first, but for a whole id.
 */
export async function changeNamed(ledger: Ledger, name: string, flags: Flags): Promise<ChangeNamed> {
  const isId = isUlid(name.toUpperCase());
  const isRevision = name.includes('..') || (!isId && (await readCommit(ledger.reader, name)) !== null);
  if (isRevision) return { revision: name, ...whereFlags(flags) };
  return lastOf(await txnNamed(ledger, name), flags);
}

/** All up to the last commit of a transaction. Throws NOT_FOUND where none of it is here. */
export function lastOf({ txn, commits }: FoundTxn, flags: Flags): ChangeNamed {
  const last = commits.at(-1);
  if (last !== undefined) return { revision: last, ...whereFlags(flags) };
  throw new AgentLogError('NOT_FOUND', 'answer', `no commit of ${txn} is in this clone`, {
    hints: ['git fetch, or name the commit it is about.'],
  });
}

function whereFlags(flags: Flags): Pick<ChangeNamed, 'target' | 'mr'> {
  return { target: textFlag(flags, 'target'), mr: textFlag(flags, 'mr') };
}

async function speakerOf(io: Io, ledger: Ledger, flags: Flags): Promise<Speaker> {
  const agent = detectAgent(io.env)?.name ?? (io.env['AGENT_LOG_TXN'] ? 'an agent' : null);
  if (agent !== null)
    throw notAPerson(`${agent} is at work in this environment, and only a person says this`);
  const { by, identity, now, sign = null } = await actorOf(io, ledger, flags);
  if (flags['sign'] === true && sign === null)
    throw new AgentLogError('NOT_SIGNED', 'usage', 'there is no key to sign with', {
      hints: [
        'git config gpg.format ssh and git config user.signingKey ~/.ssh/id_ed25519.pub; nothing was written.',
      ],
    });
  return { by, identity, now, sign };
}

function noteOf(flags: Flags): string | null {
  const note = textFlag(flags, 'note')?.trim() ?? '';
  if (note.length <= 2000) return note === '' ? null : note;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', 'the note is too long', {
    hints: ['--note "a sentence or two", in 2000 characters.'],
  });
}
