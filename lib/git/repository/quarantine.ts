import { quotePath } from '../diffs/quote-path.ts';

/**
 * The folder of objects that somebody pushes, while a pre-receive hook decides on them; null in any other process. A git that is
 * started without the hook's variables finds them there alone.
 */
export function quarantineFolder(): string | null {
  return process.env['GIT_QUARANTINE_PATH'] || null;
}

/** For a git that drops this process's variables. */
export function quarantineEnv(): Readonly<Record<string, string>> {
  const folder = quarantineFolder();
  return folder === null ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: alternateEntry(folder) };
}

/** One of several paths divided by colons; git takes one between quotes for one path. */
export function alternateEntry(path: string): string {
  if (!/[":\n\\]/.test(path)) return path;
  const quoted = quotePath(path);
  return quoted.startsWith('"') ? quoted : `"${quoted}"`;
}
