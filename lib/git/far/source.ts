import type { ObjectReader } from '../objects/catfile.ts';
import type { GitCall, GitResult } from '../process/runner.ts';

/** What a repository far away has under which names. */
export interface FarRefs {
  /** Ids by full name; of an annotated tag that of the commit it is of. */
  readonly byName: ReadonlyMap<string, string>;
  /** The branch its HEAD names, in full; null when it names none. */
  readonly head: string | null;
}

/** What to fetch. */
export interface FarFetch {
  readonly wants: readonly string[];
  /** Commits from each on; null: all of its history. */
  readonly depth: number | null;
  /** What is left out, as git names it; null: nothing. */
  readonly filter: 'blob:none' | 'tree:0' | null;
}

/** Gets refs and objects from far away. */
export interface FarSource {
  readonly refs: () => Promise<FarRefs>;
  readonly fetch: (what: FarFetch) => Promise<void>;
  /** Bytes that came so far. */
  readonly bytes: () => number;
  /** Reads what was fetched. Names are looked up among those of `naming`. */
  readonly openReader: (naming: FarNaming) => ObjectReader;
  /** Does what git would be called for; null where there is git. */
  readonly run: ((call: GitCall, naming: FarNaming) => Promise<GitResult>) | null;
}

/** How names are resolved of what was fetched. */
export interface FarNaming {
  readonly byName: ReadonlyMap<string, string>;
  /** Gets the whole history of branches and tags, once. */
  readonly history: () => Promise<void>;
}

/** How much may come, and how long it may take. */
export interface FarLimits {
  readonly bytes: number;
  /** For all of it, in milliseconds. */
  readonly ms: number;
  /** Without a byte, in milliseconds. */
  readonly idleMs: number;
}

export const FAR_LIMITS: FarLimits = { bytes: 512 * 1024 * 1024, ms: 15 * 60_000, idleMs: 60_000 };
