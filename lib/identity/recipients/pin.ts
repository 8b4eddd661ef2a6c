import { AgentLogError } from '../../core/errors.ts';
import type { GitPlace } from '../../git/process/runner.ts';
import { runGit } from '../../git/process/runner.ts';
import type { Proposal } from './proposal.ts';

/** Takes a proposal into this clone's own configuration, when it is the one that was meant. Throws NOT_FOUND. */
export async function pinProposal(place: GitPlace, proposal: Proposal, meant: string): Promise<void> {
  if (!isMeant(proposal, meant))
    throw new AgentLogError('NOT_FOUND', 'answer', 'what the tree proposes now is not what you name', {
      hints: [`It is ${proposal.digest} now: look at it with \`git agent-log config\` before you pin it.`],
    });
  const { level, recipients, payloadRemotes } = proposal;
  if (level !== null) await setAll(place, 'agentLog.level', [level]);
  if (recipients !== null) await setAll(place, 'agentLog.recipient', recipients);
  if (payloadRemotes !== null)
    await setAll(place, 'agentLog.payloadRemote', payloadRemotes.length === 0 ? ['none'] : payloadRemotes);
}

/** A digest, or its first 12 digits or more, with or without `sha256:`. */
function isMeant({ digest }: Proposal, meant: string): boolean {
  const hex = meant.replace(/^sha256:/, '').toLowerCase();
  return /^[0-9a-f]{12,64}$/.test(hex) && digest.slice('sha256:'.length).startsWith(hex);
}

async function setAll(place: GitPlace, key: string, values: readonly string[]): Promise<void> {
  await runGit(place, { args: ['config', '--local', '--unset-all', key], okCodes: [5] });
  for (const value of values) await runGit(place, { args: ['config', '--local', '--add', key, value] });
}
