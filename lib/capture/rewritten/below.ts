import { type Commit, readCommit } from '../../git/objects/objects.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Step, successorsOf } from './chain.ts';

/** Commits below another that are looked at: as many as anybody puts on top while a rebase stands still. */
const LOOKED_BELOW = 20;

type Look = (oid: string) => Promise<Commit | null>;

/** The commits just below one, by first parents, nearest first. */
export async function* commitsBelow(look: Look, { parents }: Commit): AsyncGenerator<Commit> {
  let next = parents[0];
  for (let i = 0; i < LOOKED_BELOW && next !== undefined; i++) {
    const commit = await look(next);
    if (commit === null) return;
    yield commit;
    next = commit.parents[0];
  }
}

/** Reads each commit once: those below the commits of one branch are nearly the same ones. */
export function looker({ reader }: Ledger): Look {
  const known = new Map<string, Promise<Commit | null>>();
  return (oid) => {
    const read = known.get(oid) ?? readCommit(reader, oid);
    known.set(oid, read);
    return read;
  };
}

/**
 * Steps without those to a commit that somebody put on top. A rebase that stops says of the commit it stopped at that it
 * became whatever HEAD was when it went on; where that stands on the old commit, or on what the old one became meanwhile,
 * nothing that comes of it is made from the old one either.
 */
export async function withoutPutOnTop(ledger: Ledger, steps: readonly Step[]): Promise<Step[]> {
  const look = looker(ledger);
  const successors = successorsOf(steps.filter(({ replaces }) => replaces));
  const kept: Step[] = [];
  for (const step of steps) {
    const became = new Set([step.from, ...successors(step.from).map(({ oid }) => oid)]);
    if (!step.replaces || !(await standsOn(look, step.to, became))) kept.push(step);
  }
  return kept;
}

async function standsOn(look: Look, oid: string, any: ReadonlySet<string>): Promise<boolean> {
  const commit = await look(oid);
  if (commit === null) return false;
  for await (const below of commitsBelow(look, commit)) if (any.has(below.oid)) return true;
  return false;
}
