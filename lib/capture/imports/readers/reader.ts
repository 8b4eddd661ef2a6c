import type { Ledger } from '../../../ledger/ledger.ts';
import type { ParsedSource, SourceProblem } from '../source.ts';

/** A source, and the commit it is about. */
export interface SourcePlace {
  readonly commit: string;
  /** Where the tool keeps it, spelled the same in every clone. */
  readonly ref: string;
  /** What the reader finds it by. */
  readonly address: string;
  /** The commit must change a file the source names: only a trailer or the source itself ties the two. */
  readonly byName: boolean;
  /** Said of every record made from it. */
  readonly gaps: readonly string[];
}

/** Why something was not imported. */
export interface ImportProblem extends SourceProblem {
  readonly commit: string | null;
  readonly ref: string | null;
}

export interface FoundSources {
  readonly places: readonly SourcePlace[];
  readonly problems: readonly ImportProblem[];
}

/** A source's content. `digest` names the bytes it was read from. */
export type ReadSource = (ParsedSource & { readonly digest: string }) | { readonly problem: SourceProblem };

/** Finds and reads the sources of one format. */
export interface SourceReader {
  list(): Promise<FoundSources>;
  /** Reads a source again whenever asked: none is kept, however many there are. */
  read(place: SourcePlace): Promise<ReadSource>;
}

export interface ReaderContext {
  readonly ledger: Ledger;
  /** A ref or file to read instead of where the tool keeps its records. */
  readonly source: string | null;
}
