import { AgentLogError } from '../../core/errors.ts';
import type { MoveOutcome } from '../../git/objects/fast-import.ts';
import { readCommit, readTree } from '../../git/objects/objects.ts';
import { gitText, runGit } from '../../git/process/runner.ts';
import { isAncestor, moveRef } from '../../git/refs/refs.ts';
import { fetchRef, pushRef, type RemoteAccess, remoteNames, remoteRef } from '../../git/refs/remote.ts';
import { type Ledger, ledgerTip } from '../ledger.ts';
import { type LedgerLoss, ledgerLosses } from '../sync/append-only.ts';
import { notPushed, unreachable } from '../sync/remote-errors.ts';
import { defaultRemote } from '../sync/remote-ledger.ts';

/** A branch of checkpoints, which hosts can protect where they can't protect the ledger's own ref. */
export interface AnchorBranch {
  /** `refs/heads/…` */
  readonly ref: string;
  /** Where it is; null in a repository that shares with nobody. */
  readonly remote: string | null;
  /** Null while there is none. */
  readonly tip: string | null;
  /** The tree of the ledger at its last checkpoint. */
  readonly ledger: string | null;
}

/** A checkpoint: the ledger's commit it names, and its line and that of its signature. */
export interface AnchoredCheckpoint {
  readonly tip: string;
  readonly lines: readonly string[];
}

const CHECKPOINT = 'checkpoint.jsonl';
const LEDGER = 'ledger';
const TRIES = 5;

/**
 * The branch as its remote has it now. Throws BAD_ARGUMENT for a branch of anything else, LEDGER_DAMAGED when it is not what this clone last saw with
 * something added, UNREACHABLE when the remote can't be asked.
 */
export async function openAnchorBranch(ledger: Ledger, name: string): Promise<AnchorBranch> {
  const { repo, reader } = ledger;
  const ref = `refs/heads/${name}`;
  const { code } = await runGit(repo, { args: ['check-ref-format', ref], okCodes: [1] });
  if (code !== 0 || name.startsWith('-')) throw noBranch(name, 'is no name of a branch');
  if ((await remoteNames(repo)).length === 0) {
    const tip = (await reader.read(`${ref}^{commit}`))?.oid ?? null;
    return { ref, remote: null, tip, ledger: await keptAt(ledger, name, tip) };
  }
  const remote = await defaultRemote(repo);
  const seen = await seenTip(ledger, name);
  const tip = await fetched(ledger, remote, ref, name);
  if (seen !== null && (tip === null || !(await isAncestor(repo, seen, tip)))) throw rewritten(name);
  const kept = await keptAt(ledger, name, tip);
  if (tip !== null && tip !== seen) await gitText(repo, 'update-ref', seenRef(name), tip);
  return { ref, remote, tip, ledger: kept };
}

/** The branch as this clone last saw it, without asking anybody. */
export async function seenAnchorBranch(ledger: Ledger, name: string): Promise<AnchorBranch> {
  const ref = `refs/heads/${name}`;
  const tip = (await seenTip(ledger, name)) ?? (await ledger.reader.read(`${ref}^{commit}`))?.oid ?? null;
  return { ref, remote: null, tip, ledger: await keptAt(ledger, name, tip) };
}

/** What the ledger no longer has of what the last checkpoint kept; nothing while it only grew. */
export async function anchorLosses(
  ledger: Ledger,
  anchor: Pick<AnchorBranch, 'ledger'>,
): Promise<LedgerLoss[]> {
  if (anchor.ledger === null) return [];
  const tip = await ledgerTip(ledger);
  if (tip === null) return [{ kind: 'dropped', object: anchor.ledger, lines: 0 }];
  return ledgerLosses(ledger.repo, ledger.reader, anchor.ledger, tip);
}

/**
 * Adds a checkpoint to the branch: one commit on the one before, with the signed lines and the tree of the ledger, which is kept by that whatever
 * becomes of the ledger's ref. Never with force. Where others were first with more than it holds, `renewed` gives a checkpoint that has theirs too.
 * `identity` is `Name <email> seconds zone`. Gives the commit; throws NOT_PUSHED.
 */
export async function extendAnchorBranch(
  ledger: Ledger,
  branch: AnchorBranch,
  first: AnchoredCheckpoint,
  { identity, renewed }: { readonly identity: string; readonly renewed: () => Promise<AnchoredCheckpoint> },
): Promise<string> {
  const name = branch.ref.slice('refs/heads/'.length);
  let [anchor, checkpoint] = [branch, first];
  for (let tries = 0; ; tries++) {
    if (await lacks(ledger, checkpoint, anchor)) checkpoint = await renewed();
    if (await lacks(ledger, checkpoint, anchor)) throw behind(name);
    const commit = await anchorCommit(ledger, anchor.tip, checkpoint, identity);
    const { moved, said } = await moveTo(ledger, anchor, commit);
    if (moved) return commit;
    const now = await openAnchorBranch(ledger, name);
    if (now.tip === commit) return commit;
    if (now.tip === anchor.tip || tries === TRIES) throw notPushed(anchor.remote ?? name, said);
    anchor = now;
  }
}

