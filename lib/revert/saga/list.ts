import { realpath } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import type { ListedRepository, RepositoryList } from '../../core/generated/repos-v1.types.ts';
import { validate } from '../../core/generated/repos-v1.validate.ts';
import { readRegularFile } from '../../ledger/notes/files.ts';

/** A repository somebody listed, with a name that is its own and where it is. */
export interface NamedRepository extends Omit<ListedRepository, 'name'> {
  readonly name: string;
}

const MAX_BYTES = 256 * 1024;

/**
 * Reads which repositories belong together, paths made absolute. Throws BAD_ARGUMENT when it can't be read, or is anything
 * but a list of them.
 */
export async function readRepositoryList(file: string): Promise<NamedRepository[]> {
  // The user names the file and may do so by a link; what it says is taken from a regular file.
  const real = await realpath(file).catch(() => file);
  const bytes = await readRegularFile(real, MAX_BYTES);
  if (bytes === null) throw badList(`${file} is no file of at most ${MAX_BYTES / 1024} KiB`);
  return parseRepositoryList(bytes.toString('utf8')).map((one) => ({
    ...one,
    path: resolve(dirname(file), one.path),
  }));
}

/** The repositories of a list: JSON (schemas/repos-v1.json), or one path a line. Paths are as written. */
export function parseRepositoryList(text: string): NamedRepository[] {
  const list = /^\s*[{[]/.test(text) ? fromJson(text) : fromLines(text);
  if (!validate(list)) {
    const error = validate.errors?.[0];
    throw badList(`${error?.instancePath || '/'} ${error?.message ?? 'is not valid'}`);
  }
  const named = (list as RepositoryList).repositories.map((one) => ({ ...one, name: nameOf(one) }));
  const names = new Set<string>();
  for (const { name } of named) {
    if (names.has(name)) throw badList(`two of them are called '${name}'`);
    names.add(name);
  }
  return named;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badList('it is no JSON', cause);
  }
}

function fromLines(text: string): RepositoryList {
  const paths = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return { schema: 'agent-log/repos/v1', repositories: paths.map((path) => ({ path })) };
}

function nameOf({ name, path }: ListedRepository): string {
  const own = name ?? basename(resolve('/', path)).replace(/\.git$/, '');
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(own)) return own;
  throw badList('the last part of a path is no name to call a repository by');
}

function badList(problem: string, cause?: unknown): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `the list of repositories can't be used: ${problem}`, {
    cause,
    hints: [
      'One path a line, what others build on first; or JSON with path, name, branch and remote (schemas/repos-v1.json).',
    ],
  });
}
