import { spawn } from 'node:child_process';
import { type GitPlace, gitEnvironment, gitFailed } from './runner.ts';

/** A git call whose answer is read as it comes. */
export interface StreamCall {
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The output of one git process, chunk by chunk: memory does not grow with its length. Throws GIT_FAILED when git ends
 * with another code than 0. A reader who stops early ends the process.
 */
export async function* streamGit(place: GitPlace, call: StreamCall): AsyncGenerator<Buffer> {
  const child = spawn('git', call.args, {
    cwd: place.cwd,
    env: gitEnvironment(place, call.env),
    stdio: [call.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    if (stderr.length < 4096) stderr += chunk.toString('utf8');
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // Whoever stops reading early never awaits it.
  ended.catch(() => undefined);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(call.stdin);
  try {
    for await (const chunk of child.stdout ?? []) yield chunk as Buffer;
    const code = await ended;
    if (code !== 0) throw gitFailed(call.args, code, stderr);
  } finally {
    child.kill();
  }
}

/** Lines of a stream without their line feed. One longer than `longest` bytes is cut there. */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  longest: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;
  const keep = (part: Buffer): void => {
    if (size < longest) parts.push(part.subarray(0, longest - size));
    size += part.length;
  };
  const taken = (): string => {
    const line = (parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)).toString('utf8');
    parts = [];
    size = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end));
      yield taken();
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (size > 0) yield taken();
}