/** What one checkpoint has kept, the next one keeps: or the last would tell of no loss before it. */
async function lacks(
  { repo, reader }: Ledger,
  { tip }: AnchoredCheckpoint,
  anchor: AnchorBranch,
): Promise<boolean> {
  return anchor.ledger !== null && (await ledgerLosses(repo, reader, anchor.ledger, tip)).length > 0;
}

async function moveTo(
  { repo }: Ledger,
  { ref, remote, tip }: AnchorBranch,
  commit: string,
): Promise<MoveOutcome> {
  if (remote === null) return moveRef(repo, ref, commit, tip);
  const outcome = await pushRef(repo, accessTo(remote), commit, ref);
  if (outcome.moved) await gitText(repo, 'update-ref', seenRef(ref.slice('refs/heads/'.length)), commit);
  return outcome;
}

async function anchorCommit(
  { repo }: Ledger,
  parent: string | null,
  { tip, lines }: AnchoredCheckpoint,
  identity: string,
): Promise<string> {
  const write = async (type: string, content: string): Promise<string> => {
    const args = ['hash-object', '-t', type, '-w', '--stdin'];
    return (await runGit(repo, { args, stdin: content })).stdout.toString('latin1').trim();
  };
  const blob = await write('blob', lines.map((line) => `${line}\n`).join(''));
  const kept = await gitText(repo, 'rev-parse', '--verify', '--end-of-options', `${tip}^{tree}`);
  const entries = `100644 blob ${blob}\t${CHECKPOINT}\n040000 tree ${kept}\t${LEDGER}\n`;
  const tree = (await runGit(repo, { args: ['mktree'], stdin: entries })).stdout.toString('latin1').trim();
  const parents = parent === null ? '' : `parent ${parent}\n`;
  const message = `agent-log: checkpoint of the ledger\n\n${tip}\n`;
  return write('commit', `tree ${tree}\n${parents}author ${identity}\ncommitter ${identity}\n\n${message}`);
}

/** The ledger's tree in a commit of the branch; null where there is no commit. Whatever else is a branch is not written on. */
async function keptAt({ repo, reader }: Ledger, name: string, tip: string | null): Promise<string | null> {
  if (tip === null) return null;
  const commit = await readCommit(reader, tip);
  const entries = commit === null ? null : await readTree(reader, commit.tree);
  const [checkpoint, ledger, ...others] = entries ?? [];
  const isOne =
    checkpoint?.name === CHECKPOINT &&
    ledger?.name === LEDGER &&
    ledger.mode === '40000' &&
    others.length === 0;
  if (!isOne) throw noBranch(name, 'is a branch of something else than checkpoints');
  const { stdout } = await runGit(repo, { args: ['rev-list', '--min-parents=2', '--max-count=1', tip] });
  if (stdout.length > 0) throw rewritten(name);
  return ledger.oid;
}

async function fetched({ repo }: Ledger, remote: string, ref: string, name: string): Promise<string | null> {
  const access = accessTo(remote);
  try {
    const tip = await remoteRef(repo, access, ref);
    if (tip !== null) await fetchRef(repo, access, ref, fetchedRef(name));
    return tip === null ? null : await gitText(repo, 'rev-parse', fetchedRef(name));
  } catch (error) {
    throw unreachable(remote, error);
  }
}

const accessTo = (address: string): RemoteAccess => ({ address, unattended: null });

/** What was there when this clone last looked, and found it in order. */
const seenRef = (name: string): string => `refs/agent-log/anchors/seen/${name}`;
const fetchedRef = (name: string): string => `refs/agent-log/anchors/fetched/${name}`;

async function seenTip({ reader }: Ledger, name: string): Promise<string | null> {
  return (await reader.read(`${seenRef(name)}^{commit}`))?.oid ?? null;
}

function noBranch(name: string, why: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `${name} ${why}`, {
    hints: ['Name a branch that is there for nothing else, such as agent-log-anchor.'],
  });
}

function rewritten(name: string): AgentLogError {
  return new AgentLogError('LEDGER_DAMAGED', 'integrity', `the branch ${name} was rewritten or deleted`, {
    hints: [
      'Checkpoints are added to it one by one. Protect it at the host: no force pushes, no deletion; and find out who did that.',
    ],
  });
}

function behind(name: string): AgentLogError {
  return new AgentLogError('NOT_PUSHED', 'system', `${name} has a checkpoint of a ledger with more in it`, {
    hints: ['Others were first: `git agent-log sync`, and check again.'],
  });
}
