import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitPlace, runGit } from '../../git/process/runner.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { readRegularFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';

/** Where the branches of this clone are: ref -> commit. */
export type Tips = ReadonlyMap<string, string>;

/** What is kept between two looks. */
export interface TipsState {
  readonly tips: Tips;
  /** Recorded commits that branches were taken back from, newest first: what they made may come again as another commit. */
  readonly left: readonly string[];
}

const MAX_BRANCHES = 1000;
const MAX_LEFT = 500;
const MAX_BYTES = 1024 * 1024;

export async function readTips(place: GitPlace): Promise<Tips> {
  const args = [
    'for-each-ref',
    `--count=${MAX_BRANCHES}`,
    '--sort=-committerdate',
    '--format=%(objectname) %(refname)',
    'refs/heads',
  ];
  const { stdout } = await runGit(place, { args });
  const lines = stdout.toString('utf8').split('\n').filter(Boolean);
  return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
}

/** Null when nobody looked yet, or the file is not as we write it. */
export async function loadTips(place: Place): Promise<TipsState | null> {
  const bytes = await readRegularFile(place.tips, MAX_BYTES);
  return bytes === null ? null : parseTips(bytes.toString('utf8'));
}

export async function saveTips(place: Place, { tips, left }: TipsState): Promise<void> {
  const state = { tips: [...tips], left: left.slice(0, MAX_LEFT) };
  await writeFileAtomically(place.tips, JSON.stringify(state), false);
}

/** Ids go to git as revisions, so nothing but an id is one. */
export function parseTips(text: string): TipsState | null {
  try {
    const { tips, left } = JSON.parse(text) as { tips: unknown; left: unknown };
    if (!Array.isArray(tips) || !Array.isArray(left)) return null;
    const pairs = tips.filter(
      (pair): pair is [string, string] =>
        Array.isArray(pair) && typeof pair[0] === 'string' && isOid(pair[1]),
    );
    return { tips: new Map(pairs.slice(0, MAX_BRANCHES)), left: left.filter(isOid).slice(0, MAX_LEFT) };
  } catch {
    return null;
  }
}

/** True when HEAD moved since the last look, as far as two files tell: cheap enough for any command. */
export async function mayHaveMoved({ gitDir }: Repository, place: Place): Promise<boolean> {
  const [log, looked] = await Promise.all(
    [join(gitDir, 'logs', 'HEAD'), place.tips].map((path) => stat(path).catch(() => null)),
  );
  return log != null && looked != null && log.mtimeMs > looked.mtimeMs;
}

function isOid(value: unknown): value is string {
  return typeof value === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value);
}
