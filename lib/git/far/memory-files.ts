import type { PromiseFsClient } from 'isomorphic-git';

/** Files in memory by their paths, as far as isomorphic-git asks for them. */
export function memoryFiles(files: Map<string, Uint8Array>): PromiseFsClient {
  const plain = (path: string): string => path.replace(/\/+/g, '/').replace(/\/$/, '');
  const under = (path: string): string[] => {
    const prefix = `${plain(path)}/`;
    return [...files.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
  };
  const found = (path: string): Uint8Array => {
    const bytes = files.get(plain(path));
    if (bytes !== undefined) return bytes;
    throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
  };
  const stat = async (path: string): Promise<object> => {
    const isFolder = under(path).length > 0;
    const size = isFolder ? 0 : found(path).byteLength;
    const times = { ctimeMs: 0, mtimeMs: 0, dev: 0, ino: 0, uid: 0, gid: 0 };
    return {
      ...times,
      size,
      mode: isFolder ? 0o40755 : 0o100644,
      isFile: () => !isFolder,
      isDirectory: () => isFolder,
      isSymbolicLink: () => false,
    };
  };
  const refused = (path: string): Promise<never> =>
    Promise.reject(Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' }));
  return {
    promises: {
      readFile: async (path: string, options?: unknown) => {
        const bytes = found(path);
        const encoding = typeof options === 'string' ? options : (options as { encoding?: string })?.encoding;
        return encoding === undefined ? bytes : Buffer.from(bytes).toString('utf8');
      },
      writeFile: async (path: string, bytes: string | Uint8Array) => {
        files.set(plain(path), typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
      },
      readdir: async (path: string) => [...new Set(under(path).map((name) => name.split('/')[0] ?? ''))],
      unlink: async (path: string) => void files.delete(plain(path)),
      mkdir: async () => undefined,
      rmdir: async () => undefined,
      stat,
      lstat: stat,
      readlink: refused,
      symlink: refused,
    },
  };
}
