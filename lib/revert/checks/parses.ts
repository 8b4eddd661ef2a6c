import { parse as parseToml } from 'smol-toml';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import { parseJson } from '../kinds/keys/json.ts';
import { LONGEST_TEXT } from '../kinds/keys/keyed.ts';
import { parsesAsYaml } from '../kinds/keys/yaml.ts';
import { dataFormat, type KeyedFormat } from '../kinds/path-kinds.ts';
import { readText } from '../kinds/texts.ts';
import { type ChangedFile, isRegular } from './changed-files.ts';
import { inParts } from './in-parts.ts';

/** Files that could be read before and can't be any more, and files with a conflict left in them. */
export async function brokenFiles(reader: ObjectReader, files: readonly ChangedFile[]): Promise<string[]> {
  const problems = await inParts(files, (file) => problemOf(reader, file));
  return problems.filter((problem) => problem !== null);
}

async function problemOf(reader: ObjectReader, { path, before, after }: ChangedFile): Promise<string | null> {
  if (!isRegular(before) || !isRegular(after) || before.oid === after.oid) return null;
  const [old, made] = await Promise.all([readText(reader, before.oid), readText(reader, after.oid)]);
  if (old === null) return null;
  if (made === null) return `${path} would be no text any more`;
  if (hasMarkers(made) && !hasMarkers(old)) return `${path} would have conflict markers in it`;
  const format = dataFormat(path);
  const isLost = format !== null && !(await isReadable(made, format)) && (await isReadable(old, format));
  return isLost ? `${path} could not be read as ${format.toUpperCase()} any more` : null;
}

function hasMarkers(text: string): boolean {
  return /^<{7} /m.test(text) && /^>{7} /m.test(text);
}

async function isReadable(text: string, format: KeyedFormat): Promise<boolean> {
  if (text.length > LONGEST_TEXT) return false;
  if (format === 'yaml') return parsesAsYaml(text);
  return format === 'json' ? isJson(text) : isToml(text);
}

/** With every key once: where it is there twice, one of the two is lost on whoever reads it. */
function isJson(text: string): boolean {
  if (parseJson(text) !== null) return true;
  try {
    return typeof JSON.parse(text) !== 'object';
  } catch {
    return false;
  }
}

function isToml(text: string): boolean {
  try {
    parseToml(text);
    return true;
  } catch {
    return false;
  }
}
