import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MessageSeal, makeReady, sealMessage } from '../../capture/commit/message.ts';
import { OBJECTS, QUESTIONS } from '../../capture/commit/questions.ts';
import { escapeTerminal } from '../../core/escape.ts';
import { type Heard, parseHeard } from '../../git/repository/heard.ts';

/** The shell a hook was started from: it has asked git, and waits for what to put into the message. */
export interface HookShell {
  /** Empty when nothing could be heard: whoever needs an answer then asks git. */
  readonly heard: Promise<Heard>;
  readonly seal: (seal: MessageSeal) => Promise<void>;
  /** Lets the commit go on: all is done that it has to wait for. */
  readonly end: () => void;
}

const POLL_MS = 2;
const CHUNK = 64 * 1024;
const NOTHING: Buffer = Buffer.alloc(0);

export function openShell(): HookShell {
  return {
    heard: readToEnd('/dev/stdin')
      .catch(() => NOTHING)
      .then((bytes) => parseHeard(bytes, QUESTIONS, OBJECTS)),
    seal: handOver,
    end: () => letGo(''),
  };
}

function letGo(said: string): void {
  try {
    writeSync(1, `${escapeTerminal(said)}\n`);
  } catch {
    // The shell has gone on by itself.
  }
}

/** Lets a shell that waits for a line go on: when told to, or when the process has run for some milliseconds. */
export function releaseAfter(ms: number, late: string): { readonly release: (said: string) => void } {
  let waits = true;
  const release = (said: string): void => {
    clearTimeout(timer);
    if (!waits) return;
    waits = false;
    letGo(said);
  };
  const timer = setTimeout(() => release(late), Math.max(0, ms - process.uptime() * 1000));
  return { release };
}

/**
 * Reads a pipe without blocking, so that the hook's time limit holds whatever git does, and without streams, which take
 * longer to load than git to answer.
 */
async function readToEnd(path: string): Promise<Buffer> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const chunks: Buffer[] = [];
  try {
    for (;;) {
      const chunk = readNow(file);
      if (chunk === null) await sleep(POLL_MS);
      else if (chunk.length === 0) return Buffer.concat(chunks);
      else chunks.push(chunk);
    }
  } finally {
    closeSync(file);
  }
}

/** Null when nothing is there yet. */
function readNow(file: number): Buffer | null {
  const chunk = Buffer.allocUnsafe(CHUNK);
  try {
    return chunk.subarray(0, readSync(file, chunk));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null;
    throw error;
  }
}

/** One line each: the comment character, the trailers, and an empty one: all is said. */
async function handOver(seal: MessageSeal): Promise<void> {
  await makeReady(seal);
  const lines = [seal.commentChar, ...seal.trailers];
  if (lines.some((line) => line === '' || line.includes('\n')))
    return sealMessage({ cwd: process.cwd() }, seal);
  writeSync(1, `${lines.join('\n')}\n\n`);
}
