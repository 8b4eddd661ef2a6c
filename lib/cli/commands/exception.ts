import { AgentLogError } from '../../core/errors.ts';
import type { Exception } from '../../core/events/exceptions.ts';
import { EXCEPTION_TYPES, SEVERITIES } from '../../core/records/exception.ts';
import { RISK_CLASSES } from '../../core/risk/risk.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { findTxn } from '../../ledger/reading/txn.ts';
import { exceptionDocument } from '../../oversight/exceptions/documents.ts';
import { exceptionNamed } from '../../oversight/exceptions/named.ts';
import { readQueue } from '../../oversight/exceptions/queue.ts';
import { type ExceptionQuery, selectExceptions } from '../../oversight/exceptions/select.ts';
import { judgingOf } from '../shared/judging.ts';
import { withLedger } from '../shared/open.ts';
import { textFlag } from '../shared/open-flags.ts';
import { listOf, needed } from '../shared/words.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderException, renderExceptions } from '../views/exceptions.ts';
import * as steps from './exception-steps.ts';
import * as waivers from './exception-waivers.ts';

type Action = (io: Io, ledger: Ledger, args: readonly string[], flags: Flags) => Promise<number>;

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['list', list],
  ['show', show],
  ['open', steps.open],
  ['triage', steps.triage],
  ['comment', steps.comment],
  ['link', steps.link],
  ['submit', steps.submit],
  ['close', steps.close],
  ['reopen', steps.reopen],
  ['waive', waivers.waive],
  ['approve-waiver', waivers.approve],
  ['reject-waiver', waivers.reject],
  ['revoke-waiver', waivers.revoke],
  ['waivers', waivers.list],
]);

/** How many words some of them take; the others look for themselves. */
const MOST_WORDS: Readonly<Record<string, number>> = { list: 0, waivers: 0, open: 0, show: 1, waive: 1 };

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const [name = 'list', ...rest] = args;
  const action = ACTIONS.get(name);
  if (action === undefined)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `exception knows no '${name}'`, {
      hints: [`There are: ${[...ACTIONS.keys()].join(', ')}.`],
    });
  const left = rest[MOST_WORDS[name] ?? rest.length];
  if (left !== undefined)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `exception ${name} takes no '${left}'`, {
      hints: ['git agent-log exception -h says what goes with each action.'],
    });
  return withLedger(io, (ledger) => action(io, ledger, rest, flags));
}

async function list(io: Io, ledger: Ledger, _args: readonly string[], flags: Flags): Promise<number> {
  const query = await queryOf(ledger, flags);
  const queue = await readQueue(ledger, await judgingOf(io, ledger));
  checkClasses(query.classes ?? [], queue.exceptions);
  const found = selectExceptions(queue.exceptions, query, io.now);
  if (flags['json'] === true)
    for (const one of found) io.print(`${JSON.stringify(exceptionDocument(one, queue, io.now))}\n`);
  else await io.page(renderExceptions(found, queue.anomalies.length, io.now, io));
  return 0;
}

async function show(io: Io, ledger: Ledger, args: readonly string[], flags: Flags): Promise<number> {
  const name = needed(args[0], 'which exception', 'exception show <id>');
  const queue = await readQueue(ledger, await judgingOf(io, ledger));
  const one = exceptionNamed(queue.exceptions, name);
  const document = exceptionDocument(one, queue, io.now);
  if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
  else {
    const anomalies = queue.anomalies.filter(({ record }) => record.of === one.fingerprint);
    const options = { paint: io.paint, columns: io.columns, full: true };
    await io.page(
      renderException(one, { waivers: document.waivers, anomalies, trustOf: queue.trustOf }, io.now, options),
    );
  }
  return 0;
}

async function queryOf(ledger: Ledger, flags: Flags): Promise<ExceptionQuery> {
  const types = listOf(flags, 'type', EXCEPTION_TYPES);
  const severities = listOf(flags, 'severity', SEVERITIES);
  const classes = textFlag(flags, 'class')?.split(',');
  const [txn, mr] = [textFlag(flags, 'txn'), textFlag(flags, 'mr')];
  if (flags['open'] === true && flags['all'] === true)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', '--open leaves out what --all asks for', {
      hints: ['Leave out one of the two: without both, what is not closed is listed.'],
    });
  return {
    ...(types === undefined ? {} : { types }),
    ...(severities === undefined ? {} : { severities }),
    ...(classes === undefined ? {} : { classes }),
    ...(txn === undefined ? {} : { txns: await namesOf(ledger, txn) }),
    ...(mr === undefined ? {} : { mr }),
    all: flags['all'] === true,
    overdue: flags['overdue'] === true,
  };
}

/** A policy may name classes of its own: what was found with one is known by it. Throws BAD_ARGUMENT. */
function checkClasses(asked: readonly string[], exceptions: readonly Exception[]): void {
  const known = new Set<string>([...RISK_CLASSES, ...exceptions.flatMap(({ classes }) => classes)]);
  const other = asked.find((one) => !known.has(one));
  if (other === undefined) return;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `--class is none of those there are: ${other}`, {
    hints: [`There are: ${[...known].join(', ')}.`],
  });
}

/** Every id a transaction has had; the word itself where the ledger knows none of that name. */
async function namesOf(ledger: Ledger, word: string): Promise<string[]> {
  const found = await findTxn(ledger, word.toUpperCase());
  return found === null ? [word.toUpperCase()] : [found.txn, ...(found.joined ?? [])];
}
