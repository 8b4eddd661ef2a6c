import { expandBraces, shapeOfGlob } from './glob.ts';
import { RISK_GLOBS, type RiskClass } from './risk-globs.ts';

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
 * Compiles class globs into one matcher: most globs are a name, an ending or a folder and cost a lookup; the rest are
 * regular expressions that are only asked where a folder they name is in the path. A path is matched once and remembered.
 */
export function compileRiskMatcher(
  globs: Readonly<Record<string, readonly string[]>> = RISK_GLOBS,
): RiskMatcher {
  const table = compile(globs);
  const known = new Map<string, readonly RiskClass[]>();
  return (path) => {
    const before = known.get(path);
    if (before !== undefined) return before;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const classes = match(table, path.toLowerCase());
    known.set(path, classes);
    return classes;
  };
}

const MAX_REMEMBERED = 50_000;
const NONE: readonly RiskClass[] = [];

interface Table {
  readonly paths: Map<string, Set<RiskClass>>;
  readonly names: Map<string, Set<RiskClass>>;
  readonly endings: Map<string, Set<RiskClass>>;
  readonly folders: Map<string, Set<RiskClass>>;
  readonly namePatterns: PatternSet;
  /** By a folder the path must have; `*` for those that name none. */
  readonly pathPatterns: Map<string, PatternSet>;
}

/** Patterns of several classes, compiled when first asked: one expression that says no to nearly every path, then one a class. */
class PatternSet {
  readonly #sources = new Map<RiskClass, string[]>();
  #any: RegExp | null = null;
  #each: (readonly [RiskClass, RegExp])[] = [];

  add(risk: RiskClass, source: string): void {
    this.#sources.set(risk, [...(this.#sources.get(risk) ?? []), source]);
  }

  match(text: string, found: Set<RiskClass>): void {
    this.#any ??= anchored([...this.#sources.values()].flat());
    if (!this.#any.test(text)) return;
    if (this.#each.length === 0)
      this.#each = [...this.#sources].map(([risk, sources]) => [risk, anchored(sources)]);
    for (const [risk, pattern] of this.#each) if (pattern.test(text)) found.add(risk);
  }
}

function anchored(sources: readonly string[]): RegExp {
  return new RegExp(`^(?:${sources.join('|')})$`, 's');
}

function compile(globs: Readonly<Record<string, readonly string[]>>): Table {
  const table: Table = {
    paths: new Map(),
    names: new Map(),
    endings: new Map(),
    folders: new Map(),
    namePatterns: new PatternSet(),
    pathPatterns: new Map(),
  };
  for (const [name, list] of Object.entries(globs))
    for (const glob of list.flatMap(expandBraces)) addGlob(table, name as RiskClass, glob);
  return table;
}

function addGlob(table: Table, risk: RiskClass, glob: string): void {
  const shape = shapeOfGlob(glob);
  switch (shape.kind) {
    case 'path':
      add(table.paths, shape.path, risk);
      return;
    case 'name':
      add(table.names, shape.name, risk);
      return;
    case 'ending':
      add(table.endings, shape.ending, risk);
      return;
    case 'folder':
      add(table.folders, shape.folder, risk);
      return;
    case 'name-pattern':
      table.namePatterns.add(risk, shape.source);
      return;
    case 'path-pattern': {
      const set = table.pathPatterns.get(shape.segment ?? '*') ?? new PatternSet();
      set.add(risk, shape.source);
      table.pathPatterns.set(shape.segment ?? '*', set);
      return;
    }
  }
}

function add(map: Map<string, Set<RiskClass>>, key: string, risk: RiskClass): void {
  map.set(key, (map.get(key) ?? new Set()).add(risk));
}

function match(table: Table, path: string): readonly RiskClass[] {
  const found = new Set<RiskClass>(table.paths.get(path));
  const segments = path.split('/');
  const name = segments.at(-1) ?? '';
  addAll(found, table.names.get(name));
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    addAll(found, table.endings.get(name.slice(dot)));
  table.namePatterns.match(name, found);
  table.pathPatterns.get('*')?.match(path, found);
  // A folder glob also names the folder itself, as a submodule or a link would be.
  for (const segment of segments) {
    addAll(found, table.folders.get(segment));
    table.pathPatterns.get(segment)?.match(path, found);
  }
  return found.size === 0 ? NONE : RISK_CLASSES.filter((risk) => found.has(risk));
}

function addAll(found: Set<RiskClass>, classes: ReadonlySet<RiskClass> | undefined): void {
  for (const risk of classes ?? []) found.add(risk);
}
