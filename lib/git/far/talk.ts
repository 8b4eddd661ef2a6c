import { withoutCredentials } from '../../core/address.ts';
import { messageOf } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import { type FarAddress, unreachable } from './address.ts';
import type { FarLimits } from './source.ts';

/** Asks one server, and takes no more from it than was allowed. */
export interface Talk {
  /** The body of an answer of a type; `body` null asks with GET. Throws UNREACHABLE. */
  readonly ask: (path: string, type: string, body: string | null) => Promise<Buffer>;
  readonly bytes: () => number;
}

/** `onBytes` is told how many have come. */
export function openTalk(address: FarAddress, limits: FarLimits, onBytes: (bytes: number) => void): Talk {
  const until = Date.now() + limits.ms;
  let taken = 0;
  const take = (chunk: Uint8Array): void => {
    taken += chunk.byteLength;
    if (taken > limits.bytes) throw unreachable(address, `it sends more than ${limits.bytes} bytes`);
    onBytes(taken);
  };
  return {
    bytes: () => taken,
    ask: async (path, type, body) => {
      const clock = new Clock(until, limits.idleMs);
      try {
        const response = await fetch(`${address.url}/${path}`, {
          ...requestOf(address, type, body),
          redirect: 'manual',
          signal: clock.signal,
        });
        clock.again();
        checkAnswer(address, response, type);
        return await bodyOf(response, (chunk) => {
          clock.again();
          take(chunk);
        });
      } catch (error) {
        throw clock.signal.aborted ? unreachable(address, clock.why) : failed(address, error);
      } finally {
        clock.stop();
      }
    },
  };
}

function requestOf({ authorization }: FarAddress, type: string, body: string | null): RequestInit {
  const headers = {
    'git-protocol': 'version=2',
    'user-agent': 'git-agent-log',
    accept: type,
    ...(authorization === null ? {} : { authorization }),
  };
  if (body === null) return { headers };
  const sent = { ...headers, 'content-type': 'application/x-git-upload-pack-request' };
  return { method: 'POST', headers: sent, body };
}

function checkAnswer(address: FarAddress, response: Response, type: string): void {
  const { status, headers } = response;
  if (status >= 300 && status < 400) {
    const where = escapeTerminal(withoutCredentials(headers.get('location') ?? 'nowhere').slice(0, 200));
    throw unreachable(address, `it sends on to ${where}, where nobody asked to go`);
  }
  if (status === 401 || status === 403) throw unreachable(address, 'it lets nobody in without credentials');
  if (status !== 200) throw unreachable(address, `it answers ${status}`);
  if (headers.get('content-type') !== type) throw unreachable(address, 'what answers is no git repository');
}

async function bodyOf(response: Response, take: (chunk: Uint8Array) => void): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  if (response.body === null) return Buffer.alloc(0);
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    take(chunk);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Node says only `fetch failed`; what failed is its cause. */
function failed(address: FarAddress, error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  return unreachable(address, error.cause === undefined ? error.message : messageOf(error.cause), error);
}

/** Ends a request that takes too long, or says nothing for too long. */
class Clock {
  readonly #ending = new AbortController();
  readonly #until: number;
  readonly #idleMs: number;
  #timer: NodeJS.Timeout | undefined;
  why = '';

  constructor(until: number, idleMs: number) {
    this.#until = until;
    this.#idleMs = idleMs;
    this.again();
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  again(): void {
    clearTimeout(this.#timer);
    const left = this.#until - Date.now();
    const idle = this.#idleMs < left;
    this.#timer = setTimeout(
      () => {
        this.why = idle ? 'it says nothing any more' : 'it takes too long';
        this.#ending.abort();
      },
      Math.max(1, Math.min(left, this.#idleMs)),
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
