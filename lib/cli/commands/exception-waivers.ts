import { AgentLogError } from '../../core/errors.ts';
import { requestOf, type Waiver } from '../../core/events/waivers.ts';
import type { EventRecord } from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { txnNamed } from '../../ledger/reading/txn.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import { waiverDocument } from '../../oversight/exceptions/documents.ts';
import { exceptionNamed, waiverNamed } from '../../oversight/exceptions/named.ts';
import { type Queue, readQueue } from '../../oversight/exceptions/queue.ts';
import { addStep, type Step } from '../../oversight/exceptions/step.ts';
import { actorOf } from '../shared/acting.ts';
import { judgingOf, withAuthors } from '../shared/judging.ts';
import { lastMomentFlag } from '../shared/moments.ts';
import { textFlag } from '../shared/open-flags.ts';
import { needed, reasonFlag, wordsFlag } from '../shared/words.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderWaivers } from '../views/waivers.ts';

type Args = readonly string[];

/** Asks for a waiver: for an exception, or for a rule. */
export async function waive(io: Io, ledger: Ledger, args: Args, flags: Flags): Promise<number> {
  const until = lastMomentFlag(flags, 'until');
  const paths = wordsFlag(flags, 'path');
  const [rule, mr, txn] = [textFlag(flags, 'rule'), textFlag(flags, 'mr'), textFlag(flags, 'txn')];
  const named = txn === undefined ? null : (await txnNamed(ledger, txn)).txn;
  const { namesOf } = await readRegroups(ledger);
  const { root = null } = await judgingOf(io, ledger);
  if (root === null && mr === undefined && txn === undefined && args[0] === undefined)
    io.say(
      'hint: it does not say which repository it is for, as this clone does not tell: check will not heed it\n',
    );
  return act(io, ledger, flags, (queue) => {
    const scope = { txn: named, ...(args[0] === undefined ? {} : scopeOf(queue, args[0])) };
    // A pipeline goes by what records say, whatever is told of them later: so each name a transaction has had is said.
    const names = scope.txn === null ? [] : namesOf(scope.txn);
    return {
      event: 'waiver.requested',
      of: newUlid(io.now),
      ...(root === null ? {} : { root }),
      ...scope,
      ...(names.length < 2 ? {} : { txns: [...names] }),
      ...(rule === undefined ? {} : { rule }),
      ...(mr === undefined ? {} : { mr }),
      ...(paths === undefined ? {} : { paths }),
      ...(until === undefined ? {} : { until }),
    };
  });
}

/** An exception's waiver is for no more than the exception is about. */
function scopeOf(queue: Queue, name: string): Pick<Step, 'txn' | 'rule' | 'mr' | 'link'> {
  const { fingerprint, txn, rule, mr } = exceptionNamed(queue.exceptions, name);
  return {
    txn,
    link: fingerprint,
    ...(rule === null ? {} : { rule }),
    ...(mr === null ? {} : { mr }),
  };
}

export function approve(io: Io, ledger: Ledger, args: Args, flags: Flags): Promise<number> {
  return decide(io, ledger, args, flags, 'waiver.approved');
}

export function reject(io: Io, ledger: Ledger, args: Args, flags: Flags): Promise<number> {
  return decide(io, ledger, args, flags, 'waiver.rejected');
}

export function revoke(io: Io, ledger: Ledger, args: Args, flags: Flags): Promise<number> {
  return decide(io, ledger, args, flags, 'waiver.revoked');
}

/** All waivers, those that permit something first. */
export async function list(io: Io, ledger: Ledger, _args: Args, flags: Flags): Promise<number> {
  const queue = await readQueue(ledger, await judgingOf(io, ledger));
  const found = queue.waivers.filter(({ state }) => flags['open'] !== true || state === 'active');
  const ordered = [...found].sort((a, b) => Number(b.state === 'active') - Number(a.state === 'active'));
  if (flags['json'] === true)
    for (const one of ordered) io.print(`${JSON.stringify(waiverDocument(one, queue))}\n`);
  else await io.page(renderWaivers(ordered, queue, io));
  return 0;
}

async function decide(
  io: Io,
  ledger: Ledger,
  [name, ...more]: Args,
  flags: Flags,
  event: EventRecord['event'],
): Promise<number> {
  const id = needed(name, 'which waiver', 'exception waivers');
  if (more.length > 0)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'one waiver at a time', {
      hints: ['git agent-log exception waivers shows them all.'],
    });
  const { nameOf } = await readRegroups(ledger);
  return act(io, ledger, flags, (queue) => {
    const waiver = waiverNamed(queue.waivers, id);
    if (event === 'waiver.approved') io.say(forAll(waiver, nameOf));
    const request = requestOf(waiver);
    const names = event === 'waiver.approved' && request !== null ? { evidence: [request] } : {};
    return { event, of: waiver.id, txn: waiver.txn, ...names };
  });
}

/** Whoever says yes to a waiver for several ids hears which: that they are one transaction is what somebody asking said. */
function forAll({ txns }: Waiver, nameOf: (txn: string) => string): string {
  if (txns.length < 2) return '';
  const isOne = new Set(txns.map(nameOf)).size === 1;
  return `${isOne ? 'hint: it is for a joined transaction, by all its names' : 'warning: it is for transactions that are not one here'}: ${txns.join(', ')}\n`;
}

async function act(io: Io, ledger: Ledger, flags: Flags, stepFor: (queue: Queue) => Step): Promise<number> {
  const text = reasonFlag(flags, 'reason');
  const actor = { ...(await actorOf(io, ledger, flags)), ...(await judgingOf(io, ledger)) };
  const queue = await readQueue(ledger, actor);
  const step = { ...stepFor(queue), ...(text === undefined ? {} : { text }) };
  await addStep(ledger, queue.events, step, { ...actor, ...(await withAuthors(ledger, actor, step)) });
  const after = await readQueue(ledger, actor);
  const waiver = waiverNamed(after.waivers, step.of);
  if (flags['json'] === true) io.print(`${JSON.stringify(waiverDocument(waiver, after))}\n`);
  else io.print(renderWaivers([waiver], after, io));
  if (waiver.state === 'active' && !after.heeded.has(waiver.id))
    io.say(
      'hint: check does not heed it: both who asked and who said yes have to sign with a key that sponsors.yaml gives them\n',
    );
  if (step.event === 'waiver.requested')
    io.say(
      `hint: it permits nothing until a second person says so: git agent-log exception approve-waiver ${step.of}\n`,
    );
  return 0;
}
