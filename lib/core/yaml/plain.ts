import { isAlias, isMap, isScalar, isSeq, type Node, type ParsedNode, parseDocument } from 'yaml';
import { isDeepYaml } from './depth.ts';

/** What JSON could say. Objects have no prototype. */
export type Plain = string | number | boolean | null | readonly Plain[] | PlainObject;
export interface PlainObject {
  readonly [key: string]: Plain;
}

/** Why a text is refused; in the words of the library where it is no YAML. */
export class NotPlain extends Error {}

/**
 * Reads YAML 1.2 that anybody may have written: maps with texts as keys, lists and values. Throws NotPlain on aliases, tags,
 * keys that are there twice, and what is nested deeper than `most`. The library's own conversion is passed over: it writes out
 * keys that are maps themselves, which takes minutes over a few kilobytes.
 */
export function parsePlainYaml(text: string, most: number): Plain {
  if (isDeepYaml(text, most)) throw new NotPlain('it is nested too deeply');
  const { contents, errors, warnings } = parseDocument(text, {
    logLevel: 'error',
    uniqueKeys: false,
    merge: false,
  });
  const [problem] = [...errors, ...warnings];
  if (problem !== undefined) throw new NotPlain('it is no YAML', { cause: problem });
  return contents === null ? null : plain(contents, most);
}

function plain(node: Node | ParsedNode | null, most: number): Plain {
  if (node === null) return null;
  if (most < 0) throw new NotPlain('it is nested too deeply');
  if (isAlias(node)) throw new NotPlain('it has an alias');
  if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:'))
    throw new NotPlain('it has a tag');
  if (isScalar(node)) return scalar(node.value);
  if (isSeq<Node>(node)) return node.items.map((item) => plain(item, most - 1));
  if (!isMap<Node, Node | null>(node)) throw new NotPlain('it has something that is no value');
  const object = Object.create(null) as Record<string, Plain>;
  for (const { key, value } of node.items) {
    if (!isScalar(key) || typeof key.value !== 'string') throw new NotPlain('it has a key that is no text');
    if (key.value in object) throw new NotPlain('it has a key twice');
    object[key.value] = plain(value, most - 1);
  }
  return object;
}

function scalar(value: unknown): Plain {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new NotPlain('it has a value that is no text, number or truth');
}
