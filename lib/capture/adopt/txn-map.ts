import { AgentLogError } from '../../core/errors.ts';
import { readRegularFile } from '../../ledger/notes/files.ts';

/** Abbreviated or full ids by the name of the transaction they belong to. */
export type TxnMap = ReadonlyMap<string, readonly string[]>;

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_NAMES = 10_000;
const MAX_COMMITS = 100_000;
const MAX_NAME = 200;

/** Reads a file of transactions, `{"name": ["commit", …]}`. Throws BAD_ARGUMENT, saying where it is wrong. */
export async function readTxnMap(path: string): Promise<TxnMap> {
  const bytes = await readRegularFile(path, MAX_BYTES);
  if (bytes === null) throw bad(`no regular file of at most ${MAX_BYTES / 1024 / 1024} MiB: ${path}`);
  return parseTxnMap(bytes.toString('utf8'));
}

/** Checks the text of such a file. What its commits are is for the repository to say. */
export function parseTxnMap(text: string): TxnMap {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('not an object');
  const entries = Object.entries(value);
  if (entries.length > MAX_NAMES) throw bad(`more than ${MAX_NAMES} names`);
  const map = new Map(entries.map(([name, commits]) => [checkName(name), checkCommits(name, commits)]));
  const total = [...map.values()].reduce((sum, commits) => sum + commits.length, 0);
  if (total > MAX_COMMITS) throw bad(`more than ${MAX_COMMITS} commits`);
  return map;
}

function checkName(name: string): string {
  if (name.trim() === '' || name.length > MAX_NAME)
    throw bad(`a name must have 1 to ${MAX_NAME} characters: ${quote(name)}`);
  return name;
}

function checkCommits(name: string, value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0) throw bad(`${quote(name)} is no list of commits`);
  return value.map((item: unknown) => {
    if (typeof item !== 'string' || !/^[0-9a-f]{7,64}$/i.test(item))
      throw bad(
        `${quote(name)} has ${typeof item === 'string' ? quote(item) : `a ${typeof item}`}, no commit id`,
      );
    return item.toLowerCase();
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw bad('not JSON', cause);
  }
}

function quote(text: string): string {
  return `'${text.slice(0, 60)}'`;
}

function bad(what: string, cause?: unknown): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `the map of transactions can't be used: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    hints: ['Write {"name": ["commit id", …], …}, with ids of 7 or more digits.'],
  });
}
