import { createHash } from 'node:crypto';
import { sep } from 'node:path';
import { agentLogDir, type Repository } from '../git/repository/repository.ts';

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
  // Not `join`, which looks at every letter: so many calls make V8 compile it to machine code, and an end wait for that.
  const at = (name: string): string => dir + sep + name;
  return {
    dir,
    spool: at('spool'),
    rejected: at('rejected'),
    sessions: at('sessions'),
    txns: at('txns'),
    active: at('active'),
    deferred: at('deferred'),
    hooks: at('hooks'),
    bin: at('bin'),
    journal: at('journal.jsonl'),
    lock: at('lock'),
    installed: at('installed.json'),
    open: at('open'),
    people: at('people'),
    seen: at('seen'),
    unclaimed: at('unclaimed'),
    swept: at('swept.json'),
    rewritten: at('rewritten'),
    picked: at('picked'),
    tips: at('tips.json'),
    rewriting: at('rewriting.lock'),
    unpacked: at('unpacked'),
    payloadKeys: at('payload-keys'),
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
