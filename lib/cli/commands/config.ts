import { AgentLogError } from '../../core/errors.ts';
import { pinProposal } from '../../identity/recipients/pin.ts';
import { type Proposal, proposedChanges, readProposal } from '../../identity/recipients/proposal.ts';
import { readPayloadSettings } from '../../identity/recipients/settings.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { withLedger } from '../shared/open.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { type ConfigDocument, renderConfig } from '../views/config.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const [verb, digest] = args;
  if (verb !== undefined && (verb !== 'pin' || digest === undefined))
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'config takes no words but pin <digest>', {
      hints: ['`git agent-log config` prints the digest of what the tree proposes.'],
    });
  return withLedger(io, async (ledger) => {
    const proposal = await readProposal(ledger);
    if (digest !== undefined) await pin(ledger, proposal, digest);
    const document = await documentOf(ledger, proposal);
    if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
    else io.print(renderConfig(document, io.paint));
    return 0;
  });
}

async function pin({ repo }: Ledger, proposal: Proposal | null, digest: string): Promise<void> {
  if (proposal !== null) return pinProposal(repo, proposal, digest);
  throw new AgentLogError('NOT_FOUND', 'answer', 'the tree at HEAD proposes nothing', {
    hints: ['A proposal is a committed .agent-log/config.yaml.'],
  });
}

async function documentOf({ repo }: Ledger, proposal: Proposal | null): Promise<ConfigDocument> {
  const settings = await readPayloadSettings(repo);
  const { level, ownLevel, floor, recipients, keyStore, remotes } = settings;
  return {
    schema: 'agent-log/config/v1',
    inForce: { level, repositoryLevel: ownLevel, floor, recipients, keyStore, payloadRemotes: remotes },
    proposal,
    changes: proposal === null ? [] : proposedChanges(proposal, settings),
  };
}
