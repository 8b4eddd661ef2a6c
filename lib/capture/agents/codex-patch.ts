/** A file a patch touches, and whether it is gone after. */
export interface PatchedFile {
  readonly path: string;
  readonly deleted: boolean;
}

const HEADER = /^\*\*\* (Add File|Update File|Delete File|Move to): (.+)$/;
const MAX_FILES = 5000;

/**
 * The files an `apply_patch` envelope names, in order. What they hold after is not taken from the patch: it says what
 * the model wanted, the disk says what became of it.
 */
export function patchedFiles(patch: string): PatchedFile[] {
  const files = new Map<string, PatchedFile>();
  let updating: string | null = null;
  for (const line of patch.split(/\r?\n/)) {
    const [, what, name = ''] = HEADER.exec(line.trimEnd()) ?? [];
    if (what === undefined || files.size >= MAX_FILES) continue;
    const path = name.trim();
    if (what === 'Move to' && updating !== null) files.set(updating, { path: updating, deleted: true });
    updating = what === 'Update File' ? path : null;
    files.set(path, { path, deleted: what === 'Delete File' });
  }
  return [...files.values()];
}
