import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything in a folder: path -> mode and content, so that two states compare byte for byte. */
export async function listing(
  folder: string,
  skip: (path: string) => boolean = () => false,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = async (path: string): Promise<void> => {
    if (skip(path)) return;
    const full = join(folder, path);
    const info = await lstat(full);
    const mode = info.mode.toString(8);
    if (info.isDirectory()) {
      if (path !== '') found[`${path}/`] = mode;
      for (const name of await readdir(full)) await visit(path === '' ? name : `${path}/${name}`);
    } else {
      const content = info.isSymbolicLink()
        ? await readlink(full)
        : (await readFile(full)).toString('latin1');
      found[path] = `${mode} ${content}`;
    }
  };
  if ((await lstat(folder).catch(() => null)) !== null) await visit('');
  return found;
}
