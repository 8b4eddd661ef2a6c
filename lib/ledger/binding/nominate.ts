import { isLanding, isReadable, type LandingRecord } from '../../core/records/record.ts';
import type { ClaimedTrailers } from '../../core/records/trailers.ts';
import { type Ledger, type Note, readNote } from '../ledger.ts';
import { type Candidate, candidatesOf, type FindRecords, findByDigests, MOST_NAMED } from './candidates.ts';

/** A record somebody says is a commit's, and who says so. Nothing here is proof. */
export interface Nominee {
  readonly candidate: Candidate;
  /** The commit's own message names it. */
  readonly sealed: boolean;
  /** A binding says so. */
  readonly bound: boolean;
  /** Landings that say so, oldest first. */
  readonly landings: readonly LandingRecord[];
}

export interface Nominees {
  readonly nominees: readonly Nominee[];
  readonly problems: readonly string[];
}

/** The records named for a commit: by its own note, by landings on it, and by the trailers of its message. */
export async function nomineesFor(
  ledger: Ledger,
  commit: string,
  note: Note | null,
  claims: ClaimedTrailers,
  find: FindRecords = findByDigests,
): Promise<Nominees> {
  const said = saidOf(commit, note, claims);
  const landed = await readLanded(ledger, said.own, said.landings);
  const known = digestsOf([...said.own, ...landed]);
  const found = await find(
    ledger,
    said.named.filter((digest) => !known.has(digest)),
  );
  return nomineesOf(said, [...said.own, ...landed, ...found]);
}

/** The same where its own note has all that is named; null where others have to be looked at. */
export function nomineesAtHand(commit: string, note: Note | null, claims: ClaimedTrailers): Nominees | null {
  const said = saidOf(commit, note, claims);
  const here = digestsOf(said.own);
  const isHere = (digest: string): boolean => here.has(digest);
  const isAllHere = said.named.every(isHere) && said.landings.every(({ record }) => isHere(record));
  return isAllHere ? nomineesOf(said, said.own) : null;
}

/** What a commit's note and its message say. */
interface Said {
  readonly commit: string;
  readonly own: readonly Candidate[];
  readonly landings: readonly LandingRecord[];
  readonly named: readonly string[];
  /** How many more are named than are looked at. */
  readonly cut: number;
}

function saidOf(commit: string, note: Note | null, { records }: ClaimedTrailers): Said {
  const { landings, cut } = landingsHere(commit, note);
  const named = records.slice(0, MOST_NAMED);
  return { commit, own: candidatesOf(note), landings, named, cut: cut + records.length - named.length };
}

function nomineesOf({ commit, landings, named, cut }: Said, all: readonly Candidate[]): Nominees {
  return {
    nominees: all.map((candidate) => ({
      candidate,
      sealed: named.includes(candidate.record.digest),
      bound: candidate.bindings.some(({ record }) => record.commit === commit),
      landings: landings.filter(({ record }) => record === candidate.record.digest),
    })),
    problems: [...missingProblems(all, named, landings), ...limitProblems(cut)],
  };
}

function digestsOf(candidates: readonly Candidate[]): ReadonlySet<string> {
  return new Set(candidates.map(({ record }) => record.digest));
}

/**
 * The landings that say work is in this commit; a record says it once for each commit it came from. Where there are too many, those that
 * were put there first are looked at: an id can be made as old as anybody likes, and what is added comes after what is there.
 */
function landingsHere(
  commit: string,
  note: Note | null,
): { readonly landings: readonly LandingRecord[]; readonly cut: number } {
  const all = (note?.lines ?? [])
    .filter(isReadable)
    .filter(isLanding)
    .map(({ record }) => record)
    .filter((landing) => landing.commit === commit && landing.from !== commit);
  const landings = all.slice(0, MOST_NAMED).sort((a, b) => (a.id < b.id ? -1 : 1));
  return { landings, cut: all.length - landings.length };
}

/** Records that are in the notes landings name. What a landing says of a record, the note of that record has to bear out. */
async function readLanded(
  ledger: Ledger,
  own: readonly Candidate[],
  landings: readonly LandingRecord[],
): Promise<Candidate[]> {
  const here = digestsOf(own);
  const wanted = landings.filter(({ record }) => !here.has(record));
  const found = new Map<string, Candidate>();
  for (const from of new Set(wanted.map((landing) => landing.from))) {
    const digests = new Set(wanted.filter((landing) => landing.from === from).map(({ record }) => record));
    for (const candidate of candidatesOf(await readNote(ledger, from)))
      if (digests.has(candidate.record.digest)) found.set(candidate.record.digest, candidate);
  }
  return [...found.values()];
}

function missingProblems(
  found: readonly Candidate[],
  named: readonly string[],
  landings: readonly LandingRecord[],
): string[] {
  const here = digestsOf(found);
  const landed = new Map(landings.map(({ record, from }) => [record, from]));
  return [
    ...named
      .filter((digest) => !here.has(digest) && !landed.has(digest))
      .map((digest) => `the message names ${digest}, which is in no ledger here`),
    ...[...landed]
      .filter(([digest]) => !here.has(digest))
      .map(
        ([digest, from]) =>
          `the ledger says that ${digest} landed here, but the note of ${from} has no such record`,
      ),
  ];
}

function limitProblems(leftOut: number): string[] {
  return leftOut === 0
    ? []
    : [`${leftOut} more records are named for this commit: more than ${MOST_NAMED} are not looked at`];
}
