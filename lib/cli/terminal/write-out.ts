import { fstatSync, statSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Whether answers go to a terminal. Does not make `process.stdout`, which takes a millisecond. */
export function isTerminal(): boolean {
  return mayBeTerminal() && isatty(1);
}

/** Asking for good loads node:tty, which takes two milliseconds: not done for a pipe, a file or the device that swallows all. */
function mayBeTerminal(): boolean {
  try {
    const stdout = fstatSync(1);
    return (
      stdout.isCharacterDevice() && stdout.rdev !== statSync('/dev/null', { throwIfNoEntry: false })?.rdev
    );
  } catch {
    // There is none: it was closed.
    return false;
  }
}

/** Says something on stdout before it returns; a terminal, or a reader that is slow, gets it from Node. Gives whether all is said. */
export function writeOut(text: string): boolean {
  if (isTerminal()) return leaveToNode(text);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return leaveToNode(bytes.subarray(at));
      endUnheard(error as NodeJS.ErrnoException);
    }
  }
  return true;
}

/** A reader that has seen enough (`| head`) closes the pipe: that ends us, and is no failure. */
export function endUnheard({ code }: NodeJS.ErrnoException): never {
  process.exit(code === 'EPIPE' ? 0 : 128);
}

function leaveToNode(rest: string | Uint8Array): false {
  process.stdout.on('error', endUnheard);
  process.stdout.write(rest);
  return false;
}
