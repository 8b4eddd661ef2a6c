import { AgentLogError } from '../../core/errors.ts';
import { noteLines } from '../../core/records/note.ts';
import type { EntryDiff } from '../../git/diffs/entry-diff.ts';
import { linesOf, streamGit } from '../../git/process/stream.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { openTreeDiffer } from '../../git/trees/tree-differ.ts';
import { readNote } from '../../ledger/ledger.ts';
import { objectAtPath } from '../../ledger/notes/fanout.ts';
import { ledgerLosses } from '../../ledger/sync/append-only.ts';
import type { Verifying } from './context.ts';

/** Pairs of trees compared by one process. */
const PAIRS_AT_ONCE = 1000;
/** States that are not in the history and are compared with it as a whole. */
const MOST_OUTSIDE = 20;

export interface HistoryOptions {
  readonly tip: string;
  /** An auditor saw the ledger there; null where none did. */
  readonly pinned: string | null;
  /** Only from the oldest state on that the records seen name; else from the beginning. */
  readonly onlySince: boolean;
  /** Commits where a shallow clone ends. */
  readonly shallow: ReadonlySet<string>;
  readonly onProgress?: (commits: number) => void;
}

interface LedgerCommit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
}

/**
 * Whether the ledger only ever grew: no commit of it takes a line away that is not there again at its tip, and every state that
 * somebody named or pinned is one it came from.
 */
export async function checkHistory(verifying: Verifying, options: HistoryOptions): Promise<void> {
  const { report, ledger, seen } = verifying;
  const commits = await ledgerCommits(ledger.repo, options.tip);
  const at = new Map(commits.map(({ oid }, i) => [oid, i]));
  const anchors = [...seen.anchors].map(([tip, by]) => ({ tip, by, isPinned: false }));
  if (options.pinned !== null) anchors.push({ tip: options.pinned, by: 'the trust file', isPinned: true });
  const outside = anchors.filter(({ tip }) => !at.has(tip));
  report.checked('history', anchors.length);
  await checkOutside(verifying, options, outside);
  const oldest = Math.max(-1, ...anchors.map(({ tip }) => at.get(tip) ?? -1));
  const walked = options.onlySince ? commits.slice(0, oldest + 1) : commits;
  await checkGrowth(verifying, walked, commits, options);
}

/** States that are named, and are not in the ledger's history: what they held has to be there all the same. */
async function checkOutside(
  { report, ledger }: Verifying,
  { tip, shallow }: HistoryOptions,
  outside: readonly { tip: string; by: string; isPinned: boolean }[],
): Promise<void> {
  // What an auditor pinned comes first: no number of others hides it.
  const all = [...outside].sort((a, b) => Number(b.isPinned) - Number(a.isPinned));
  let compared = 0;
  for (const { tip: anchor, by, isPinned } of all) {
    const here = await ledger.reader.read(`${anchor}^{commit}`);
    if (here === null) {
      const says = `${by} names it, and it is not in the ledger's history: the ledger was made anew, or is not whole here`;
      if (isPinned && shallow.size === 0) report.fails('history', anchor, says);
      else report.unknown('history', anchor, says);
    } else if (compared++ < MOST_OUTSIDE) {
      report.says('history', `${anchor} is not in its history: what it held was compared with what there is`);
      for (const { kind, object, lines } of await ledgerLosses(ledger.repo, ledger.reader, anchor, tip))
        if (LOST.has(kind))
          report.fails('history', object, `${lines} lines that were there at ${anchor} are gone (${kind})`);
    } else
      report.unknown(
        'history',
        anchor,
        `${by} names it, and more than ${MOST_OUTSIDE} such states are not compared`,
      );
  }
}

const LOST: ReadonlySet<string> = new Set(['dropped', 'moved', 'changed', 'too-large']);

/** The commits of the ledger, newest first. */
async function ledgerCommits(repo: Repository, tip: string): Promise<LedgerCommit[]> {
  const args = [
    'log',
    '--topo-order',
    '--no-show-signature',
    '--format=%H %T %P',
    '--end-of-options',
    tip,
    '--',
  ];
  const commits: LedgerCommit[] = [];
  for await (const line of linesOf(streamGit(repo, { args, env: NO_GRAFTS }))) {
    const [oid = '', tree = '', ...parents] = line.split(' ').filter(Boolean);
    commits.push({ oid, tree, parents });
  }
  return commits;
}

