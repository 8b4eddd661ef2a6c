import type { GitConfig } from '../../git/repository/config.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { type BindOptions, bindPending } from '../commit/bind.ts';
import { recordLater } from '../commit/later.ts';
import { type Place, placeOf } from '../place.ts';
import { landRewound } from '../rewound/index.ts';
import { takeInRewritten } from '../rewritten/index.ts';
import { readHeads } from '../sweep/heads.ts';
import { type Swept, sweep } from '../sweep/index.ts';
import { ingest } from './ingest.ts';

const LOCK_PATIENCE_MS = 20_000;

/** Everything there is to do about what agents did so far: take in their events, bind what waits, find what no hook saw. */
export async function catchUp(ledger: Ledger, options: BindOptions): Promise<Swept> {
  const place = placeOf(ledger.repo);
  const heads = await readHeads(ledger.repo);
  await takeIn(ledger.repo, place, options.config);
  await bindPending(ledger, options);
  // Before the sweep: what git made of known commits is no new work.
  await takeInRewritten(ledger, options);
  await landRewound(ledger, options);
  const swept = await sweep(ledger, heads, options);
  await recordLater(ledger, options);
  return swept;
}

function takeIn(repo: Repository, place: Place, config: GitConfig): Promise<void> {
  return withLock(
    place.lock,
    LOCK_PATIENCE_MS,
    () => ingest(repo, place, null, config),
    () => Promise.resolve(),
  );
}
