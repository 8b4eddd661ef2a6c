import type { LoggedCommit } from '../../git/history/log-stream.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import type { Signal } from '../../identity/agents/marks.ts';
import {
  entireCheckpoints,
  entireSession,
  type SessionMark,
  sessionMark,
  trailerSession,
} from '../../identity/agents/sessions.ts';
import { candidatePaths } from '../../ledger/notes/fanout.ts';
import { objectField, objectsIn, type Payload, textField } from '../agents/payload.ts';

const GIT_AI_REF = 'refs/notes/ai';
/** Where Entire keeps checkpoints: the newer refs, and the branch of before, here or as fetched. */
const CHECKPOINT_BRANCHES = ['refs/heads/entire/checkpoints/v1', 'refs/remotes/origin/entire/checkpoints/v1'];
const MAX_NOTE_BYTES = 16 * 1024 * 1024;
const MAX_CHECKPOINTS = 20;

/**
 * The session a commit belongs to, as the first of these tools has it: Entire (its trailer, or what its checkpoint says),
 * git-ai (its note), then the trailers of the others. Null when none has.
 */
export async function findSession(
  reader: ObjectReader,
  commit: LoggedCommit,
  signals: readonly Signal[],
): Promise<SessionMark | null> {
  const noted = signals.some(({ kind, seen }) => kind === 'note' && seen === GIT_AI_REF);
  return (
    entireSession(commit.message) ??
    (await checkpointSession(reader, commit.message)) ??
    (noted ? await gitAiSession(reader, commit.oid) : null) ??
    trailerSession(commit.message)
  );
}

/** Without the checkpoint's own files, what it is called is all there is to hold commits together. */
async function checkpointSession(reader: ObjectReader, message: string): Promise<SessionMark | null> {
  const ids = entireCheckpoints(message).slice(0, MAX_CHECKPOINTS);
  if (ids.length === 0) return null;
  const found = await Promise.all(ids.map((id) => readCheckpoint(reader, id)));
  const metadata = found.filter((one) => one !== null);
  const sessions = metadata.flatMap((one) => textField(one, 'session_id') ?? []);
  const told = { agent: null, model: single(metadata.flatMap((one) => textField(one, 'model') ?? [])) };
  return sessions.length === ids.length
    ? sessionMark('entire', sessions, told)
    : sessionMark('entire-checkpoint', ids, told);
}

async function readCheckpoint(reader: ObjectReader, id: string): Promise<Payload | null> {
  const places = [
    `refs/entire/checkpoints/${id.slice(-2)}/${id}:`,
    ...CHECKPOINT_BRANCHES.map((branch) => `${branch}:${id.slice(0, 2)}/${id.slice(2)}/`),
  ];
  const paths = places.flatMap((place) => ['0', '1'].map((folder) => `${place}${folder}/metadata.json`));
  const found = await Promise.all(paths.map((path) => reader.read(path)));
  const blob = found.find((object) => object?.type === 'blob');
  return blob == null || blob.content.length > MAX_NOTE_BYTES
    ? null
    : parseObject(blob.content.toString('utf8'));
}

/** git-ai's note ends, after a line of `---`, in JSON that names the agents and their sessions. */
async function gitAiSession(reader: ObjectReader, oid: string): Promise<SessionMark | null> {
  const found = await Promise.all(candidatePaths(oid).map((path) => reader.read(`${GIT_AI_REF}:${path}`)));
  const blob = found.find((object) => object?.type === 'blob');
  if (blob == null || blob.content.length > MAX_NOTE_BYTES) return null;
  const text = blob.content.toString('utf8');
  const divider = /^---[ \t\r]*$/m.exec(text);
  const note = divider === null ? null : parseObject(text.slice(divider.index + divider[0].length));
  if (note === null) return null;
  const parts = [
    ...Object.values(objectField(note, 'prompts')),
    ...Object.values(objectField(note, 'sessions')),
  ];
  const agents = objectsIn(parts).map((part) => objectField(part, 'agent_id'));
  const texts = (name: string): string[] => agents.flatMap((agent) => textField(agent, name) ?? []);
  return sessionMark('git-ai', texts('id'), { agent: single(texts('tool')), model: single(texts('model')) });
}

/** The value all have in common; null when they differ. */
function single(values: readonly string[]): string | null {
  const [first = null] = values;
  return values.every((value) => value === first) ? first : null;
}

function parseObject(text: string): Payload | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : null;
  } catch {
    return null;
  }
}
