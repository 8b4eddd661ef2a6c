import { type BundleEntry, ZIP_LIMITS } from './zip.ts';

/** Files of a folder as they lie in the bundle. Throws Error where there are more, or more in them, than is read. */
export function filesAsEntries(files: readonly File[]): BundleEntry[] {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length > ZIP_LIMITS.entries || total > ZIP_LIMITS.totalBytes)
    throw new Error('the folder holds more than this page reads');
  const paths = files.map((file) => placeOf(file));
  const top = topOf(paths);
  return files.map((file, i) => ({
    path: (paths[i] ?? '').slice(top.length),
    bytes: async () => new Uint8Array(await file.arrayBuffer()),
  }));
}

const places = new WeakMap<File, string>();

function placeOf(file: File): string {
  return places.get(file) ?? (file.webkitRelativePath || file.name);
}

/** The folder all of them are in, above the manifest. */
function topOf(paths: readonly string[]): string {
  const manifest =
    paths.filter((path) => /(^|\/)manifest\.json$/.test(path)).sort((a, b) => a.length - b.length)[0] ?? '';
  const top = manifest.slice(0, -'manifest.json'.length);
  return paths.every((path) => path.startsWith(top)) ? top : '';
}

/** What was dropped, with what is in folders that were. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...transfer.files];
  const found: File[] = [];
  for (const entry of entries) await addFiles(entry, found);
  return found;
}

async function addFiles(entry: FileSystemEntry, found: File[]): Promise<void> {
  if (found.length > ZIP_LIMITS.entries) return;
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    places.set(file, entry.fullPath.slice(1));
    found.push(file);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const batch = (): Promise<FileSystemEntry[]> =>
    new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  for (let inner = await batch(); inner.length > 0; inner = await batch())
    for (const one of inner) await addFiles(one, found);
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
