import { AgentLogError } from '../core/errors.ts';
import { shortOid } from '../core/oid.ts';
import { readCommit } from '../git/objects/objects.ts';
import { type FoundFile, findFile, lastChange } from '../git/repository/found-file.ts';
import { pathFromTop } from '../git/repository/path-from-top.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { badTarget, targetsOf, type WhyTarget } from './why-target.ts';

/** A file that was found, and what of it is asked for. */
export interface WhyFile {
  /** From the top of the worktree. */
  readonly path: string;
  /** Null: the file as it lies in the worktree. */
  readonly revision: string | null;
  readonly lines: WhyTarget['lines'];
  readonly content: Buffer;
  readonly lineCount: number;
}

/** Finds what `<file>[:<line>[,<line>]] [<rev>]` names. Throws, with a hint, for whatever has no lines. */
export async function findWhyFile(ledger: Ledger, given: string, revision: string | null): Promise<WhyFile> {
  const targets = targetsOf(given);
  const commit = await commitOf(ledger, revision);
  // Saying why a name names nothing takes a look through history: only when it comes to that.
  let refusal = (): Promise<AgentLogError> => Promise.resolve(badTarget(`'${given}' names no file`));
  for (const { path: named, lines } of targets) {
    const path = await pathFromTop(ledger.repo, named);
    if (path === null) {
      refusal = () => Promise.resolve(outside(named));
      continue;
    }
    const found = await lookFor(ledger, commit, path);
    if (found.kind === 'file') return whyFile(ledger, { path, lines, commit, named, content: found.content });
    refusal = () => refused(ledger, found, named, path, commit);
    if (found.kind !== 'missing') break;
  }
  throw await refusal();
}

function lookFor(ledger: Ledger, commit: AskedCommit, path: string): Promise<FoundFile> {
  if (path === '' || path === '.') return Promise.resolve({ kind: 'folder' });
  return findFile(ledger.repo, ledger.reader, commit.asked, path);
}

interface AskedCommit {
  /** The commit that was named; null when the worktree is asked. */
  readonly asked: string | null;
  readonly name: string | null;
  /** The commit to look for history in. */
  readonly history: string;
}

async function commitOf(ledger: Ledger, revision: string | null): Promise<AskedCommit> {
  if (revision === null && ledger.repo.top === null)
    throw notFound('this repository has no worktree', ['Name a revision too: … why src/app.js HEAD.']);
  const commit = await readCommit(ledger.reader, revision ?? 'HEAD');
  if (commit === null && revision === null)
    throw notFound('nothing is committed yet', ['Commit something first.']);
  if (commit === null)
    throw notFound(`no commit is called '${revision}'`, [
      'Name a commit as git does: HEAD~2, v1.0, a branch.',
    ]);
  return { asked: revision === null ? null : commit.oid, name: revision, history: commit.oid };
}

interface Candidate {
  readonly path: string;
  readonly named: string;
  readonly lines: WhyTarget['lines'];
  readonly commit: AskedCommit;
  readonly content: Buffer;
}

/** As many bytes as git looks at to tell a binary file. */
const FIRST_BYTES = 8000;

async function whyFile(ledger: Ledger, candidate: Candidate): Promise<WhyFile> {
  const { path, named, lines, commit, content } = candidate;
  const last = async (): Promise<string[]> => lastChangeHint(ledger, commit, path);
  if (content.length === 0) throw notFound(`${named} is empty: it has no lines`, await last());
  if (content.subarray(0, FIRST_BYTES).includes(0))
    throw notFound(`${named} is binary: it has no lines`, await last());
  const lineCount = countLines(content);
  if (lines?.from === 0) throw badTarget('lines are counted from 1');
  if (lines !== null && lines.to > lineCount)
    throw notFound(`${named} ends at line ${lineCount}; there is no line ${lines.to}`, [
      'Leave the line out for the whole file, or name a revision that has the line.',
    ]);
  return { path, revision: commit.asked, lines, content, lineCount };
}

function countLines(content: Buffer): number {
  let count = 0;
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, at + 1)) count++;
  return content.at(-1) === 10 ? count : count + 1;
}

async function lastChangeHint(ledger: Ledger, { history }: AskedCommit, path: string): Promise<string[]> {
  const last = await lastChange(ledger.repo, history, path);
  return last === null
    ? ['It is in no commit yet.']
    : [`The last commit that changed it: git agent-log show ${shortOid(last)}`];
}

async function refused(
  ledger: Ledger,
  found: Exclude<FoundFile, { kind: 'file' }>,
  named: string,
  path: string,
  commit: AskedCommit,
): Promise<AgentLogError> {
  switch (found.kind) {
    case 'missing':
      return missing(ledger, named, path, commit);
    case 'folder':
      return notFound(`${named} is a folder`, ['Name a file in it.']);
    case 'submodule':
      return notFound(`${named} is a submodule: its lines are in a repository of its own`, [
        'Ask there: git agent-log -C <submodule> why <file>',
      ]);
    case 'elsewhere':
      return notFound(`${named} is in another repository: ${found.top}`, [
        'Ask there: git agent-log -C <that repository> why <file>',
      ]);
    case 'untracked':
      return notFound(`${named} is not under version control`, [
        'Nothing is known of a file before it is committed; `git add` and commit it.',
      ]);
    case 'too-large':
      return notFound(
        `${named} is too large to tell line from line`,
        await lastChangeHint(ledger, commit, path),
      );
  }
}

async function missing(
  ledger: Ledger,
  named: string,
  path: string,
  commit: AskedCommit,
): Promise<AgentLogError> {
  const where = commit.name === null ? '' : ` in ${commit.name}`;
  const last = await lastChange(ledger.repo, commit.history, path);
  if (last === null)
    return notFound(`there is no file ${named}${where}`, [
      'Paths are seen from the folder you are in, as with git; `git ls-files` lists what there is.',
    ]);
  const there = await findFile(ledger.repo, ledger.reader, commit.history, path);
  const revision = there.kind === 'file' ? shortOid(commit.history) : `${shortOid(last)}~1`;
  return notFound(`there is no file ${named}${where} any more`, [
    `Ask how it was: git agent-log why <file> ${revision}`,
  ]);
}

function outside(named: string): AgentLogError {
  return notFound(`${named} is outside this repository`, [
    'Go into its repository, or name it with -C <dir>.',
  ]);
}

function notFound(message: string, hints: readonly string[]): AgentLogError {
  return new AgentLogError('NOT_FOUND', 'answer', message, { hints });
}
