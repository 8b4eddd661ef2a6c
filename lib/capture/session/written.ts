import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blobId } from '../../core/digest.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { AgentEvent, Write } from '../agents/events.ts';

const MAX_HASHED_BYTES = 32 * 1024 * 1024;

/**
 * Adds what a written file is on disk, where nobody touched it since the hook ran: a payload's text has its line ends
 * normalised, so the file itself tells better what the tool left.
 */
export async function withWrittenContent<T>(repo: Repository, event: AgentEvent<T>): Promise<AgentEvent<T>> {
  const { what } = event;
  if (what.kind !== 'call-end' || what.writes.length === 0) return event;
  const seen = await Promise.all(
    what.writes.map(async (write) => [write, ...(await onDisk(repo, event.at, write))]),
  );
  return { ...event, what: { ...what, writes: seen.flat() } };
}

async function onDisk(repo: Repository, at: number, write: Write): Promise<Write[]> {
  const path = write.file ?? join(repo.top ?? '/', write.path);
  const info = write.deleted ? null : await lstat(path).catch(() => null);
  if (info === null || !info.isFile() || info.mtimeMs > at || info.size > MAX_HASHED_BYTES) return [];
  const content = await readFile(path).catch(() => null);
  const blob = content === null ? write.blob : blobId(content, repo.format);
  return blob === write.blob ? [] : [{ ...write, blob }];
}
