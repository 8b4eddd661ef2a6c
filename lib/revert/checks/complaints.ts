import { blame } from '../../git/diffs/blame.ts';
import { lineDiffs } from '../../git/diffs/line-diff.ts';
import { readText } from '../kinds/texts.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import { changedFiles } from './changed-files.ts';
import { referencesTo } from './references.ts';

/** A tree, and what a verify command printed about it. */
export interface Complaint {
  readonly tree: string;
  readonly said: string;
}

/** A line of a file, from 1; null where only the file was named. */
export interface Location {
  readonly path: string;
  readonly line: number | null;
}

const MOST_LOCATIONS = 100;

/** `path:line`, `path(line,column)`, and `File "path", line n`; a path alone where it has a folder or an ending. */
const LOCATION =
  /(?:^|[\s"'`([])(?:\.\/)?((?:[\w@.+-]+\/)*[\w@+-][\w@.+-]*\.\w{1,8})(?:(?::|\()(\d+)|["'`], line (\d+)|(?=["'`\s,;:)\]]|$))/gm;

/** Which places of which files a text of a compiler or a test runner names, each once, the first of them. */
export function locationsIn(said: string): Location[] {
  const found = new Map<string, Location>();
  for (const [, path = '', ...lines] of said.matchAll(LOCATION)) {
    const line = lines.find((one) => one !== undefined);
    found.set(`${path}:${line}`, { path, line: line === undefined ? null : Number(line) });
    if (found.size >= MOST_LOCATIONS) break;
  }
  return [...found.values()];
}

/** The later commits of the branch that wrote what a verify command complains about, oldest first. */
export async function complainedAbout(
  shop: Workshop,
  situation: Situation,
  going: ReadonlySet<string>,
  { tree, said }: Complaint,
): Promise<string[]> {
  const places = await placesInTip(shop, situation, tree, locationsIn(said));
  const { history, place, tip } = situation;
  const last = history.changes.findIndex(({ commit }) => going.has(commit));
  const later = history.changes.slice(last + 1).map(({ commit }) => commit);
  const owners = new Set<string>();
  for (const { path, line } of places) {
    const query = { path, revision: tip.oid, lines: { from: line, to: line }, firstParent: true };
    for await (const { commit } of blame(place, query)) if (commit !== null) owners.add(commit);
  }
  return later.filter((commit) => owners.has(commit) && !going.has(commit));
}

interface Place {
  readonly path: string;
  readonly line: number;
}

/** The same lines as the tip has them; those the result alone has are nobody's. */
async function placesInTip(
  shop: Workshop,
  { tip }: Situation,
  tree: string,
  locations: readonly Location[],
): Promise<Place[]> {
  const { reader, scratch } = shop;
  const files = await changedFiles(scratch, tip.tree, tree);
  const changed = new Set(files.map(({ path }) => path));
  const gone = files.filter(({ after }) => after === null).map(({ path }) => path);
  const back = new Set(files.filter(({ before }) => before === null).map(({ path }) => path));
  const places: Place[] = [];
  for (const path of new Set(locations.map((one) => one.path))) {
    // The branch has no line of it that anybody could have written.
    if (back.has(path)) continue;
    const text = await readText(reader, `${tree}:${path}`);
    if (text === null) continue;
    // A compiler that misses something at the end may name the line after the last, which nobody wrote.
    const lines = text.replace(/\n$/, '').split('\n');
    const told = locations.filter((one) => one.path === path).map(({ line }) => line);
    const named = told.filter((line) => line !== null && line >= 1 && line <= lines.length);
    const wanted = [...named, ...linesNaming(path, lines, gone)].filter((line) => line !== null);
    const inTip = changed.has(path) ? await linesOfTip(shop, tip.tree, tree, path) : (line: number) => line;
    for (const line of new Set(wanted)) {
      const at = inTip(line);
      if (at !== null) places.push({ path, line: at });
    }
  }
  return places;
}

/** Lines that name a file that goes: of a missing module a program often tells only who wanted it. */
function linesNaming(path: string, lines: readonly string[], gone: readonly string[]): number[] {
  return lines.flatMap((line, i) =>
    referencesTo(gone, [{ path, lines: [line] }]).length > 0 ? [i + 1] : [],
  );
}

async function linesOfTip(
  { scratch }: Workshop,
  tip: string,
  tree: string,
  path: string,
): Promise<(line: number) => number | null> {
  const [diffs = []] = await lineDiffs(scratch, [{ from: tree, to: tip }], [path]);
  const hunks = diffs.find(({ from }) => from?.path === path)?.hunks ?? null;
  return (line) => {
    if (hunks === null) return null;
    const at = line - 1;
    if (hunks.some(({ start, end }) => start <= at && at < end)) return null;
    const before = hunks.filter(({ end }) => end <= at);
    return line + before.reduce((sum, { start, end, lines }) => sum + lines.length - (end - start), 0);
  };
}
