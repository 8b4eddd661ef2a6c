import { accessSync, constants, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Script } from 'node:vm';

/** What V8 compiled of a bundle while a command ran, as it was kept. */
export interface Compiled {
  readonly code: Buffer;
  /** How many runs in a row have compiled nothing more. */
  readonly unchanged: number;
}

/**
 * A first run is not like those that follow: a transaction is opened once, and then gone on with. So what is kept grows until
 * that many runs in a row had all they needed in it, and once a day after that.
 */
const ENOUGH = 4;

/** From run to run the same code differs by some ten bytes. */
const MORE_BYTES = 1024;

/** What was kept, if every byte of it is still as it was written: the code is there twice, the same, and then the count. */
export function readCompiled(path: string): Compiled | null {
  try {
    const bytes = readFileSync(path);
    const size = (bytes.length - 1) / 2;
    const code = bytes.subarray(0, size);
    const whole = size > 0 && code.equals(bytes.subarray(size, -1));
    return whole ? { code, unchanged: bytes[bytes.length - 1] ?? 0 } : null;
  } catch {
    return null;
  }
}

/** Keeps what this run compiled beside what was known before. */
export function keepCompiled(path: string, known: Compiled | null, script: Script): void {
  const usable = known !== null && script.cachedDataRejected !== true ? known : null;
  if ((usable !== null && usable.unchanged >= ENOUGH && !isOld(path)) || !mayKeep(dirname(path))) return;
  const code = script.createCachedData();
  if (usable === null || code.length > usable.code.length + MORE_BYTES) write(path, { code, unchanged: 0 });
  else write(path, { code: usable.code, unchanged: Math.min(usable.unchanged + 1, ENOUGH) });
}

/** The first runs need not have been the usual ones: so one run in a day looks again. */
const DAY_MS = 24 * 60 * 60 * 1000;

function isOld(path: string): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs > DAY_MS;
  } catch {
    return false;
  }
}

/** Asking V8 for the code takes longer than all the rest, and is for nothing where the folder can't be written. */
function mayKeep(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function write(path: string, { code, unchanged }: Compiled): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, Buffer.concat([code, code, Buffer.of(unchanged)]), { mode: 0o644, flag: 'wx' });
    renameSync(temporary, path);
  } catch {
    // Installed for all users, most likely: then it starts a little slower.
  }
}
