import { recordDigest } from '../../core/digest.ts';
import { rememberingReader } from '../../git/objects/remembering.ts';
import type { Opening } from '../../git/repository/opening.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { hasFetched } from '../../ledger/sync/has-fetched.ts';
import { hasUnfinishedErasure } from '../../oversight/retention/intents.ts';
import { indexingOf } from '../shared/indexing.ts';
import { hasMoved, whatWaits } from '../shared/waits.ts';
import type { Ended } from '../start.ts';
import { wantsColor } from '../terminal/color.ts';
import { ending } from '../terminal/ending.ts';
import { type Io, openIo } from '../terminal/io.ts';
import { writeOut } from '../terminal/write-out.ts';

/** What a command is that has a bundle of its own, with only what it mostly takes. */
export interface Aside {
  /** Whether there is something that only the program can do. */
  readonly needsProgram: (ledger: Pick<Ledger, 'repo' | 'reader'>) => Promise<boolean>;
  /** Writes nothing to the ledger. Gives the exit code; null, and nothing said, where only the program can answer. */
  readonly work: (io: Io, ledger: Ledger) => Promise<number | null>;
  /** What compiled code is kept for, where all went well. */
  readonly did: string;
}

/**
 * Does a command's work where git was asked before anything was loaded. Null when not all is as usual (no repository,
 * something to take in first): then the program does it, from the beginning.
 */
export async function doAside(
  { cwd, opening }: { readonly cwd: string; readonly opening: Opening },
  { needsProgram, work, did }: Aside,
): Promise<Ended | null> {
  try {
    // While git answers we load what makes digests.
    recordDigest('');
    const [color, repo] = await Promise.all([wantsColor(cwd, true), settled(opening, needsProgram)]);
    if (repo === null) return null;
    let isForProgram = false;
    const ended = await ending(false, async () => {
      let isSaid = true;
      const io = await openIo(repo.cwd, color, Promise.resolve(repo), (text) => {
        isSaid = writeOut(text) && isSaid;
      });
      const code = await work(io, ledgerOf(opening, repo, io));
      isForProgram = code === null;
      return { code: code ?? 0, did: code === 0 ? did : null, isSaid };
    });
    return isForProgram ? null : ended;
  } finally {
    opening.reader.close();
  }
}

/** Nobody writes meanwhile: what a transaction's commits have in common is read once. */
function ledgerOf({ reader }: Opening, repo: Repository, io: Io): Ledger {
  const once = rememberingReader(reader);
  return { repo, reader: once, indexing: indexingOf(io), notes: new Map(), close: () => reader.close() };
}

/** The repository, if there is one and nothing in it waits to be taken in, or needs the program. */
async function settled(
  { repository, reader }: Opening,
  needsProgram: Aside['needsProgram'],
): Promise<Repository | null> {
  const repo = await repository.catch(() => null);
  if (repo === null || (await whatWaits(repo)) !== null || (await hasFetched(repo))) return null;
  if (await hasUnfinishedErasure(repo)) return null;
  // In this order: what was taken in before we looked what waits has moved the ledger before.
  const [needed, moved] = await Promise.all([needsProgram({ repo, reader }), hasMoved({ repo, reader })]);
  return needed || moved ? null : repo;
}
