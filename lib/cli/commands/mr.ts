import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import { shortOid } from '../../core/oid.ts';
import { encodeRecord, type MergeRequestRecord, type StoredRecord } from '../../core/records/record.ts';
import { RISK_CLASSES, type RiskClass } from '../../core/risk/risk.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { mrUrl } from '../../ledger/told/change-subject.ts';
import {
  appendMergeRequest,
  listMergeRequests,
  mergeRequestDocument,
  readMergeRequest,
} from '../../ledger/told/merge-requests.ts';
import { recordHostApprovals } from '../../policy/merge-requests/host-approvals.ts';
import { lookAtMergeRequest, mergedBeyond } from '../../policy/merge-requests/merge-request.ts';
import { finderOf } from '../shared/acting.ts';
import { importFiles } from '../shared/import-files.ts';
import { withLedger } from '../shared/open.ts';
import { listFlag, textFlag } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { renderMergeRequest, renderMergeRequests } from '../views/merge-request.ts';
import { count } from '../views/text.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const [action, url] = args;
  if (action === 'list' && url === undefined) return withLedger(io, (ledger) => list(io, ledger, flags));
  if (url === undefined || !isAction(action)) throw usage(action);
  const name = mrUrl(url);
  return withLedger(io, (ledger) =>
    action === 'show' ? show(io, ledger, name, flags) : tell(io, ledger, name, flags),
  );
}

function isAction(action: string | undefined): action is 'open' | 'sync' | 'show' {
  return action === 'open' || action === 'sync' || action === 'show';
}

/** Says how it stands now, in the ledger too. `open` and `sync` are one: whoever comes first opens it. */
async function tell(io: Io, ledger: Ledger, url: string, flags: Flags): Promise<number> {
  const state = stateOf(textFlag(flags, 'state'));
  const { by, identity, sign = null } = await finderOf(io, ledger, flags);
  const progress = progressOf(io);
  const record = await lookAtMergeRequest(ledger, {
    url,
    head: textFlag(flags, 'head'),
    target: textFlag(flags, 'target'),
    title: textFlag(flags, 'title'),
    description: await descriptionOf(io, textFlag(flags, 'description')),
    ...(state === undefined ? {} : { state }),
    by,
    now: io.now,
    progress: (done) => progress.say(() => `looking at the merge request: ${done} commits`),
  });
  progress.end();
  const isNew = await appendMergeRequest(ledger, record, {
    identity,
    message: `agent-log: a merge request as it stands\n\nVia: mr\n`,
  });
  if (!isNew) io.say('Nothing has changed since it was told of last.\n');
  if (flags['head'] === undefined) await sayBeyond(io, ledger, record);
  const imports = await importFiles(io, listFlag(flags, 'import'));
  const approved = await recordHostApprovals(
    ledger,
    { revision: record.subject.head, target: record.subject.target ?? undefined, mr: url, now: io.now },
    imports,
    { by, identity, sign },
  );
  if (imports.length > 0) io.say(`${count(approved, 'approval')} of the host taken in.\n`);
  const told = await readMergeRequest(ledger, url);
  return answer(io, told?.stored ?? { ...encodeRecord(record), record }, flags);
}

/** Whoever syncs without a head is told where the merge took in more than the head they told of last. */
async function sayBeyond(io: Io, ledger: Ledger, record: MergeRequestRecord): Promise<void> {
  const beyond = await mergedBeyond(ledger, record);
  if (beyond === null) return;
  const [merge, tip] = [shortOid(beyond.merge), shortOid(beyond.tip)];
  io.say(
    `hint: the merge ${merge} took in more, up to ${tip}. If that is its head: git agent-log mr sync ${record.url} --head ${tip}\n`,
  );
}

async function show(io: Io, ledger: Ledger, url: string, flags: Flags): Promise<number> {
  const told = await readMergeRequest(ledger, url);
  if (told === null)
    throw new AgentLogError('NOT_FOUND', 'answer', `nobody has told of ${url} here`, {
      hints: [`git agent-log mr open ${url} --head BRANCH; or fetch the ledger: git agent-log sync --fetch`],
    });
  return answer(io, told.stored, flags);
}

async function answer(io: Io, stored: StoredRecord<MergeRequestRecord>, flags: Flags): Promise<number> {
  if (flags['json'] === true) io.print(`${JSON.stringify(mergeRequestDocument(stored))}\n`);
  else await io.page(renderMergeRequest(stored.record, io.paint, io.columns));
  return 0;
}

async function list(io: Io, ledger: Ledger, flags: Flags): Promise<number> {
  const risk = classOf(textFlag(flags, 'class'));
  const all = (await listMergeRequests(ledger)).map(({ stored }) => stored);
  const wanted = all.filter(
    ({ record }) =>
      (risk === undefined || record.classes.includes(risk)) &&
      (flags['agents'] !== true || record.agentCommits > 0),
  );
  if (flags['json'] === true)
    for (const stored of wanted) io.print(`${JSON.stringify(mergeRequestDocument(stored))}\n`);
  else
    await io.page(
      renderMergeRequests(
        wanted.map(({ record }) => record),
        all.length,
        io.paint,
        io.columns,
      ),
    );
  return 0;
}

function classOf(text: string | undefined): RiskClass | undefined {
  const found = RISK_CLASSES.find((one) => one === text);
  if (text === undefined || found !== undefined) return found;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `there is no risk class '${text}'`, {
    hints: [`The classes are ${RISK_CLASSES.join(', ')}.`],
  });
}

function stateOf(text: string | undefined): MergeRequestRecord['state'] {
  if (text === undefined || text === 'open' || text === 'merged' || text === 'closed') return text;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `a merge request is never '${text}'`, {
    hints: ['--state open, merged or closed.'],
  });
}

/** `@FILE` is read from a file. */
async function descriptionOf(io: Io, text: string | undefined): Promise<string | undefined> {
  if (text?.startsWith('@') !== true) return text;
  const file = resolve(io.cwd, text.slice(1));
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `${file} can't be read`, {
      cause,
      hints: ['--description @FILE takes the text of a file.'],
    });
  }
}

function usage(action: string | undefined): AgentLogError {
  const problem =
    action === undefined
      ? 'mr needs to know what to do'
      : action === 'list' || isAction(action)
        ? `mr ${action} ${action === 'list' ? 'takes no URL' : 'needs a URL'}`
        : `mr knows no '${action}'`;
  return new AgentLogError('BAD_ARGUMENT', 'usage', problem, {
    hints: ['git agent-log mr open URL, mr sync URL, mr show URL, or mr list.'],
  });
}
