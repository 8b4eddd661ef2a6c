import { blobId } from '../../core/digest.ts';
import type { ToolCall } from '../../core/generated/execution-v1.types.ts';
import { parseObject } from '../../core/json/object.ts';
import { sameList } from '../../core/lists.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Ended } from '../containment/run-limited.ts';
import { runThere, type Workplace } from '../workplace.ts';
import { applyEdits } from './edits.ts';
import { readThere, removeThere, writeThere } from './place-files.ts';
import { matchResult } from './results.ts';
import { rootOf, type Step, stepOf } from './step.ts';

/** What came of one call. */
export interface CallOutcome {
  readonly id: string;
  readonly name: string;
  /**
   * `same`: done again, and it did what is recorded. `differs`: it did something else. `failed`: it could not be done, or ended otherwise.
   * `limit`: it was ended by us. `stubbed`: what is recorded of it was taken instead. `looked`: there was nothing to do. `unable`: not
   * enough is recorded.
   */
  readonly outcome: 'same' | 'differs' | 'failed' | 'limit' | 'stubbed' | 'looked' | 'unable';
  readonly why: string | null;
  /** It changed files, which it could not do again. */
  readonly isNeeded: boolean;
}

/** A recorded call, with the texts that can be read of it. */
export interface RecordedCall {
  readonly call: ToolCall;
  readonly args: string | null;
  readonly result: string | null;
}

export interface ReplayCallsOptions {
  /** Files that were changed already when the work began: nobody has their content. */
  readonly dirtyPaths?: readonly string[];
  readonly onCall?: (done: number) => void;
}

interface Running {
  readonly dirtyPaths: readonly string[];
  readonly place: Workplace;
  readonly repo: Repository;
  /** Reads the blobs that are recorded. */
  readonly reader: ObjectReader;
  /** When the last command has to have ended, as `performance.now` tells. */
  readonly until: number;
  /** Where the agent's shell stands, as cells see it. */
  cwd: string;
}

/** Where the agent had the worktree, as its calls tell. */
export function recordedRoot(calls: readonly RecordedCall[]): string | null {
  return rootOf(calls);
}

/** Does calls again, one after the other, to the first that can not be. */
export async function replayCalls(
  place: Workplace,
  repo: Repository,
  reader: ObjectReader,
  calls: readonly RecordedCall[],
  { dirtyPaths = [], onCall = () => undefined }: ReplayCallsOptions = {},
): Promise<CallOutcome[]> {
  const until = performance.now() + place.limits.totalMilliseconds;
  const running: Running = { place, repo, reader, dirtyPaths, until, cwd: place.at };
  const root = recordedRoot(calls);
  const outcomes: CallOutcome[] = [];
  for (const recorded of calls) {
    const outcome = await replayCall(running, recorded, root);
    outcomes.push(outcome);
    onCall(outcomes.length);
    if (outcome.outcome === 'failed' || outcome.outcome === 'limit') break;
  }
  return outcomes;
}

async function replayCall(
  running: Running,
  recorded: RecordedCall,
  root: string | null,
): Promise<CallOutcome> {
  const { call } = recorded;
  const step = stepOf(call, recorded.args, root);
  const done = await perform(running, recorded, step);
  const differing = done.outcome === 'same' ? await differingFile(running, call) : null;
  const { outcome, why } =
    differing === null ? done : { outcome: 'differs' as const, why: `${differing} is not what it left` };
  const isNeeded = (outcome === 'stubbed' || outcome === 'unable') && (call.files ?? []).length > 0;
  return { id: call.id, name: call.name, outcome, why, isNeeded };
}

type Done = Pick<CallOutcome, 'outcome' | 'why'>;

const SAME: Done = { outcome: 'same', why: null };

function perform(running: Running, recorded: RecordedCall, step: Step): Promise<Done> {
  // What failed when it was recorded changed nothing, but for commands.
  if (recorded.call.status === 'error' && (step.kind === 'write' || step.kind === 'edit'))
    return Promise.resolve({ outcome: 'looked', why: 'it failed when it was recorded' });
  switch (step.kind) {
    case 'write':
      return write(running, step.path, Buffer.from(step.content));
    case 'edit':
      return edit(running, step);
    case 'command':
      return command(running, recorded, step);
    case 'read':
      return read(running, recorded, step);
    case 'look':
      return Promise.resolve({ outcome: 'looked', why: null });
    case 'outside':
      return standIn(running, recorded.call, 'stubbed', step.why);
    case 'unable':
      return standIn(running, recorded.call, 'unable', step.why);
  }
}

async function write({ place }: Running, path: string, content: Buffer): Promise<Done> {
  return (await writeThere(place, path, content)) ? SAME : failed(`${path} can not be written`);
}

async function edit(running: Running, { path, edits }: Step & { kind: 'edit' }): Promise<Done> {
  const before = await readThere(running.place, path);
  // Some tools make a file by replacing nothing.
  const [first] = edits;
  if (before === null && edits.length === 1 && first?.before === '')
    return write(running, path, Buffer.from(first.after));
  const edited =
    before === null ? { problem: 'it is not there' } : applyEdits(before.toString('utf8'), edits);
  if ('text' in edited) return write(running, path, Buffer.from(edited.text));
  return running.dirtyPaths.includes(path)
    ? { outcome: 'unable', why: `${path} was changed before the work began, and how is not kept` }
    : failed(`${path}: ${edited.problem}`);
}

