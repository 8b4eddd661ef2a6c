import type {
  CaptureSource,
  ChangedFile,
  ExecutionRecord,
  LineCounts,
  Sponsor,
  Task,
  UnreadField,
} from '../../core/generated/execution-v1.types.ts';
import { parsePerson } from '../../core/person.ts';
import type { PiiSettings } from '../../core/secrets/pii.ts';
import { isAgentAddress } from '../../identity/agents/addresses.ts';
import { type ExistingWork } from '../existing/work.ts';
import { prepareTexts, type StoredText, type TextRef } from '../session/texts.ts';
import type { CommitPaths } from './commits.ts';
import { mergeSessions } from './merge.ts';
import type { ImportItem } from './plan.ts';
import type { SourceReader } from './readers/reader.ts';
import type { ImportFormat, SourceFile, SourceText } from './source.ts';

/** A record to be written, and the texts it points at. */
export interface PreparedWork {
  readonly work: ExistingWork;
  readonly texts: readonly StoredText[];
}

const MAX_UNREAD = 30;

/** Makes a record of an item: its sources are read again for their texts, which are redacted, cut and salted. */
export async function prepareWork(
  format: ImportFormat,
  reader: SourceReader,
  item: ImportItem,
  commit: CommitPaths,
  task: Task | null,
  pii: PiiSettings,
): Promise<PreparedWork> {
  const texts = await textsOf(reader, item);
  const prepared = await prepareTexts(
    texts.map(({ kind, text }) => ({ kind, text })),
    pii,
  );
  const { session } = item;
  const refs = texts.map((text, i) => ({ text, ref: prepared.refs[i] as TextRef }));
  const now = session.at ?? new Date(commit.at).toISOString();
  const prompts = promptsOf(refs, now);
  const [first] = prompts;
  const work: ExistingWork = {
    commit: item.commit,
    txn: item.txn,
    assurance: 'imported',
    source: sourceOf(format, item),
    agent: {
      name: session.agent.name ?? 'unknown',
      version: session.agent.version,
      sessionId: session.session,
      chain: [],
    },
    model: { ...session.model, name: knownModel(session.model.name) },
    sponsor: sponsorOf(session.author),
    task: task ?? (first === undefined ? null : { ...refOf(first), ref: null, source: 'prompt' }),
    by: new Map(session.files.map((file) => [file.path, wroteIt(file)])),
    lines: linesOf(session.files),
    details: {
      prompts,
      toolCalls: toolCallsOf(refs),
      reason: refs.find(({ text }) => text.kind === 'reason')?.ref ?? null,
      usage: session.usage?.tokens ?? null,
      redactions: [...prepared.redactions],
    },
    gaps: gapsOf(item, commit, texts),
  };
  return { work, texts: prepared.stored };
}

async function textsOf(reader: SourceReader, item: ImportItem): Promise<readonly SourceText[]> {
  const sessions = [];
  for (const { place, index, session } of item.parts) {
    const read = await reader.read(place);
    const again = 'document' in read ? read.document.sessions[index] : undefined;
    sessions.push({ ...session, texts: again?.texts ?? [] });
  }
  return mergeSessions(sessions).texts;
}

type Refs = readonly { readonly text: SourceText; readonly ref: TextRef }[];

function promptsOf(refs: Refs, fallback: string): ExecutionRecord['prompts'] {
  return refs
    .filter(({ text }) => text.kind === 'prompt')
    .map(({ text, ref }) => ({ ...ref, at: text.at ?? fallback }));
}

function refOf({ digest, size, cut }: TextRef): TextRef {
  return { digest, size, ...(cut === undefined ? {} : { cut }) };
}

/** What was called, and no more: none of these tools keeps how a call ended. */
function toolCallsOf(refs: Refs): ExecutionRecord['toolCalls'] {
  return refs
    .filter(({ text }) => text.kind === 'args')
    .map(({ text, ref }, i) => ({
      id: `imported-${i + 1}`,
      name: text.name || 'unknown',
      status: 'unknown',
      args: ref,
      result: null,
      ...(text.at === null ? {} : { startedAt: text.at }),
      endedAt: null,
    }));
}

function sourceOf(format: ImportFormat, { unit, parts, digest, session }: ImportItem): CaptureSource {
  const [part] = parts;
  const unread = sumUnread(parts.flatMap(({ document }) => document.unread));
  return {
    format,
    unit,
    ...optional('version', part?.document.format),
    ...optional('toolVersion', part?.document.toolVersion),
    ...optional('ref', part?.place.ref),
    digest,
    ids: [...session.ids],
    ...optional('author', session.author),
    ...(session.counts.size === 0 ? {} : { counts: Object.fromEntries(session.counts) }),
    ...(session.bulk.length === 0 ? {} : { bulk: session.bulk.map((bulk) => ({ ...bulk })) }),
    ...(unread.length === 0 ? {} : { unread }),
  };
}

function optional<K extends string>(name: K, value: string | null | undefined): Partial<Record<K, string>> {
  return value == null ? {} : ({ [name]: value } as Record<K, string>);
}

function sumUnread(fields: readonly UnreadField[]): UnreadField[] {
  const sums = new Map<string, number>();
  for (const { field, count } of fields) sums.set(field, (sums.get(field) ?? 0) + count);
  return [...sums].slice(0, MAX_UNREAD).map(([field, count]) => ({ field, count }));
}

function knownModel(name: string | null): string | null {
  return name === null || /^unknown$/i.test(name) ? null : name;
}

/** The person the source names. An agent's address, or a name alone, is no sponsor: it stays in `source.author`. */
function sponsorOf(author: string | null): Sponsor | null {
  const person = author === null ? null : parsePerson(author);
  if (person === null || isAgentAddress(person.email)) return null;
  return { name: person.name, email: person.email, source: 'imported' };
}

/** Whose content the source says a file is: it may name the file alone, or count lines. */
function wroteIt({ lines }: SourceFile): ChangedFile['by'] {
  const agent = lines.agent ?? 0;
  if ((lines.mixed ?? 0) > 0 || (agent > 0 && (lines.human ?? 0) > 0)) return 'mixed';
  return agent > 0 || Object.keys(lines).length === 0 ? 'agent' : 'unseen';
}

function linesOf(files: readonly SourceFile[]): Map<string, LineCounts> {
  return new Map(
    files.flatMap(({ path, lines }) => (Object.keys(lines).length === 0 ? [] : [[path, { ...lines }]])),
  );
}

function gapsOf(item: ImportItem, commit: CommitPaths, texts: readonly SourceText[]): string[] {
  const { paths } = commit;
  const elsewhere = paths === null ? 0 : item.session.files.filter(({ path }) => !paths.has(path)).length;
  const timeless = texts.filter(({ kind, at }) => kind === 'prompt' && at === null).length;
  const isFallback = timeless > 0 && item.session.at === null;
  return [
    ...new Set([
      ...item.session.gaps,
      ...item.parts.flatMap(({ place }) => place.gaps),
      ...(elsewhere > 0 ? [`${elsewhere} files the source names are not changed by this commit`] : []),
      ...(isFallback ? [`${timeless} prompts have no time in the source: the commit's stands there`] : []),
    ]),
  ];
}
