import { endsOfGlob, expandBraces, shapeOfGlob } from '../paths/glob.ts';
import type { RiskClass } from './globs.ts';

/** What the globs of the risk classes ask of a path, sorted by how it is looked up. Plain data: made at build time. */
export interface RiskTable {
  readonly paths: Listed;
  readonly names: Listed;
  readonly endings: Listed;
  readonly folders: Listed;
  /** By the letter the name must begin with; '' for those that may begin with any. */
  readonly namePatterns: Patterns;
  /** By a folder the path must have; `*` for those that name none. */
  readonly pathPatterns: Patterns;
}

/** The same, each part as the lines of a list. */
export type RiskTexts = { readonly [Part in keyof RiskTable]: string };

type Listed = readonly (readonly [key: string, classes: readonly RiskClass[]])[];

type Patterns = readonly (readonly [key: string, patterns: readonly RiskPattern[]])[];

/** A glob without braces, in lower case, with what every text begins and ends with that it matches. */
export type RiskPattern = readonly [risk: RiskClass, glob: string, head: string, tail: string];

type Grouped<T> = Map<string, T[]>;

/** Sorts the globs of every class into a table. */
export function riskTableOf(globs: Readonly<Record<string, readonly string[]>>): RiskTable {
  const listed = { path: new Map(), name: new Map(), ending: new Map(), folder: new Map() } satisfies Record<
    string,
    Grouped<RiskClass>
  >;
  const namePatterns: Grouped<RiskPattern> = new Map();
  const pathPatterns: Grouped<RiskPattern> = new Map();
  for (const [name, list] of Object.entries(globs)) {
    const risk = name as RiskClass;
    for (const shape of list.flatMap(expandBraces).map(shapeOfGlob)) {
      if (shape.kind === 'name-pattern') {
        const [head, tail] = endsOfGlob(shape.glob);
        add<RiskPattern>(namePatterns, head.charAt(0), [risk, shape.glob, head, tail]);
      } else if (shape.kind === 'path-pattern')
        add<RiskPattern>(pathPatterns, shape.segment ?? '*', [risk, shape.glob, ...endsOfGlob(shape.glob)]);
      else add<RiskClass>(listed[shape.kind], shape.text, risk);
    }
  }
  return {
    paths: [...listed.path],
    names: [...listed.name],
    endings: [...listed.ending],
    folders: [...listed.folder],
    namePatterns: [...namePatterns],
    pathPatterns: [...pathPatterns],
  };
}

function add<T>(groups: Grouped<T>, key: string, item: T): void {
  const group = groups.get(key) ?? [];
  if (!group.includes(item)) group.push(item);
  groups.set(key, group);
}
