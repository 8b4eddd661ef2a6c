import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import type { ImportFile } from '../../policy/imports/files.ts';
import { MAX_RESULT_BYTES, RESULT_FORMATS } from '../../policy/imports/import.ts';
import type { Io } from '../terminal/io.ts';

/** The files of `--import FORMAT:FILE`. Throws BAD_ARGUMENT for a format nobody reads, and for a file that can't be read. */
export async function importFiles(io: Io, named: readonly string[]): Promise<ImportFile[]> {
  const files: ImportFile[] = [];
  for (const text of named) {
    const at = text.indexOf(':');
    const format = RESULT_FORMATS.find((one) => one === text.slice(0, Math.max(at, 0)));
    if (format === undefined || at === text.length - 1) throw badImport(text);
    files.push({ format, bytes: await readBounded(resolve(io.cwd, text.slice(at + 1))) });
  }
  return files;
}

async function readBounded(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size <= MAX_RESULT_BYTES) return await readFile(file);
  } catch (cause) {
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `${file} can't be read`, {
      cause,
      hints: ['--import FORMAT:FILE takes a file that the tool wrote.'],
    });
  }
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `${file} is larger than ${MAX_RESULT_BYTES} bytes`, {
    hints: ['Have the tool tell of what changed alone.'],
  });
}

function badImport(text: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `--import ${text} is no FORMAT:FILE`, {
    hints: [`The formats are ${RESULT_FORMATS.join(', ')}.`],
  });
}
