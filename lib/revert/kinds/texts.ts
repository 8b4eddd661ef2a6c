import type { ObjectReader } from '../../git/objects/catfile.ts';
import { parseJson } from './keys/json.ts';
import type { ParseKeyed } from './keys/keyed.ts';
import { LONGEST_TEXT } from './keys/keyed.ts';
import { parseToml } from './keys/toml.ts';
import { yamlParser } from './keys/yaml.ts';
import type { KeyedFormat } from './path-kinds.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A blob as text that gives the same bytes again; null where it is none, or too long. */
export async function readText(reader: ObjectReader, oid: string): Promise<string | null> {
  const object = await reader.read(oid);
  return object?.type === 'blob' ? textOf(object.content) : null;
}

export function textOf(content: Buffer): string | null {
  if (content.byteLength > LONGEST_TEXT) return null;
  try {
    return UTF8.decode(content);
  } catch {
    return null;
  }
}

/** Reads a format; the code that does is loaded when it is first needed. */
export async function keyedParser(format: KeyedFormat): Promise<ParseKeyed> {
  if (format === 'yaml') return yamlParser();
  return format === 'json' ? parseJson : parseToml;
}
