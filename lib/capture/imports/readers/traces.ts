import { lstat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { recordDigest } from '../../../core/digest.ts';
import { AgentLogError } from '../../../core/errors.ts';
import { listRefs } from '../../../git/refs/refs.ts';
import { treeFiles } from '../../../git/trees/tree-files.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { readRegularFile } from '../../../ledger/notes/files.ts';
import { listForeignNotes } from '../../../ledger/reading/foreign-notes.ts';
import { MAX_TRACE_FILE, type ParsedTraces, parseAgentTraces, type Trace } from '../agent-trace.ts';
import { type CommitPaths, changesOneOf, childrenOf, commitPaths } from '../commits.ts';
import { MAX_SOURCE_BYTES } from '../json.ts';
import { problem } from '../source.ts';
import { historyTips } from './messages.ts';
import type { FoundSources, ImportProblem, ReaderContext, SourcePlace, SourceReader } from './reader.ts';

const NOTES = 'refs/notes/agent-trace';
const FOLDER = '.agent-trace';
const FILE = `${FOLDER}/traces.jsonl`;

/** Where a trace was found. */
interface TraceSource {
  readonly ref: string;
  /** The commit its note is on; null when it is in a file. */
  readonly noted: string | null;
  readonly parsed: ParsedTraces;
}

/** Reads agent-trace records from a file, from `.agent-trace/traces.jsonl`, and from notes. All are kept: they hold no texts. */
export function traceReader({ ledger, source }: ReaderContext): SourceReader {
  const traces = new Map<string, Trace>();
  return {
    async list() {
      const sources = await traceSources(ledger, source);
      const found = await locate(ledger, sources, traces);
      const unread = sources.flatMap(({ ref, noted, parsed }) =>
        parsed.problems.map((one): ImportProblem => ({ ...one, commit: noted, ref })),
      );
      return { places: found.places, problems: [...unread, ...found.problems] };
    },
    read({ address }) {
      const trace = traces.get(address);
      return Promise.resolve(
        trace === undefined
          ? problem('missing', 'the trace is not there')
          : { document: trace.document, digest: recordDigest(trace.raw) },
      );
    },
  };
}

async function traceSources(ledger: Ledger, source: string | null): Promise<TraceSource[]> {
  if (source !== null && !source.startsWith('refs/')) return [await namedFile(ledger, source)];
  const notes = await noteSources(ledger, source ?? NOTES);
  return source === null ? [...(await ownFile(ledger)), ...notes] : notes;
}

async function namedFile(ledger: Ledger, source: string): Promise<TraceSource> {
  const path = isAbsolute(source) ? source : resolve(ledger.repo.cwd, source);
  const bytes = await readRegularFile(path, MAX_TRACE_FILE);
  if (bytes === null)
    throw new AgentLogError('NOT_FOUND', 'answer', `no file of traces at ${source}`, {
      hints: [`Name a regular file of at most ${MAX_TRACE_FILE} bytes, or a ref that begins with refs/.`],
    });
  return { ref: FILE, noted: null, parsed: parseAgentTraces(bytes) };
}

/** The file where the tools write it, else as it was committed. Never through a link: a tree may hold one to anywhere. */
async function ownFile(ledger: Ledger): Promise<TraceSource[]> {
  const { top } = ledger.repo;
  if (top !== null) {
    const folder = await lstat(dirname(join(top, FILE))).catch(() => null);
    const bytes = folder?.isDirectory() ? await readRegularFile(join(top, FILE), MAX_TRACE_FILE) : null;
    if (bytes !== null) return [{ ref: FILE, noted: null, parsed: parseAgentTraces(bytes) }];
  }
  const committed = await treeFiles(ledger.repo, `HEAD:${FOLDER}`);
  const file = committed.find(({ path, mode }) => path === 'traces.jsonl' && mode.startsWith('100'));
  const fits = file !== undefined && file.size <= MAX_TRACE_FILE;
  const blob = fits ? await ledger.reader.read(file.blob) : null;
  return blob === null ? [] : [{ ref: FILE, noted: null, parsed: parseAgentTraces(blob.content) }];
}

async function noteSources(ledger: Ledger, ref: string): Promise<TraceSource[]> {
  const [known] = await listRefs(ledger.repo, ref);
  const sources: TraceSource[] = [];
  for (const { object, blob, size } of known === undefined ? [] : await listForeignNotes(ledger.repo, ref)) {
    const over = size > MAX_SOURCE_BYTES;
    const content = over ? null : await ledger.reader.read(blob);
    const parsed: ParsedTraces = over
      ? { traces: [], problems: [{ code: 'too-large', detail: `${size} bytes` }] }
      : parseAgentTraces(content?.content ?? '');
    sources.push({ ref, noted: object, parsed });
  }
  return sources;
}

/** Gives each trace its commit. */
async function locate(
  ledger: Ledger,
  sources: readonly TraceSource[],
  traces: Map<string, Trace>,
): Promise<FoundSources> {
  const named = new Set(
    sources.flatMap(({ noted, parsed }) => (noted === null ? parsed.traces.map((one) => one.revision) : [])),
  );
  const children = await childrenOf(ledger.repo, named, await historyTips(ledger.repo));
  const commits = await commitPaths(ledger, [...named, ...[...children.values()].flat()]);
  const places: SourcePlace[] = [];
  const problems: ImportProblem[] = [];
  for (const { ref, noted, parsed } of sources)
    for (const trace of parsed.traces) {
      const address = String(traces.size);
      traces.set(address, trace);
      const found = noted === null ? commitOf(trace, commits, children) : onNote(trace, noted);
      if ('commit' in found) places.push({ ...found, ref, address, byName: noted === null });
      else problems.push({ ...found.problem, commit: trace.revision, ref });
    }
  return { places, problems };
}

type Located = Pick<SourcePlace, 'commit' | 'gaps'> | ReturnType<typeof problem>;

function onNote(trace: Trace, commit: string): Located {
  const other = trace.revision !== commit;
  return { commit, gaps: other ? [`the trace names another commit, ${trace.revision}`] : [] };
}

/**
 * The commit a trace is about: the one it names, if that changes the trace's files. Many tools write down what HEAD was
 * before the commit; then it is the only child of that one which changes them.
 */
function commitOf(
  trace: Trace,
  commits: ReadonlyMap<string, CommitPaths>,
  children: ReadonlyMap<string, readonly string[]>,
): Located {
  const named = commits.get(trace.revision);
  if (named === undefined) return problem('no-commit', `commit ${trace.revision} is not in this clone`);
  const paths = trace.document.sessions.flatMap(({ files }) => files.map(({ path }) => path));
  const next = (children.get(named.oid) ?? []).filter((oid) => {
    const child = commits.get(oid);
    return child !== undefined && changesOneOf(child, paths);
  });
  if (changesOneOf(named, paths)) return { commit: named.oid, gaps: doubt(trace, named, next, commits) };
  const [only] = next;
  if (only === undefined || next.length > 1)
    return problem('other-files', `${named.oid} changes none of the trace's files`);
  return { commit: only, gaps: ['the trace names the commit before this one'] };
}

/** A trace that is younger than its commit, with a later commit of the same files, may have been written for that one. */
function doubt(
  trace: Trace,
  named: CommitPaths,
  next: readonly string[],
  commits: ReadonlyMap<string, CommitPaths>,
): string[] {
  const at = trace.at === null ? 0 : Date.parse(trace.at);
  const later = next.some((oid) => (commits.get(oid)?.at ?? 0) + 1000 > at);
  return at > named.at + 1000 && later
    ? ['the trace is younger than the commit it names and may be of the one after it']
    : [];
}
