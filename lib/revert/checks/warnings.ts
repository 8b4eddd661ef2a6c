import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import { settingFor } from '../kinds/regenerate-rules.ts';
import { readText } from '../kinds/texts.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import { addedAround } from './added-around.ts';
import type { AddedLines } from './added-since.ts';
import { type ChangedFile, changedFiles, isRegular } from './changed-files.ts';
import { copiedBlocks, sharing } from './copied.ts';
import { generatedByLines } from './generated.ts';
import { inParts } from './in-parts.ts';
import { referencesTo } from './references.ts';

type Warning = RevertPlan['warnings'][number];

const MOST_WARNINGS = 20;

/** What to look at before a result is relied on. */
export async function warningsFor(
  { scratch, reader }: Workshop,
  situation: Situation,
  going: ReadonlySet<string>,
  tree: string,
): Promise<Warning[]> {
  const { history, tip, place } = situation;
  const files = await changedFiles(scratch, tip.tree, tree);
  const gone = files.filter(({ after }) => after === null).map(({ path }) => path);
  const { brought, added } = await addedAround(scratch, history, going);
  const inQuestion = new Set([
    ...referencesTo(gone, added).map(({ path }) => path),
    ...sharing(brought, added).map(({ path }) => path),
  ]);
  const since = await alive(
    reader,
    tree,
    added.filter(({ path }) => inQuestion.has(path)),
  );
  return [
    ...(await generatedWarnings({ scratch, reader }, { base: history.base, tip: tip.tree }, files)),
    ...referenceWarnings(gone, since),
    ...copyWarnings(brought, since),
    ...caseWarnings(files),
    ...(await largeFileWarnings(reader, place.commonDir, files)),
    ...submoduleWarnings(files),
  ].slice(0, MOST_WARNINGS);
}

/** Of lines that were added only those count that the result still has. */
async function alive(
  reader: ObjectReader,
  tree: string,
  added: readonly AddedLines[],
): Promise<AddedLines[]> {
  const texts = new Map<string, ReadonlySet<string>>();
  await inParts([...new Set(added.map((one) => one.path))], async (path) =>
    texts.set(path, new Set((await textIn(reader, tree, path))?.split(/\r?\n/))),
  );
  return added
    .map(({ path, lines }) => ({ path, lines: lines.filter((line) => texts.get(path)?.has(line) === true) }))
    .filter(({ lines }) => lines.length > 0);
}

async function textIn(reader: ObjectReader, tree: string, path: string): Promise<string | null> {
  return path === '' || path.includes('\n') ? null : readText(reader, `${tree}:${path}`);
}

async function generatedWarnings(
  shop: Pick<Workshop, 'scratch' | 'reader'>,
  trees: { readonly base: string; readonly tip: string },
  files: readonly ChangedFile[],
): Promise<Warning[]> {
  return (await generatedByLines(shop, trees, files)).map((path) => ({
    kind: 'generated',
    paths: [path],
    text: `${path} is marked as generated, and was merged by lines. To have it made again instead: ${settingFor(path)}`,
  }));
}

function referenceWarnings(gone: readonly string[], since: readonly AddedLines[]): Warning[] {
  const found = referencesTo(gone, since);
  return unique(found, ({ path, gone: file }) => `${path}\0${file}`).map(({ path, gone: file }) => ({
    kind: 'reference',
    paths: [path, file],
    text: `${path} names ${file}, which goes`,
  }));
}

function copyWarnings(work: readonly AddedLines[], since: readonly AddedLines[]): Warning[] {
  return unique(copiedBlocks(work, since), ({ path, from }) => `${path}\0${from}`).map(
    ({ path, from, lines }) => ({
      kind: 'copied',
      paths: [path, from],
      text: `${lines} lines of the work in ${from} were copied into ${path}, and stay there`,
    }),
  );
}

/** Where case does not count, one of the two files is lost in a checkout, or the rename is not seen. */
function caseWarnings(files: readonly ChangedFile[]): Warning[] {
  const byName = new Map<string, string[]>();
  for (const { path } of files)
    byName.set(path.toLowerCase(), [...(byName.get(path.toLowerCase()) ?? []), path]);
  return [...byName.values()]
    .filter((paths) => paths.length > 1)
    .map((paths) => ({
      kind: 'letter-case',
      paths,
      text: `${paths.join(' and ')} differ in the case of letters alone: check them out anew where case does not count`,
    }));
}

const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\n/;
const LONGEST_POINTER = 1024;

async function largeFileWarnings(
  reader: ObjectReader,
  commonDir: string,
  files: readonly ChangedFile[],
): Promise<Warning[]> {
  const warnings = await inParts(files, async ({ path, after }): Promise<Warning[]> => {
    const text = isRegular(after) ? await readText(reader, after.oid) : null;
    const oid = text === null || text.length > LONGEST_POINTER ? undefined : POINTER.exec(text)?.[1];
    if (oid === undefined) return [];
    if (await isThere(join(commonDir, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid))) return [];
    const missing = `the content of ${path} (sha256 ${oid.slice(0, 12)}) is not here: git lfs fetch`;
    return [{ kind: 'large-file', paths: [path], text: missing }];
  });
  return warnings.flat();
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

const SUBMODULE = '160000';

function submoduleWarnings(files: readonly ChangedFile[]): Warning[] {
  return files
    .filter(({ before, after }) => before?.mode === SUBMODULE || after?.mode === SUBMODULE)
    .map(({ path, after }) => ({
      kind: 'submodule',
      paths: [path],
      text:
        after?.mode === SUBMODULE
          ? `${path} goes to commit ${after.oid.slice(0, 12)}: git submodule update`
          : `${path} is no submodule any more`,
    }));
}

function unique<T>(all: readonly T[], keyOf: (one: T) => string): T[] {
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}
