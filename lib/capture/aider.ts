import { join } from 'node:path';
import type { GitConfig } from '../git/repository/config.ts';
import type { Repository } from '../git/repository/repository.ts';
import { AIDER_HISTORY, aiderEvents, aiderTrailer, parseAiderHistory } from './agents/aider.ts';
import type { DetectedAgent } from './agents/detect.ts';
import { readTail } from './agents/jsonl.ts';
import { type Place, sessionKey } from './place.ts';
import { takeInEvents } from './spool/ingest.ts';

const MAX_HISTORY_BYTES = 4 * 1024 * 1024;

/** Aider as the agent of a commit it names in the message it was given; null when the message does not say so. */
export function aiderByMessage(source: string | undefined, message: string): DetectedAgent | null {
  // Only what was given with -m is Aider's own word: an amended message is an older commit's.
  if (source !== 'message' || aiderTrailer(message) === null) return null;
  return { name: 'aider', sessionId: null, version: null };
}

/**
 * Takes Aider's chat history into a session, as far as it was not before, and names the session. The agent itself when
 * there is no history. Call it under the lock.
 */
export async function takeInAider(
  repo: Repository,
  place: Place,
  agent: DetectedAgent,
  { now, config }: { readonly now: number; readonly config: GitConfig },
): Promise<DetectedAgent> {
  const text = repo.top === null ? null : await readTail(join(repo.top, AIDER_HISTORY), MAX_HISTORY_BYTES);
  const chat = text === null ? null : parseAiderHistory(text);
  if (chat === null) return agent;
  await takeInEvents(repo, place, sessionKey('aider', chat.startedAt), aiderEvents(chat, now), config);
  return { ...agent, sessionId: chat.startedAt, version: chat.version };
}
