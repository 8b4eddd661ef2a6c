import type { Io } from './io.ts';

const QUIET_MS = 500;
const EVERY_MS = 200;

/** Progress for whatever takes over half a second: silent before, and a line five times a second after. */
export interface Progress {
  readonly say: (text: string | (() => string)) => void;
  readonly end: () => void;
}

export function progressOf(io: Io): Progress {
  let next = Date.now() + QUIET_MS;
  return {
    say(text) {
      if (Date.now() < next) return;
      next = Date.now() + EVERY_MS;
      io.progress(typeof text === 'string' ? text : text());
    },
    end: () => io.progress(null),
  };
}