/** Grafts would hide commits, and replacements are off everywhere. */
export const NO_GRAFTS: Readonly<Record<string, string>> = { GIT_GRAFT_FILE: '/dev/null' };

interface Step {
  readonly from: string;
  readonly to: string;
  readonly commit: string;
}

async function checkGrowth(
  verifying: Verifying,
  walked: readonly LedgerCommit[],
  all: readonly LedgerCommit[],
  { shallow, onProgress, tip }: HistoryOptions,
): Promise<void> {
  const { report, ledger } = verifying;
  const trees = new Map(all.map(({ oid, tree }) => [oid, tree]));
  const steps: Step[] = [];
  for (const { oid, tree, parents } of walked) {
    report.checked('history');
    if (shallow.has(oid))
      report.unknown('history', oid, 'the clone is shallow: what was before it is not here');
    for (const parent of parents) {
      const from = trees.get(parent);
      if (from !== undefined && from !== tree) steps.push({ from, to: tree, commit: oid });
    }
  }
  for (let at = 0; at < steps.length; at += PAIRS_AT_ONCE) {
    const part = steps.slice(at, at + PAIRS_AT_ONCE);
    const differences = await entriesBetween(ledger.repo, part);
    if (differences === null) report.unknown('history', null, 'trees of the ledger are not here');
    for (const [i, step] of part.entries()) await checkStep(verifying, step, differences?.[i] ?? [], tip);
    onProgress?.(at + part.length);
  }
}

/** Null where trees are not here. */
async function entriesBetween(
  repo: Repository,
  steps: readonly Step[],
): Promise<(readonly EntryDiff[])[] | null> {
  // It remembers what it told, so each part has one of its own.
  const differ = openTreeDiffer(repo);
  try {
    return await differ.between(steps);
  } catch (error) {
    if (error instanceof AgentLogError && error.code === 'GIT_FAILED') return null;
    throw error;
  } finally {
    differ.close();
  }
}

/** A change of the fan-out takes every path away and puts it elsewhere: what counts is the object a note is of. */
async function checkStep(
  { report, ledger }: Verifying,
  { commit }: Step,
  entries: readonly EntryDiff[],
  tip: string,
): Promise<void> {
  const gone = new Map<string, Set<string>>();
  const come = new Map<string, Set<string>>();
  const put = (side: Map<string, Set<string>>, object: string, oid: string): void => {
    side.set(object, (side.get(object) ?? new Set()).add(oid));
  };
  for (const { path, from, to } of entries) {
    const object = objectAtPath(path, commit.length);
    if (object === null) continue;
    if (from !== null) put(gone, object, from.oid);
    if (to !== null) put(come, object, to.oid);
  }
  for (const [object, oids] of gone) {
    const now = come.get(object) ?? new Set();
    const before = [...oids].filter((oid) => !now.has(oid));
    if (before.length === 0) continue;
    const kept = await linesIn(ledger, now);
    const lost = [...(await linesIn(ledger, before))].filter((line) => !kept.has(line));
    if (lost.length === 0) continue;
    const last = new Set((await readNote(ledger, object, tip))?.lines.map(({ line }) => line));
    const still = lost.filter((line) => !last.has(Buffer.from(line, 'latin1').toString('utf8')));
    if (still.length > 0)
      report.fails(
        'history',
        object,
        `${still.length} of its lines are gone since the ledger's commit ${commit}`,
      );
    else report.says('history', `${commit} took away lines of ${object}, which are there again`);
  }
}

async function linesIn({ reader }: Verifying['ledger'], oids: Iterable<string>): Promise<Set<string>> {
  const found = await Promise.all([...oids].map((oid) => reader.read(oid)));
  return new Set(
    found.flatMap((blob) => (blob?.type === 'blob' ? noteLines(blob.content.toString('latin1')) : [])),
  );
}
