import type * as Yaml from 'yaml';
import { type Keyed, type KeyedText, LONGEST_TEXT, MOST_DEPTH } from './keyed.ts';
import { keyedLines, type LineDocument, type LineEntry } from './line-document.ts';

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
  if (isDeep(text)) return false;
  const { parseAllDocuments } = await import('yaml');
  const documents = parseAllDocuments(text, { merge: false, logLevel: 'silent' });
  return 'empty' in documents || documents.every(({ errors }) => errors.length === 0);
}

function documentOf(yaml: typeof Yaml, text: string): LineDocument | null {
  if (text.length > LONGEST_TEXT || isDeep(text)) return null;
  const [document, ...more] = yaml.parseAllDocuments(text, { merge: false, logLevel: 'silent' });
  if (!document || 'empty' in document || more.length > 0 || document.errors.length > 0) return null;
  const { contents } = document;
  if (!yaml.isMap(contents) || contents.flow === true) return null;
  const entries: LineEntry[] = [];
  const root = tableOf(yaml, text, contents, [], entries);
  return root === null ? null : { text, root, entries };
}

/** Before the library looks: it goes down by calls. */
function isDeep(text: string): boolean {
  let depth = 0;
  let deepest = 0;
  for (const letter of text) {
    if (letter === '[' || letter === '{') deepest = Math.max(deepest, ++depth);
    else if (letter === ']' || letter === '}') depth = Math.max(0, depth - 1);
  }
  return (
    deepest > MOST_DEPTH || new RegExp(`^(?: {${MOST_DEPTH * 4}}|(?:[-?] ?){${MOST_DEPTH}})`, 'm').test(text)
  );
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
