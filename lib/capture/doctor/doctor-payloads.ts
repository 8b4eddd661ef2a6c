import { hasAudience, keyStoreOf } from '../../identity/recipients/key-store.ts';
import { PROPOSAL_PATH, proposedChanges, readProposal } from '../../identity/recipients/proposal.ts';
import { parseRecipient, shortRecipient } from '../../identity/recipients/recipient.ts';
import { type PayloadSettings, readPayloadSettings } from '../../identity/recipients/settings.ts';
import { strangers } from '../../identity/recipients/team.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readQueue } from '../payloads/queue.ts';
import { placeOf } from '../place.ts';
import type { Finding } from './finding.ts';

const CHECK = 'texts';

/** Which texts leave this clone, for whom they are sealed, and what waits. */
export async function payloadFindings(ledger: Ledger): Promise<Finding[]> {
  const settings = await readPayloadSettings(ledger.repo);
  if (settings.level === 'digests')
    return [
      { check: CHECK, state: 'ok', says: 'none leaves this clone (agentLog.level is digests)' },
      ...(await proposalFindings(ledger, settings)),
    ];
  if (!hasAudience(settings)) return [await nobody(ledger), ...(await proposalFindings(ledger, settings))];
  const proposed = await proposalFindings(ledger, settings);
  return [usable(settings), ...(await othersFindings(ledger, settings)), ...proposed];
}

async function nobody(ledger: Ledger): Promise<Finding> {
  const waiting = (await readQueue(placeOf(ledger.repo))).flatMap(({ queued }) => queued).length;
  const says = 'nobody is set who could read them, so they stay in this clone';
  return {
    check: CHECK,
    state: 'warn',
    says: waiting === 0 ? says : `${says}; those of ${waiting} record(s) wait`,
    hint: 'Run `git agent-log init`, or set a public key: git config --add agentLog.recipient age1…',
  };
}

/** Whether configuration can be followed at all: else every text waits. */
function usable(settings: PayloadSettings): Finding {
  try {
    keyStoreOf(settings, {});
    for (const recipient of settings.recipients) parseRecipient(recipient);
  } catch (error) {
    return {
      check: CHECK,
      state: 'bad',
      says: error instanceof Error ? error.message : String(error),
      hint: 'Texts wait in this clone until that is put right.',
    };
  }
  const readers =
    settings.recipients.length === 0
      ? 'keys kept by a command'
      : `sealed for ${settings.recipients.map((one) => shortRecipient(one.trim())).join(', ')}`;
  const keys = settings.keyStore === 'refs' ? '' : `, keys in ${settings.keyStore}`;
  return { check: CHECK, state: 'ok', says: `level ${settings.level}, ${readers}${keys}` };
}

async function othersFindings(ledger: Ledger, settings: PayloadSettings): Promise<Finding[]> {
  const others = settings.recipients.length === 0 ? [] : await strangers(ledger, settings);
  if (others.length === 0) return [];
  return [
    {
      check: CHECK,
      state: 'warn',
      says: `others here seal theirs also for ${others.map(shortRecipient).join(', ')}, who can't read yours`,
      hint: 'Ask whose key that is before you add it: git config --add agentLog.recipient age1…',
    },
  ];
}

/** The tree may propose what it likes: a person sees it here, and nothing of it is in force. */
async function proposalFindings(ledger: Ledger, settings: PayloadSettings): Promise<Finding[]> {
  const check = 'proposed settings';
  try {
    const proposal = await readProposal(ledger);
    const changes = proposal === null ? [] : proposedChanges(proposal, settings);
    if (changes.length === 0) return [];
    const says = `${PROPOSAL_PATH} proposes, and it is not in force: ${changes.join('; ')}`;
    return [
      { check, state: 'warn', says, hint: '`git agent-log config` says how to pin it, if you want that.' },
    ];
  } catch (error) {
    return [{ check, state: 'warn', says: error instanceof Error ? error.message : String(error) }];
  }
}
