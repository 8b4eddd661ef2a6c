import { matchesSegments } from '../../core/paths/path-pattern.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import { type CommittedFile, readRegularFile } from '../../git/trees/regular-file.ts';

/** Where hosts look for it; the first that is there counts. */
const PLACES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'];
/** GitHub reads no larger one. */
const MAX_BYTES = 3 * 1024 * 1024;
const MAX_RULES = 20_000;

/** Who owns what, in one section after another. Without sections nobody owns anything. */
export interface CodeOwners {
  /** The file it was read from; null where there is none that counts. */
  readonly place: string | null;
  /** Files that do not count, and why: `CODEOWNERS is a symbolic link`. */
  readonly passedOver: readonly string[];
  readonly sections: readonly OwnerSection[];
}

/** GitLab's sections ask for an approval each; a file without any is one section. */
interface OwnerSection {
  readonly name: string | null;
  readonly isOptional: boolean;
  /** How many owners have to approve. */
  readonly approvals: number;
  readonly rules: readonly OwnerRule[];
}

interface OwnerRule {
  readonly matches: (path: string) => boolean;
  /** Nobody, where a rule takes a path out. */
  readonly owners: readonly string[];
  /** GitLab's `!`: what it matches, no rule of the section owns. */
  readonly excludes: boolean;
}

/** What one section asks for a path. */
export interface Ownership {
  readonly section: string | null;
  readonly isOptional: boolean;
  readonly approvals: number;
  readonly owners: readonly string[];
}

export const NO_CODE_OWNERS: CodeOwners = { place: null, passedOver: [], sections: [] };

/**
 * The rules of a commit or a tree: a change is judged by those of the branch it goes to. What is no regular file counts as
 * missing, and that is said.
 */
export async function readCodeOwners(reader: ObjectReader, revision: string): Promise<CodeOwners> {
  const passedOver: string[] = [];
  for (const place of PLACES) {
    const file = await readRegularFile(reader, revision, place, MAX_BYTES);
    if (file.kind === 'file') {
      const sections = parseCodeOwners(file.content.toString('utf8'), place);
      return { place, passedOver, sections };
    }
    if (file.kind !== 'missing') passedOver.push(`${place} ${IS[file.kind]}`);
  }
  return { ...NO_CODE_OWNERS, passedOver };
}

const IS: Readonly<Record<Exclude<CommittedFile['kind'], 'file' | 'missing'>, string>> = {
  link: 'is a symbolic link',
  submodule: 'is in a submodule',
  folder: 'is a folder',
  'too-large': `is over ${MAX_BYTES} bytes`,
};

const HEADER = /^(\^?)\[([^\]]+)\](?:\[(\d{1,3})\])?\s*(.*)$/;

/** Reads CODEOWNERS as GitHub does, and GitLab's sections with their own rules and owners. */
export function parseCodeOwners(text: string, place = ''): OwnerSection[] {
  const sections: (OwnerSection & { readonly rules: OwnerRule[] })[] = [];
  const begin = (name: string | null, isOptional: boolean, approvals: number): void => {
    sections.push({ name, isOptional, approvals, rules: [] });
  };
  begin(null, false, 1);
  let inherited: readonly string[] = [];
  const lines = text.split('\n').slice(0, MAX_RULES).map(wordsOf);
  // GitHub knows no `!` and passes over the line; whoever writes sections writes for GitLab.
  const excludes = place.startsWith('.gitlab/') || lines.some((words) => HEADER.test(words.join(' ')));
  for (const words of lines) {
    const [first = '', ...owners] = words;
    const header = HEADER.exec(words.join(' '));
    if (header !== null) {
      const [, optional, name = '', count] = header;
      inherited = (header[4] ?? '').split(' ').filter(isOwner);
      begin(name, optional === '^', Math.max(1, Number(count ?? 1)));
    } else if (first !== '' && (excludes || !first.startsWith('!')) && counts(owners, excludes))
      sections.at(-1)?.rules.push(ruleOf(first, owners.length === 0 ? inherited : owners.filter(isOwner)));
  }
  return sections;
}

/** A mistyped owner takes a path from nobody: GitHub passes over the line, GitLab over the owner, and over a line of no others. */
function counts(owners: readonly string[], isGitlab: boolean): boolean {
  return owners.length === 0 || (isGitlab ? owners.some(isOwner) : owners.every(isOwner));
}

function wordsOf(line: string): string[] {
  return line
    .replace(/(^|\s)#.*$/, '')
    .trim()
    .split(/(?<!\\)\s+/);
}

function ruleOf(first: string, owners: readonly string[]): OwnerRule {
  const excludes = first.startsWith('!');
  const pattern = (excludes ? first.slice(1) : first).replaceAll(/\\([\s#])/g, '$1');
  return { matches: matcherOf(pattern), owners: excludes ? [] : owners, excludes };
}

/** What each section asks for a path: its last rule that matches says. Sections that ask nothing are left out. */
export function ownershipOf({ sections }: Pick<CodeOwners, 'sections'>, path: string): Ownership[] {
  return sections.flatMap(({ name, isOptional, approvals, rules }) => {
    const matching = rules.filter((rule) => rule.matches(path));
    const owners = matching.some(({ excludes }) => excludes) ? [] : (matching.at(-1)?.owners ?? []);
    return owners.length === 0 ? [] : [{ section: name, isOptional, approvals, owners }];
  });
}

/** Everybody who owns a path, by any section. */
export function ownersOf(owners: Pick<CodeOwners, 'sections'>, path: string): string[] {
  return [...new Set(ownershipOf(owners, path).flatMap((one) => one.owners))];
}

/** Owners of some paths, each with what it owns. */
export function approvalsFor(
  owners: Pick<CodeOwners, 'sections'>,
  paths: readonly string[],
): { owner: string; paths: string[] }[] {
  const asked = new Map<string, string[]>();
  for (const path of paths)
    for (const owner of ownersOf(owners, path)) asked.set(owner, [...(asked.get(owner) ?? []), path]);
  return [...asked].map(([owner, owned]) => ({ owner, paths: owned }));
}

function isOwner(word: string): boolean {
  return /^(@@?[\w.-]+(\/[\w.-]+)*|[^\s@]+@[^\s@]+)$/.test(word);
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
