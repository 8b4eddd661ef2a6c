import { posix } from 'node:path';
import type { AddedLines } from './added-since.ts';

/** A line that was added later and names a file that goes. */
export interface Reference {
  readonly path: string;
  readonly gone: string;
  readonly line: string;
}

/** Names in quotes or angle brackets, and what Python, Java and the like import without any. */
const NAMED = /["'`<]([^"'`<>\s]{1,200})["'`>]|^\s*(?:from|import|use|require|mod)\s+([\w.:/]{1,200})/g;

/** Lines that name a file that goes, as an import, an include or a path; not found by what they call in it. */
export function referencesTo(gone: readonly string[], since: readonly AddedLines[]): Reference[] {
  const byStem = new Map<string, string[]>();
  for (const path of gone) {
    const name = stemOf(moduleOf(path));
    byStem.set(name, [...(byStem.get(name) ?? []), path]);
  }
  return since.flatMap(({ path, lines }) =>
    lines.flatMap((line) =>
      [...line.matchAll(NAMED)].flatMap(([, quoted, bare]) => {
        const name = quoted ?? (bare ?? '').replaceAll(/\.|::/g, '/');
        const target = (byStem.get(stemOf(moduleOf(name))) ?? []).find((one) => leadsTo(name, path, one));
        return target === undefined ? [] : [{ path, gone: target, line }];
      }),
    ),
  );
}

/** A path as an import has it: without its ending, and without the name a folder's own module has. */
function moduleOf(path: string): string {
  const bare = path.replace(/(?<=[^/.])\.[\w.]+$/, '');
  return bare.replace(/\/(?:index|__init__|mod)$/, '');
}

function stemOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function leadsTo(name: string, from: string, target: string): boolean {
  const wanted = moduleOf(target);
  if (name.startsWith('.')) return moduleOf(posix.join(posix.dirname(from), name)) === wanted;
  const said = moduleOf(name.replace(/^[@~]?\//, ''));
  // A single bare word is too often just a word.
  const isPath = name.includes('/') || name !== said;
  const beside = posix.join(posix.dirname(from), said) === wanted;
  return beside || said === wanted || (isPath && wanted.endsWith(`/${said}`));
}
