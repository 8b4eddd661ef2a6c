import {
  encodeRecord,
  isReadable,
  isReplay,
  parseLine,
  type ReplayRecord,
} from '../../core/records/record.ts';
import type { Ledger, Note } from '../ledger.ts';
import { type AppendOptions, appendToNotes } from '../notes/append.ts';

/** The replays a note tells of, oldest first. */
export function replaysOf(note: Pick<Note, 'lines'> | null): ReplayRecord[] {
  return inOrder((note?.lines ?? []).filter(isReadable));
}

function inOrder(stored: Parameters<typeof isReplay>[0][]): ReplayRecord[] {
  const replays = stored.filter(isReplay).map(({ record }) => record);
  return replays.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Adds replays to the ledger, each to the note of its commit, all in one commit of the ledger. What the last replay of
 * the same record and mode said already is not said again. Gives the commits whose note changed.
 */
export function appendReplays(
  ledger: Ledger,
  replays: readonly ReplayRecord[],
  options: AppendOptions,
): Promise<string[]> {
  const appends = replays.map((replay) => {
    const { line } = encodeRecord(replay);
    const lines = (present: readonly string[]): string[] => (isKnown(present, replay) ? [] : [line]);
    return { object: replay.commit, lines };
  });
  return appendToNotes(ledger, appends, options);
}

function isKnown(present: readonly string[], replay: ReplayRecord): boolean {
  const parsed = present.filter((line) => line.includes(SCHEMA)).map(parseLine);
  const same = inOrder(parsed.filter(isReadable)).filter(
    ({ commit, record, mode }) =>
      commit === replay.commit && record === replay.record && mode === replay.mode,
  );
  const last = same.at(-1);
  return last !== undefined && outcomeOf(last) === outcomeOf(replay);
}

const SCHEMA = 'agent-log/replay/v1';

/** What came of it, whoever did it, when and where. */
function outcomeOf(replay: ReplayRecord): string {
  const {
    verdict,
    binding,
    sealed,
    coverage,
    differences,
    differencesLeftOut = 0,
    missing,
    problems,
    calls = [],
    checks = [],
    similarity = null,
  } = replay;
  const { callsTotal, executed, stubbed, skipped } = coverage;
  return JSON.stringify([
    [verdict, binding, sealed, callsTotal, executed, stubbed, skipped, differencesLeftOut],
    differences.map(({ path, pathBytes = null, expected, found }) => [path, pathBytes, expected, found]),
    missing.map(({ kind, id }) => [kind, id]),
    problems,
    calls.map(({ id, outcome, why }) => [id, outcome, why]),
    checks.map(({ name, passed, why }) => [name, passed, why]),
    similarity,
  ]);
}
