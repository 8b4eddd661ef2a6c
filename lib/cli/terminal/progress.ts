import type { Io } from './io.ts';

const QUIET_MS = 500;
const EVERY_MS = 200;

export interface Progress {
  readonly say: (text: string | (() => string)) => void;
  readonly end: () => void;
}

/**
 * Progress for whatever takes over half a second: silent before, and a line at most five times a second after. What was
 * said last is shown in its time also where nothing more is said.
 */
export function progressOf(io: Pick<Io, 'progress'>): Progress {
  let next = Date.now() + QUIET_MS;
  let last: string | (() => string) = '';
  let timer: NodeJS.Timeout | undefined;
  // Nothing is taken back that was not said: making `process.stderr` for it takes a tenth of starting Node.
  let isShown = false;
  const show = (): void => {
    timer = undefined;
    next = Date.now() + EVERY_MS;
    isShown = true;
    io.progress(typeof last === 'string' ? last : last());
  };
  return {
    say(text) {
      last = text;
      timer ??= setTimeout(show, Math.max(0, next - Date.now())).unref();
      if (Date.now() < next) return;
      clearTimeout(timer);
      show();
    },
    end() {
      clearTimeout(timer);
      timer = undefined;
      if (isShown) io.progress(null);
      isShown = false;
    },
  };
}
