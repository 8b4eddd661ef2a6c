import type { ObjectReader } from '../../git/objects/catfile.ts';
import { textOf } from '../kinds/texts.ts';
import type { ChangedFile } from './changed-files.ts';

type Names = Readonly<Record<string, unknown>>;

/** Lockfiles by name, and whether one fits a manifest: what the manifest asks for is what was locked. */
const LOCKS: Readonly<
  Record<
    string,
    (lock: string, asked: ReadonlyMap<string, string>, folder: string) => boolean | Promise<boolean>
  >
> = {
  'package-lock.json': fitsNpm,
  'npm-shrinkwrap.json': fitsNpm,
  'pnpm-lock.yaml': fitsPnpm,
  'yarn.lock': fitsYarn,
};

/** Manifests whose lockfile fitted before and would not any more. */
export async function unlockedManifests(
  reader: ObjectReader,
  from: string,
  to: string,
  files: readonly ChangedFile[],
): Promise<string[]> {
  const names = ['package.json', ...Object.keys(LOCKS)];
  const folders = new Set(
    files
      .map(({ path }) => path)
      .filter((path) => names.includes(nameOf(path)))
      .map(folderOf),
  );
  const problems: string[] = [];
  for (const folder of folders) {
    const now = await fitIn(reader, to, folder);
    if (now?.fits !== false || (await fitIn(reader, from, folder))?.fits === false) continue;
    problems.push(`${now.lock}${UNFIT}${join(folder, 'package.json')} any more`);
  }
  return problems;
}

const UNFIT = ' would not fit ';

/** The lockfile a problem is about; null where it is another one. */
export function unfitLock(problem: string): string | null {
  const at = problem.indexOf(UNFIT);
  return at < 0 ? null : problem.slice(0, at);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

interface Fit {
  readonly lock: string;
  readonly fits: boolean;
}

/** Of a folder's manifest and the lockfile in it or nearest above; null where one of them is not there. */
async function fitIn(reader: ObjectReader, tree: string, folder: string): Promise<Fit | null> {
  const manifest = await readIn(reader, tree, join(folder, 'package.json'));
  if (manifest === null) return null;
  const asked = askedBy(manifest);
  if (asked === null) return null;
  for (let at: string | null = folder; at !== null; at = at === '' ? null : folderOf(at))
    for (const [name, fits] of Object.entries(LOCKS)) {
      const lock = join(at, name);
      const text = await readIn(reader, tree, lock);
      if (text === null) continue;
      const inside = at === '' ? folder : folder.slice(at.length + 1);
      return { lock, fits: await fits(text, asked, inside) };
    }
  return null;
}

async function readIn(reader: ObjectReader, tree: string, path: string): Promise<string | null> {
  // A name with a line feed would be two questions to git.
  const object = path.includes('\n') ? null : await reader.read(`${tree}:${path}`);
  return object?.type === 'blob' ? textOf(object.content) : null;
}

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** What a package asks for, by name; null where it is no manifest. */
function askedBy(text: string): ReadonlyMap<string, string> | null {
  const manifest = objectOf(text);
  return manifest === null ? null : askedIn(manifest);
}

function askedIn(manifest: Names): ReadonlyMap<string, string> {
  const asked = new Map<string, string>();
  for (const kind of KINDS)
    for (const [name, wanted] of Object.entries(isNames(manifest[kind]) ? manifest[kind] : {}))
      if (typeof wanted === 'string') asked.set(`${kind} ${name}`, wanted);
  // npm keeps what is asked for twice as optional alone.
  for (const key of asked.keys())
    if (key.startsWith('optionalDependencies '))
      asked.delete(key.replace('optionalDependencies', 'dependencies'));
  return asked;
}

function objectOf(text: string): Names | null {
  try {
    const value: unknown = JSON.parse(text);
    return isNames(value) ? value : null;
  } catch {
    return null;
  }
}

function isNames(value: unknown): value is Names {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fitsNpm(text: string, asked: ReadonlyMap<string, string>, folder: string): boolean {
  const lock = objectOf(text);
  // The first format tells only what was installed.
  if (lock === null || !isNames(lock['packages'])) return true;
  const own = lock['packages'][folder];
  // A package in a folder need not belong to the one above.
  if (!isNames(own)) return folder !== '';
  const locked = askedIn(own);
  return locked.size === asked.size && [...asked].every(([key, wanted]) => locked.get(key) === wanted);
}

async function fitsPnpm(text: string, asked: ReadonlyMap<string, string>, folder: string): Promise<boolean> {
  const { parse } = await import('yaml');
  const lock = valueOf(() => parse(text, { maxAliasCount: 0 }) as unknown);
  if (!isNames(lock)) return true;
  const importers = isNames(lock['importers']) ? lock['importers'] : { '.': lock };
  const own = importers[folder === '' ? '.' : folder];
  if (!isNames(own)) return folder !== '';
  return [...asked].every(([key, wanted]) => {
    const [kind = '', name = ''] = key.split(' ');
    const all = own[kind];
    const one = isNames(all) ? all[name] : undefined;
    // What the other side of a peer brings is not locked, and older formats keep what was asked for elsewhere.
    if (kind === 'peerDependencies' || (isNames(own['specifiers']) && own['specifiers'][name] === wanted))
      return true;
    return isNames(one) && one['specifier'] === wanted;
  });
}

function valueOf(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return null;
  }
}

function fitsYarn(text: string, asked: ReadonlyMap<string, string>): boolean {
  const heads = new Set(
    text
      .split('\n')
      .filter((line) => /^\S.*:\s*$/.test(line))
      .flatMap((line) =>
        line
          .trim()
          .slice(0, -1)
          .split(',')
          .map((head) => head.trim().replaceAll('"', '')),
      ),
  );
  const all = [...heads].join('\n');
  return [...asked].every(([key, wanted]) => {
    const [kind = '', name = ''] = key.split(' ');
    if (kind === 'peerDependencies' || /^(?:workspace|link|portal|file|patch|catalog):/.test(wanted))
      return true;
    return (
      heads.has(`${name}@${wanted}`) ||
      heads.has(`${name}@npm:${wanted}`) ||
      all.includes(`${name}@${wanted},`)
    );
  });
}
