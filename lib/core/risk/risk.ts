import { RISK_TABLE } from '../generated/risk-table.ts';
import { globSource } from '../paths/glob.ts';
import type { RiskClass } from './globs.ts';
import { RiskList } from './list.ts';
import type { RiskPattern, RiskTexts } from './table.ts';

export type { RiskClass };

/** Every class, the riskiest first. */
export const RISK_CLASSES: readonly RiskClass[] = [
  'audit-policy',
  'access-and-review-control',
  'secrets-and-crypto',
  'iam',
  'dependency-manifest',
  'dependency-lockfile',
  'iac',
  'ci-cd',
  'network-and-tls',
  'container',
  'security-tooling-config',
  'os-and-runtime-hardening',
  'agent-instructions',
  'vendored-code',
  'data-migration',
];

/** Tells the risk classes of a path. */
export type RiskMatcher = (path: string) => readonly RiskClass[];

/**
 * One matcher for all classes: most globs are a name, an ending or a folder and cost a lookup; the rest are asked only
 * where what they begin and end with, and a folder they name, is in the path. A path is matched once and remembered.
 */
export function compileRiskMatcher(): RiskMatcher {
  const lookup = lookupOf(RISK_TABLE);
  const known = new Map<string, readonly RiskClass[]>();
  return (path) => {
    const before = known.get(path);
    if (before !== undefined) return before;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const classes = match(lookup, path.toLowerCase());
    known.set(path, classes);
    return classes;
  };
}

const MAX_REMEMBERED = 50_000;
const NONE: readonly RiskClass[] = [];

interface Lookup {
  readonly paths: RiskList<readonly RiskClass[]>;
  readonly names: RiskList<readonly RiskClass[]>;
  readonly endings: RiskList<readonly RiskClass[]>;
  readonly folders: RiskList<readonly RiskClass[]>;
  readonly namePatterns: Patterns;
  readonly pathPatterns: Patterns;
}

function lookupOf(texts: RiskTexts): Lookup {
  return {
    paths: new RiskList(texts.paths),
    names: new RiskList(texts.names),
    endings: new RiskList(texts.endings),
    folders: new RiskList(texts.folders),
    namePatterns: new Patterns(texts.namePatterns),
    pathPatterns: new Patterns(texts.pathPatterns),
  };
}

/** Patterns by what a text must have for any of them to match. */
class Patterns {
  readonly #list: RiskList<readonly RiskPattern[]>;
  readonly #sets = new Map<string, PatternSet | null>();

  constructor(lines: string) {
    this.#list = new RiskList(lines);
  }

  match(key: string, text: string, found: Set<RiskClass>): void {
    const known = this.#sets.get(key);
    const set = known === undefined ? this.#setOf(key) : known;
    set?.match(text, found);
  }

  #setOf(key: string): PatternSet | null {
    const patterns = this.#list.get(key);
    const set = patterns === undefined ? null : new PatternSet(patterns);
    if (this.#sets.size < MAX_REMEMBERED) this.#sets.set(key, set);
    return set;
  }
}

/** So many texts are cheaper compared one pattern at a time than it is to compile all patterns into one. */
const FEW = 50;

/** Patterns of several classes: for a few texts one by one, for many as one expression that says no to nearly all. */
class PatternSet {
  readonly #patterns: readonly RiskPattern[];
  readonly #compiled = new Map<string, RegExp>();
  #asked = 0;
  #any: RegExp | null = null;

  constructor(patterns: readonly RiskPattern[]) {
    this.#patterns = patterns;
  }

  match(text: string, found: Set<RiskClass>): void {
    if (this.#asked++ >= FEW && !this.#matchesAny(text)) return;
    // Taken apart one by one only where the ends fit: that takes longer than the comparison.
    for (const pattern of this.#patterns)
      if (text.startsWith(pattern[2]) && text.endsWith(pattern[3]) && this.#compile(pattern[1]).test(text))
        found.add(pattern[0]);
  }

  #matchesAny(text: string): boolean {
    this.#any ??= anchored(this.#patterns.map(([, glob]) => globSource(glob)).join('|'));
    return this.#any.test(text);
  }

  /** Only where the ends fit: nearly none ever is. */
  #compile(glob: string): RegExp {
    const compiled = this.#compiled.get(glob) ?? anchored(globSource(glob));
    this.#compiled.set(glob, compiled);
    return compiled;
  }
}

function anchored(source: string): RegExp {
  return new RegExp(`^(?:${source})$`, 's');
}

function match(table: Lookup, path: string): readonly RiskClass[] {
  const found = new Set<RiskClass>(table.paths.get(path));
  const segments = path.split('/');
  const name = segments.at(-1) ?? '';
  addAll(found, table.names.get(name));
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    addAll(found, table.endings.get(name.slice(dot)));
  for (const key of ['', name.charAt(0)]) table.namePatterns.match(key, name, found);
  table.pathPatterns.match('*', path, found);
  // A folder glob also names the folder itself, as a submodule or a link would be.
  for (const segment of segments) {
    addAll(found, table.folders.get(segment));
    table.pathPatterns.match(segment, path, found);
  }
  return found.size === 0 ? NONE : RISK_CLASSES.filter((risk) => found.has(risk));
}

function addAll(found: Set<RiskClass>, classes: readonly RiskClass[] | undefined): void {
  for (const risk of classes ?? []) found.add(risk);
}
