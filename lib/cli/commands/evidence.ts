import { AgentLogError } from '../../core/errors.ts';
import type { EventRecord } from '../../core/records/record.ts';
import { isUlidPrefix, newUlid } from '../../core/ulid.ts';
import { checkRange } from '../../git/history/named-range.ts';
import { resolveCommit } from '../../ledger/binding/resolve.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { findTxn } from '../../ledger/reading/txn.ts';
import { requestDocument } from '../../oversight/exceptions/documents.ts';
import { requestNamed } from '../../oversight/exceptions/named.ts';
import { readQueue } from '../../oversight/exceptions/queue.ts';
import type { Step } from '../../oversight/exceptions/step.ts';
import { judgingOf } from '../shared/judging.ts';
import { lastMomentFlag } from '../shared/moments.ts';
import { withLedger } from '../shared/open.ts';
import { needed, reasonFlag } from '../shared/words.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderRequests } from '../views/waivers.ts';
import { act } from './evidence-step.ts';

type Action = (io: Io, ledger: Ledger, name: string | undefined, flags: Flags) => Promise<number>;

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['request', request],
  [
    'deliver',
    (io, ledger, name, flags) =>
      import('./evidence-deliver.ts').then((m) => m.deliver(io, ledger, name, flags)),
  ],
  ['accept', (io, ledger, name, flags) => answer(io, ledger, name, flags, 'evidence.accepted')],
  ['reject', (io, ledger, name, flags) => answer(io, ledger, name, flags, 'evidence.rejected')],
  ['requests', list],
]);

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const [name = '', about] = args;
  const action = ACTIONS.get(name);
  if (action === undefined)
    return import('./evidence-bundle.ts').then((bundling) => bundling.run(io, args, flags));
  if (name === 'requests' && about !== undefined)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `evidence requests takes no '${about}'`, {
      hints: ['It lists all requests: what waits first.'],
    });
  return withLedger(io, (ledger) => action(io, ledger, about, flags));
}

async function request(io: Io, ledger: Ledger, name: string | undefined, flags: Flags): Promise<number> {
  const about = needed(name, 'evidence of what', 'evidence request <commit|txn|range|URL> --question "…"');
  const text = needed(
    reasonFlag(flags, 'question'),
    'what is the question',
    'evidence request HEAD --question "…"',
  );
  const due = lastMomentFlag(flags, 'due');
  return act(io, ledger, flags, {
    event: 'evidence.requested',
    of: newUlid(io.now),
    ...(await subjectOf(ledger, about)),
    link: about,
    text,
    ...(due === undefined ? {} : { due }),
  });
}

/** What a request is about, told so that every clone finds it. Throws NOT_FOUND. */
async function subjectOf(ledger: Ledger, name: string): Promise<Pick<Step, 'txn' | 'commit' | 'mr'>> {
  if (/^https?:\/\//.test(name)) return { txn: null, mr: name };
  if (name.includes('..')) {
    await checkRange(ledger.repo, name);
    return { txn: null };
  }
  const resolution = await resolveCommit(ledger, name);
  if (resolution !== null)
    return { txn: resolution.record?.record.txn ?? null, commit: resolution.commit.oid };
  const found = isUlidPrefix(name) ? await findTxn(ledger, name.toUpperCase()) : null;
  if (found !== null) return { txn: found.txn };
  throw new AgentLogError('NOT_FOUND', 'answer', `nothing is called '${name}'`, {
    hints: ['Name a commit, a transaction, a range or the URL of a merge request.'],
  });
}

async function answer(
  io: Io,
  ledger: Ledger,
  name: string | undefined,
  flags: Flags,
  event: EventRecord['event'],
): Promise<number> {
  const id = needed(name, 'which request', 'evidence requests');
  const text = reasonFlag(flags, 'reason');
  const { requests } = await readQueue(ledger, await judgingOf(io, ledger));
  const { id: of, txn } = requestNamed(requests, id);
  return act(io, ledger, flags, { event, of, txn, ...(text === undefined ? {} : { text }) });
}

/** All requests, those that wait first, the oldest of them before the others. */
async function list(io: Io, ledger: Ledger, _name: string | undefined, flags: Flags): Promise<number> {
  const queue = await readQueue(ledger, await judgingOf(io, ledger));
  const isDone = (state: string): number => Number(state === 'accepted');
  const found = [...queue.requests].sort((a, b) => isDone(a.state) - isDone(b.state));
  if (flags['json'] === true)
    for (const one of found) io.print(`${JSON.stringify(requestDocument(one, queue, io.now))}\n`);
  else await io.page(renderRequests(found, io));
  return 0;
}
