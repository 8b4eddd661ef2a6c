import { readFile } from 'node:fs/promises';
import { recordDigest } from '../../core/digest.ts';
import { AgentLogError } from '../../core/errors.ts';
import type { EvidenceRequest } from '../../core/events/requests.ts';
import { isZipPath } from '../../evidence/bundle/write.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { requestNamed } from '../../oversight/exceptions/named.ts';
import { readQueue } from '../../oversight/exceptions/queue.ts';
import type { Step } from '../../oversight/exceptions/step.ts';
import { judgingOf } from '../shared/judging.ts';
import { evidenceOf } from '../shared/named-evidence.ts';
import { textFlag } from '../shared/open-flags.ts';
import { needed, reasonFlag } from '../shared/words.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { type Made, makeBundle } from './evidence-bundle.ts';
import { act } from './evidence-step.ts';

type Delivery = Pick<Step, 'evidence' | 'missing'>;

/** Answers a request: with a bundle of what it is about, made now, or with what was handed over in another way. */
export async function deliver(
  io: Io,
  ledger: Ledger,
  name: string | undefined,
  flags: Flags,
): Promise<number> {
  const id = needed(name, 'which request', 'evidence requests');
  const text = reasonFlag(flags, 'reason');
  const byHand = await evidenceOf(ledger, flags);
  const isMade = textFlag(flags, 'output') !== undefined;
  if (isMade === (byHand.evidence !== undefined)) throw notOne(isMade);
  const { requests } = await readQueue(ledger, await judgingOf(io, ledger));
  const request = requestNamed(requests, id);
  if (request.state === 'accepted') throw doneAlready(request);
  const delivery = isMade ? await madeFor(io, ledger, request, flags) : byHand;
  const said = text === undefined ? {} : { text };
  return act(io, ledger, flags, {
    event: 'evidence.delivered',
    of: request.id,
    txn: request.txn,
    ...said,
    ...delivery,
  });
}

async function madeFor(io: Io, ledger: Ledger, request: EvidenceRequest, flags: Flags): Promise<Delivery> {
  const made = await makeBundle(io, ledger, { kind: 'named', name: subjectOf(request) }, flags);
  if (flags['json'] === true) io.say(made.summary);
  else io.print(`${made.summary}\n`);
  return { evidence: await digestsOf(made), missing: missingOf(made) };
}

/** The same commit in every clone, where the request names one: HEAD is another one here. */
function subjectOf({ mr, commit, about, txn, id }: EvidenceRequest): string {
  const name = mr ?? commit ?? about ?? txn;
  if (name !== null) return name;
  throw new AgentLogError('NOT_FOUND', 'answer', `request ${id} does not say what it is about`, {
    hints: [
      'Make the bundle, and name it by its digest: git agent-log evidence deliver <request> --evidence sha256:…',
    ],
  });
}

/** Of the manifest, which names every file; of a zip its own, too, which is what its reader has. */
async function digestsOf({ files, path }: Made): Promise<string[]> {
  const manifest = files.filter((file) => file.path === 'manifest.json').map(({ bytes }) => bytes);
  const whole = path !== null && isZipPath(path) ? [await readFile(path)] : [];
  return [...whole, ...manifest].map((bytes) => recordDigest(bytes));
}

const MOST_GAPS = 200;
const GAP_LENGTH = 500;

/** What the bundle itself says is missing, within what a line of the ledger holds. */
function missingOf({ evidence }: Made): string[] {
  const gaps = evidence.document.missing.map(({ kind, of, why }) => `${kind} ${of}: ${why}`);
  const told = gaps.slice(0, MOST_GAPS).map((gap) => gap.slice(0, GAP_LENGTH));
  return gaps.length > MOST_GAPS ? [...told, `and ${gaps.length - MOST_GAPS} more, in its manifest`] : told;
}

function notOne(isBoth: boolean): AgentLogError {
  const problem = isBoth
    ? 'a bundle is made, or what was handed over is named: not both'
    : 'what is delivered?';
  return new AgentLogError('BAD_ARGUMENT', 'usage', problem, {
    hints: [
      'git agent-log evidence deliver <request> -o answer.zip, or --evidence <commit, or sha256:… of a file>.',
    ],
  });
}

function doneAlready({ id }: EvidenceRequest): AgentLogError {
  return new AgentLogError('STEP_REFUSED', 'answer', `request ${id} was answered, and that was accepted`, {
    hints: ['Nothing was written. git agent-log evidence requests shows those that wait.'],
  });
}
