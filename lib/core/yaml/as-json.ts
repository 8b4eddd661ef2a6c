import { parseAllDocuments } from 'yaml';
import { isDeepYaml } from './depth.ts';

/** Reading so many letters takes a fifth of a second where they are meant to be slow. */
const MOST_LETTERS = 64 * 1024;
const MOST_DEPTH = 50;
const MOST_ALIASES = 100;

/**
 * All documents of a YAML text as JSON writes them, one a line: escapes, folded texts and aliases are what they stand for. Null for what is too
 * long or too deep to be read, or that nobody can read.
 */
export function yamlAsJson(text: string): string | null {
  if (text.length > MOST_LETTERS || isDeepYaml(text, MOST_DEPTH)) return null;
  try {
    const documents = parseAllDocuments(text, {
      logLevel: 'silent',
      uniqueKeys: false,
      merge: false,
      prettyErrors: false,
    });
    if (!Array.isArray(documents)) return null;
    return documents.map((one) => JSON.stringify(one.toJS({ maxAliasCount: MOST_ALIASES }))).join('\n');
  } catch {
    return null;
  }
}
