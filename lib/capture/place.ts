import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { agentLogDir, type Repository } from '../git/repository.ts';

/** Names of everything capture keeps under `<git-common-dir>/agent-log/`. */
export interface Place {
  readonly dir: string;
  readonly spool: string;
  readonly rejected: string;
  readonly sessions: string;
  readonly txns: string;
  readonly active: string;
  readonly deferred: string;
  readonly hooks: string;
  readonly bin: string;
  readonly journal: string;
  readonly lock: string;
  readonly installed: string;
  /** There while an agent's session is open: a person's hook then says where it begins a commit. */
  readonly open: string;
  /** Where people's hooks say so. */
  readonly people: string;
  /** Heads the sweep has seen, one empty file each. */
  readonly seen: string;
  /** Paths an agent wrote and nobody has committed, as git quotes them. */
  readonly unclaimed: string;
  readonly swept: string;
  /** What git said of rewritten commits, a file each time, until it is in the ledger. */
  readonly rewritten: string;
  /** Commits that were being picked, as hooks' shells saw it. */
  readonly picked: string;
  /** Where branches were when rewriting was last looked for. */
  readonly tips: string;
  /** Held while that is taken into the ledger. */
  readonly rewriting: string;
  /** Which records' texts are still to be stored in the repository. */
  readonly unpacked: string;
  /** Keys of transactions at work, each for a day. */
  readonly payloadKeys: string;
}

export function placeOf(repo: Repository): Place {
  return placeAt(agentLogDir(repo));
}

/** The same for such a folder of another clone. */
export function placeAt(dir: string): Place {
  return {
    dir,
    spool: join(dir, 'spool'),
    rejected: join(dir, 'rejected'),
    sessions: join(dir, 'sessions'),
    txns: join(dir, 'txns'),
    active: join(dir, 'active'),
    deferred: join(dir, 'deferred'),
    hooks: join(dir, 'hooks'),
    bin: join(dir, 'bin'),
    journal: join(dir, 'journal.jsonl'),
    lock: join(dir, 'lock'),
    installed: join(dir, 'installed.json'),
    open: join(dir, 'open'),
    people: join(dir, 'people'),
    seen: join(dir, 'seen'),
    unclaimed: join(dir, 'unclaimed'),
    swept: join(dir, 'swept.json'),
    rewritten: join(dir, 'rewritten'),
    picked: join(dir, 'picked'),
    tips: join(dir, 'tips.json'),
    rewriting: join(dir, 'rewriting.lock'),
    unpacked: join(dir, 'unpacked'),
    payloadKeys: join(dir, 'payload-keys'),
  };
}

/** Folder name of a session: a session id is the agent's text and never becomes a path itself. */
export function sessionKey(agent: string, sessionId: string): string {
  return createHash('sha256').update(`${agent}\0${sessionId}`).digest('hex').slice(0, 32);
}

/** Names one worktree among those that share a repository. */
export function worktreeKey(repo: Repository): string {
  return createHash('sha256').update(repo.gitDir).digest('hex').slice(0, 16);
}
