import { runGit } from '../git/process/runner.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Notes of agents' tools that a scan met no commit for. */
export interface NotesElsewhere {
  /** On commits of this clone that are not in the range. */
  readonly outside: number;
  /** On objects this clone does not have. */
  readonly missing: number;
}

/** Tells commits that were not in the range from those that are not here; notes on anything else are nobody's work. */
export async function notesElsewhere(ledger: Ledger, objects: readonly string[]): Promise<NotesElsewhere> {
  if (objects.length === 0) return { outside: 0, missing: 0 };
  const args = ['cat-file', '--batch-check=%(objecttype)', '--buffer'];
  const { stdout } = await runGit(ledger.repo, { args, stdin: objects.map((oid) => `${oid}\n`).join('') });
  const answers = stdout.toString('latin1').split('\n');
  return {
    outside: answers.filter((type) => type === 'commit').length,
    missing: answers.filter((type) => type.endsWith(' missing')).length,
  };
}