/** The shell an agent runs stands where its last command left it, as long as that is in the worktree. */
const SHELL = `cd "$1" || exit 127
eval "$2"
code=$?
pwd > "$3"
exit $code`;

async function command(
  running: Running,
  { call, result }: RecordedCall,
  { command: line, folder }: Step & { kind: 'command' },
): Promise<Done> {
  const place = inTime(running);
  if (place === null) return OUT_OF_TIME;
  const cwd = folder === null ? running.cwd : folderIn(place, folder);
  const told = `${place.at}/.git/replay-cwd`;
  const ended = await runThere(place, place.at, ['bash', '-c', SHELL, 'bash', cwd, line, told]);
  if (folder === null) running.cwd = await folderAfter(running);
  return endOf(call, result, ended);
}

/** A ledger may name any number of calls: each gets no more time than is left for all of them. Null when none is. */
function inTime({ place, until }: Running): Workplace | null {
  const left = Math.ceil(until - performance.now());
  if (left <= 0) return null;
  const milliseconds = Math.min(place.limits.milliseconds, left);
  return { ...place, limits: { ...place.limits, milliseconds } };
}

const OUT_OF_TIME: Done = { outcome: 'limit', why: 'the calls before it took all the time there is' };

function folderIn({ at }: Workplace, folder: string): string {
  return folder === at || folder.startsWith(`${at}/`) ? folder : at;
}

async function folderAfter({ place, cwd }: Running): Promise<string> {
  const { how, code, stdout } = await runThere(place, place.at, ['cat', '.git/replay-cwd']);
  return how === 'exit' && code === 0 ? folderIn(place, stdout.trim()) : cwd;
}

function endOf({ status }: ToolCall, result: string | null, ended: Ended): Done {
  if (ended.how !== 'exit') return { outcome: 'limit', why: LIMITS[ended.how] };
  if (status === 'ok' && (ended.code === NOT_FOUND || ended.code === NOT_RUN)) return NOT_IN_SIGHT;
  if ((status === 'ok' && ended.code !== 0) || (status === 'error' && ended.code === 0))
    return failed(
      `it ended with ${ended.code}, and ${status === 'ok' ? 'succeeded' : 'failed'} when it was recorded`,
    );
  const match = matchResult(result, ended);
  if (match === 'same') return SAME;
  if (match === 'differs') return { outcome: 'differs', why: 'it printed something else' };
  // The call that makes the commit is recorded before it has ended: what it made is compared.
  return status === 'running' && ended.code === 0
    ? SAME
    : { outcome: 'unable', why: 'its result is not kept, or can not be compared' };
}

/** How a shell ends that has no such program, or one that does not start. */
const NOT_FOUND = 127;
const NOT_RUN = 126;
const NOT_IN_SIGHT: Done = {
  outcome: 'unable',
  why: 'a program it ran is not in sight: agentLog.replayReads names folders besides those of the system',
};

const LIMITS = {
  time: 'it took too long',
  disk: 'it left too much',
  none: 'it could not be started',
} as const;

/** The lines an agent read are there again, where the record has them. */
async function read(
  { place }: Running,
  { result }: RecordedCall,
  { path }: Step & { kind: 'read' },
): Promise<Done> {
  const recorded = result === null ? null : linesRead(result);
  const content = await readThere(place, path);
  if (recorded === null || content === null) return { outcome: 'looked', why: null };
  const lines = content.toString('utf8').replaceAll('\r\n', '\n').split('\n');
  const found = lines.slice(recorded.from - 1, recorded.from - 1 + recorded.lines.length);
  return sameList(found, recorded.lines) ? SAME : { outcome: 'differs', why: `${path} reads otherwise` };
}

function linesRead(result: string): { readonly from: number; readonly lines: readonly string[] } | null {
  const file = parseObject(result)?.['file'] as { content?: unknown; startLine?: unknown } | null | undefined;
  const [content, from] = [file?.content, file?.startLine ?? 1];
  if (typeof content !== 'string' || typeof from !== 'number' || from < 1) return null;
  return { from, lines: content.replaceAll('\r\n', '\n').split('\n') };
}

/** Puts what is recorded of a call in its place. */
async function standIn(
  { place, reader }: Running,
  { files = [] }: ToolCall,
  outcome: 'stubbed' | 'unable',
  why: string,
): Promise<Done> {
  for (const { path, blob, deleted } of files) {
    const content = blob === null ? null : await reader.read(blob);
    const isThere =
      deleted === true
        ? await removeThere(place, path)
        : content?.type === 'blob' && (await writeThere(place, path, content.content));
    if (!isThere) return { outcome: 'unable', why: `${why}, and ${path} as it left it can not be had here` };
  }
  return { outcome, why };
}

/** The first file that is not as the call left it. */
async function differingFile({ place, repo }: Running, { files = [] }: ToolCall): Promise<string | null> {
  for (const { path, blob, deleted } of files) {
    const content = await readThere(place, path);
    if (deleted === true ? content !== null : blob !== null && blobOf(content, repo) !== blob) return path;
  }
  return null;
}

function blobOf(content: Buffer | null, { format }: Repository): string | null {
  return content === null ? null : blobId(content, format);
}

function failed(why: string): Done {
  return { outcome: 'failed', why };
}
