import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { identitiesFolder } from '../../identity/recipients/identities.ts';
import type { Finding } from './finding.ts';

const CHECK = 'private keys';
const OTHERS_WRITE = 0o022;
const OTHERS_AT_ALL = 0o077;

interface Wrong {
  readonly path: string;
  readonly says: string;
  readonly mend: string;
}

/** Whether private keys are their user's alone: whoever else reads one reads every text sealed for it. */
export async function identityFindings(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Finding[]> {
  const folder = identitiesFolder(env);
  // Windows has neither owners nor modes of this kind.
  const names = process.getuid === undefined ? [] : await readdir(folder).catch(() => []);
  if (names.length === 0) return [];
  const files = names.filter((name) => name.endsWith('.txt')).map((name) => join(folder, name));
  const wrong = [await folderWrong(folder), ...(await Promise.all(files.map(fileWrong)))];
  const found = wrong.filter((one) => one !== null);
  if (found.length === 0) return [{ check: CHECK, state: 'ok', says: `in ${folder}, readable by you alone` }];
  return found.map(({ path, says, mend }) => ({
    check: CHECK,
    state: 'bad',
    says: `${path} ${says}`,
    hint: `${mend} Who has read a key can read what is sealed for it: if somebody may have, set another one.`,
  }));
}

async function folderWrong(path: string): Promise<Wrong | null> {
  const info = await lstat(path).catch(() => null);
  if (info === null) return null;
  if (!isOwn(info))
    return { path, says: 'belongs to somebody else', mend: 'Keep your keys in one of yours.' };
  if ((info.mode & OTHERS_WRITE) === 0) return null;
  return { path, says: 'can be written by others', mend: `Run: chmod 700 ${shellPath(path)}.` };
}

/** A link is read by nothing here, and says nothing of who can read what it leads to. */
async function fileWrong(path: string): Promise<Wrong | null> {
  const info = await lstat(path).catch(() => null);
  if (info?.isFile() !== true) return null;
  if (!isOwn(info)) return { path, says: 'belongs to somebody else', mend: 'Make a copy of your own.' };
  if ((info.mode & OTHERS_AT_ALL) === 0) return null;
  return { path, says: 'can be opened by others', mend: `Run: chmod 600 ${shellPath(path)}.` };
}

function isOwn(info: { readonly uid: number }): boolean {
  return info.uid === process.getuid?.();
}

function shellPath(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
