import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AgentLogError } from '../core/errors.ts';
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

function cannotWrite(path: string, cause: unknown): AgentLogError {
  return new AgentLogError('IO_FAILED', 'system', `${path} can't be written`, {
    cause,
    hints: ['Name a file in a folder you may write to, or leave -o out for stdout.'],
  });
}
