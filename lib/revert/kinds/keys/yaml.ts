import type * as Yaml from 'yaml';
import { isDeepYaml } from '../../../core/yaml/depth.ts';
import { type Keyed, type KeyedText, LONGEST_TEXT, MOST_DEPTH } from './keyed.ts';
import { keyedLines, type LineDocument, type LineEntry } from './line-document.ts';

/** Keys that are there twice are found by whoever asks: `hasTwice`, and a table takes none. */
const OPTIONS = { merge: false, logLevel: 'silent', uniqueKeys: false } as const;

/** Reads YAML, one document, as it stands in the text; null where it is none, or too deep or too long. */
export async function yamlParser(): Promise<(text: string) => KeyedText | null> {
  const yaml = await import('yaml');
  const parse = (text: string): LineDocument | null => documentOf(yaml, text);
  return (text) => {
    const document = parse(text);
    return document === null ? null : keyedLines(document, parse);
  };
}

/** Whether every document of a text is YAML. */
export async function parsesAsYaml(text: string): Promise<boolean> {
  if (isDeepYaml(text, MOST_DEPTH)) return false;
  const yaml = await import('yaml');
  const documents = yaml.parseAllDocuments(text, OPTIONS);
  if ('empty' in documents) return true;
  return documents.every((document) => document.errors.length === 0 && !hasTwice(yaml, document));
}

/** Whether a map in it has a key twice. The library's own look compares each with all before it. */
function hasTwice(yaml: typeof Yaml, document: Yaml.Document): boolean {
  let isFound = false;
  yaml.visit(document, {
    Map(_, { items }) {
      const names = items.flatMap(({ key }) => (yaml.isScalar(key) ? [key.value] : []));
      isFound ||= new Set(names).size < names.length;
      return isFound ? yaml.visit.BREAK : undefined;
    },
  });
  return isFound;
}

function documentOf(yaml: typeof Yaml, text: string): LineDocument | null {
  if (text.length > LONGEST_TEXT || isDeepYaml(text, MOST_DEPTH)) return null;
  const [document, ...more] = yaml.parseAllDocuments(text, OPTIONS);
  if (!document || 'empty' in document || more.length > 0 || document.errors.length > 0) return null;
  const { contents } = document;
  if (!yaml.isMap(contents) || contents.flow === true) return null;
  const entries: LineEntry[] = [];
  const root = tableOf(yaml, text, contents, [], entries);
  return root === null ? null : { text, root, entries };
}

/** Null where its keys are more than names on lines of their own. */
function tableOf(
  yaml: typeof Yaml,
  text: string,
  map: Yaml.YAMLMap,
  path: readonly string[],
  entries: LineEntry[],
): Map<string, Keyed> | null {
  const table = new Map<string, Keyed>();
  if (path.length > MOST_DEPTH) return null;
  for (const pair of map.items) {
    const { key, value } = pair as Yaml.Pair<Yaml.Node, Yaml.Node | null>;
    if (!yaml.isScalar(key) || key.range == null || key.anchor !== undefined || key.tag !== undefined)
      return null;
    const own = [...path, String(key.value)];
    const start = text.lastIndexOf('\n', key.range[0] - 1) + 1;
    if (text.slice(start, key.range[0]).trim() !== '' || table.has(own.at(-1) ?? '')) return null;
    const at = entries.length;
    const isPlain =
      yaml.isMap(value) && value.flow !== true && value.anchor === undefined && value.tag === undefined;
    const inner = isPlain ? tableOf(yaml, text, value, own, entries) : null;
    if (inner === null) entries.length = at;
    const span = value?.range ?? [key.range[1], key.range[1], key.range[2]];
    const said = { start: text.indexOf(':', key.range[1]) + 1, end: span[1] };
    const end = endOfLine(text, inner === null ? span[1] : (entries.at(-1)?.end ?? span[1]));
    const group = JSON.stringify(path);
    entries.splice(at, 0, { path: own, start, end, value: inner === null ? said : null, group });
    table.set(own.at(-1) ?? '', inner ?? text.slice(said.start, Math.max(said.start, said.end)));
  }
  return table;
}

/** Behind the line feed of the line that something ends on; what ends with a line feed ends there. */
function endOfLine(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}
