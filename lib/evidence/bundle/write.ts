import type { BundleFile } from './evidence.ts';

/** Writes a bundle: a folder, or one zip when the path ends so. Refuses what is there and not empty. */
export type WriteBundle = (path: string, files: readonly BundleFile[]) => Promise<void>;
