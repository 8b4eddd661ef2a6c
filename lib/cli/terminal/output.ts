import { type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import type { Io } from './io.ts';

/** Where a long answer goes, part by part. */
export interface Output {
  readonly write: (text: string) => Promise<void>;
  /** Keeps what was written. */
  readonly done: () => Promise<void>;
  /** Throws it away; stdout keeps what it has. */
  readonly fail: () => Promise<void>;
}

/** stdout, or a file that is there whole or, when something fails on the way, as it was before. */
export async function openOutput(io: Io, file: string | undefined): Promise<Output> {
  if (file === undefined || file === '-') {
    const nothing = (): Promise<void> => Promise.resolve();
    return { write: (text) => Promise.resolve(io.print(text)), done: nothing, fail: nothing };
  }
  const path = resolve(io.cwd, file);
  const part = `${path}.${process.pid}.part`;
  const handle = await open(part, 'wx').catch((cause: unknown) => {
    throw cannotWrite(path, cause);
  });
  return {
    write: async (text) => {
      await handle.writeFile(text).catch((cause: unknown) => {
        throw cannotWrite(path, cause);
      });
    },
    done: () => keep(handle, part, path),
    fail: async () => {
      await handle.close();
      await rm(part, { force: true });
    },
  };
}

async function keep(handle: FileHandle, part: string, path: string): Promise<void> {
  try {
    await handle.close();
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true });
    throw cannotWrite(path, cause);
  }
}

/** Writes a report into the file a flag names, over what was there. Throws IO_FAILED. */
export async function writeReport(io: Io, flag: string, file: string, text: string): Promise<void> {
  try {
    await writeFile(resolve(io.cwd, file), text);
  } catch (cause) {
    throw cannotWrite(file, cause, `--${flag} FILE names a file in a folder that is there.`);
  }
}

const ELSEWHERE = 'Name a file in a folder you may write to, or leave -o out for stdout.';

function cannotWrite(path: string, cause: unknown, hint: string = ELSEWHERE): AgentLogError {
  return new AgentLogError('IO_FAILED', 'system', `${path} can't be written`, { cause, hints: [hint] });
}
