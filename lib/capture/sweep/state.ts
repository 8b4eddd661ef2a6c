import { rename } from 'node:fs/promises';
import type { ReflogEntry } from '../../git/refs/reflog.ts';
import { readRegularFile, removeFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';
import { fits, readState } from '../session/kept-state.ts';
import { stateToJson } from '../session/state-json.ts';

/** A person's commit as it was announced by their hook, before it was made. */
export interface PersonMark {
  /** Where HEAD stood; NO_COMMIT on a branch without commits. */
  readonly head: string;
  /** Top of the worktree. */
  readonly top: string;
  /** Milliseconds since 1970: when a sweep read it. */
  readonly readAt: number;
}

/** How far HEAD's log of one worktree was looked into. */
export interface Anchor {
  /** Number of steps that were there, and the last one. */
  readonly length: number;
  readonly oid: string;
  /** An agent's shell call was ever looked at here. */
  readonly hadLooks: boolean;
}

/** What one sweep leaves for the next. */
export interface SweepState {
  /** Milliseconds since 1970: when it read the logs. One that read them before has nothing to add. */
  readonly readAt: number;
  /** By top of the worktree. */
  readonly anchors: ReadonlyMap<string, Anchor>;
  readonly marks: readonly PersonMark[];
}

const MAX_STATE_BYTES = 4 * 1024 * 1024;
const MAX_MARKS_BYTES = 4 * 1024 * 1024;
/** Another sweep may be ahead of this one by as long as one takes. */
const CLOCK_SET_BACK_MS = 60_000;
const NEVER: SweepState = { readAt: 0, anchors: new Map(), marks: [] };
/** A commit a person began and did not make within this time was given up. */
const MARK_LASTS_MS = 60 * 60 * 1000;

/** What the last sweep left, with the marks people's hooks wrote since. */
export async function loadSweepState(place: Place, now: number): Promise<SweepState> {
  const kept = await readState(place.swept, MAX_STATE_BYTES, (value): value is SweepState =>
    fits(value, NEVER),
  );
  const known = kept ?? NEVER;
  const marks = [...known.marks, ...(await takeMarks(place, now))];
  return {
    ...known,
    // From far ahead: the clock was set back since, and waiting for it would find nothing for as long.
    readAt: known.readAt - now > CLOCK_SET_BACK_MS ? 0 : known.readAt,
    marks: marks.filter(({ readAt }) => Math.abs(now - readAt) < MARK_LASTS_MS),
  };
}

export async function saveSweepState(place: Place, state: SweepState): Promise<void> {
  await writeFileAtomically(place.swept, stateToJson(state), false);
  await removeFile(takenPath(place));
}

/** Moved aside first: a hook that writes meanwhile writes to a new file, and a crash here loses none. */
async function takeMarks(place: Place, now: number): Promise<PersonMark[]> {
  const taken = takenPath(place);
  const left = await readMarks(taken, now);
  const moved = await rename(place.people, taken).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  return moved ? [...left, ...(await readMarks(taken, now))] : left;
}

async function readMarks(path: string, now: number): Promise<PersonMark[]> {
  const bytes = await readRegularFile(path, MAX_MARKS_BYTES);
  const lines = bytes?.toString('utf8').split('\n') ?? [];
  return lines.flatMap((line) => {
    const match = /^([0-9a-f]{40,64}|none) (\/.*)$/.exec(line);
    return match ? [{ head: match[1] ?? '', top: match[2] ?? '', readAt: now }] : [];
  });
}

function takenPath(place: Place): string {
  return `${place.people}.taken`;
}

/** Where the steps begin that no sweep has looked into; null when the log tells nothing of it (it was cut, or never read). */
export function firstNewStep(steps: readonly ReflogEntry[], anchor: Anchor | undefined): number | null {
  if (anchor === undefined) return null;
  if (anchor.length === 0) return 0;
  return steps[anchor.length - 1]?.oid === anchor.oid ? anchor.length : null;
}

export function anchorOf(steps: readonly ReflogEntry[], hadLooks: boolean): Anchor {
  return { length: steps.length, oid: steps.at(-1)?.oid ?? '', hadLooks };
}
