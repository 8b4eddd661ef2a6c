import { matchesSegments } from '../../core/path-pattern.ts';
import type { ObjectReader } from '../../git/catfile.ts';

/** Where hosts look for it; the first that is there counts. */
const PLACES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'];
/** GitHub reads no larger one. */
const MAX_BYTES = 3 * 1024 * 1024;
const MAX_RULES = 20_000;

/** Who owns what, in one section after another. */
export interface CodeOwners {
  readonly sections: readonly (readonly OwnerRule[])[];
}

interface OwnerRule {
  readonly matches: (path: string) => boolean;
  /** Nobody, where a rule takes a path out. */
  readonly owners: readonly string[];
}

/** The rules of a tree: a change is judged by those of the branch it goes to. Null where it has none. */
export async function readCodeOwners(reader: ObjectReader, tree: string): Promise<CodeOwners | null> {
  for (const place of PLACES) {
    const file = await reader.read(`${tree}:${place}`);
    if (file?.type === 'blob' && file.content.length <= MAX_BYTES)
      return parseCodeOwners(file.content.toString('utf8'));
  }
  return null;
}

/** Reads CODEOWNERS as GitHub does, and GitLab's sections with their own rules and owners. */
export function parseCodeOwners(text: string): CodeOwners {
  const sections: OwnerRule[][] = [[]];
  let inherited: readonly string[] = [];
  for (const line of text.split('\n').slice(0, MAX_RULES)) {
    const words = line
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .split(/(?<!\\)\s+/);
    const [first = '', ...owners] = words;
    const section = /^\^?\[[^\]]+\](?:\[\d+\])?\s*(.*)$/.exec(words.join(' '));
    if (section !== null) {
      inherited = (section[1] ?? '').split(' ').filter(isOwner);
      sections.push([]);
    } else if (first !== '' && !first.startsWith('!'))
      sections.at(-1)?.push({
        matches: matcherOf(first.replaceAll(/\\([\s#])/g, '$1')),
        owners: owners.length === 0 ? inherited : owners.filter(isOwner),
      });
  }
  return { sections };
}

/** Who owns a path: in each section the last rule that matches says. */
export function ownersOf({ sections }: CodeOwners, path: string): string[] {
  const found = sections.flatMap((rules) => rules.findLast((rule) => rule.matches(path))?.owners ?? []);
  return [...new Set(found)];
}

/** Owners of some paths, each with what it owns. */
export function approvalsFor(
  owners: CodeOwners | null,
  paths: readonly string[],
): { owner: string; paths: string[] }[] {
  const asked = new Map<string, string[]>();
  if (owners === null) return [];
  for (const path of paths)
    for (const owner of ownersOf(owners, path)) asked.set(owner, [...(asked.get(owner) ?? []), path]);
  return [...asked].map(([owner, owned]) => ({ owner, paths: owned }));
}

function isOwner(word: string): boolean {
  return /^(@@?[\w./-]+|[^\s@]+@[^\s@]+)$/.test(word);
}

/** As in .gitignore, but for what hosts leave out: a pattern with a slash inside is from the top, one that ends in one is a folder. */
function matcherOf(pattern: string): (path: string) => boolean {
  const isFolder = pattern.endsWith('/');
  const bare = pattern.replace(/\/$/, '');
  const segments = (bare.includes('/') ? bare.replace(/^\//, '') : `**/${bare}`).split('/');
  // `docs/*` is what lies in docs itself; any other name may be a folder, and then all in it is meant.
  const isDirect = bare.includes('/') && segments.at(-1) === '*';
  return (path) => matchesSegments(segments, path.split('/'), isFolder ? 1 : 0, isDirect ? 0 : Infinity);
}
