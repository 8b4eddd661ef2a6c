import { readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { agentLogDir, type Repository } from '../../git/repository/repository.ts';
import { makeFolder, writeFileAtomically } from '../../ledger/notes/files.ts';

/** Milliseconds a page is kept for: long enough to be loaded again, not for texts to lie about. */
const KEPT_FOR = 24 * 60 * 60 * 1000;

/** Where pages of `show --web` lie: private to the user, beside the other files of this clone. */
function pagesFolder(repo: Repository): string {
  return join(agentLogDir(repo), 'pages');
}

/** Writes a page that only the user can read, removes those of yesterday, and gives its path. `now` in milliseconds since 1970. */
export async function keepPage(repo: Repository, name: string, html: string, now: number): Promise<string> {
  const folder = pagesFolder(repo);
  await makeFolder(folder);
  await removeOld(folder, now);
  const path = join(folder, `${name.replaceAll(/[^A-Za-z0-9-]/g, '-').slice(0, 60)}.html`);
  await writeFileAtomically(path, html, false);
  return path;
}

/** Texts that are erased are to be in no page either. */
export async function removePages(repo: Repository): Promise<void> {
  await rm(pagesFolder(repo), { recursive: true, force: true });
}

async function removeOld(folder: string, now: number): Promise<void> {
  const names = await readdir(folder);
  for (const path of names.map((name) => join(folder, name))) {
    // Somebody else may be removing it as well.
    const file = await stat(path).catch(() => null);
    if (file !== null && file.mtimeMs < now - KEPT_FOR) await unlink(path).catch(() => undefined);
  }
}
