import { type GitPlace, runGit } from '../../git/process/runner.ts';
import { linesOf, streamGit } from '../../git/process/stream.ts';
import { branchSignal, type Signal } from './marks.ts';

/** A branch, here or as a remote had it. */
interface Branch {
  readonly ref: string;
  /** Without `refs/heads/` or `refs/remotes/<remote>/`. */
  readonly name: string;
  readonly tip: string;
  readonly signal: Signal | null;
}

/**
 * Commits that branches named after agents tell of: those only such a branch has, and the tips of those that are merged.
 * A branch's name proves nothing, so these are hints. Two git processes, however many branches and commits there are.
 */
export async function branchHints(place: GitPlace): Promise<Map<string, Signal[]>> {
  const { branches, defaults } = await listBranches(place);
  const others = new Set(branches.filter(({ signal }) => signal === null).map(({ tip }) => tip));
  const found = new Map<string, Signal[]>();
  // A branch that was made and not used yet is where another one is: nothing there is its own.
  for (const { tip, signal } of branches) if (signal !== null && !others.has(tip)) addTo(found, tip, signal);
  // Where the default branch is not here, all of history would seem to be on the agent's branch alone.
  if (defaults.some((name) => branches.some((branch) => branch.name === name && branch.signal === null)))
    for await (const [oid, signal] of ownCommits(place, branches)) addTo(found, oid, signal);
  return found;
}

function addTo(found: Map<string, Signal[]>, oid: string, signal: Signal): void {
  const signals = found.get(oid);
  if (signals === undefined) found.set(oid, [signal]);
  else if (!signals.some(({ seen }) => seen === signal.seen)) signals.push(signal);
}

/** Names a default branch has where no remote and no checkout tells it. */
const USUAL_DEFAULTS = ['main', 'master', 'trunk', 'develop'];

async function listBranches(place: GitPlace): Promise<{ branches: Branch[]; defaults: string[] }> {
  const format = '--format=%(objectname) %(refname)%00%(HEAD)%00%(symref)';
  const { stdout } = await runGit(place, {
    args: ['for-each-ref', format, 'refs/heads', 'refs/remotes'],
  });
  const branches: Branch[] = [];
  const defaults = [...USUAL_DEFAULTS];
  for (const line of stdout.toString('utf8').split('\n').filter(Boolean)) {
    const [head = '', current, symref = ''] = line.split('\0');
    const ref = head.slice(head.indexOf(' ') + 1);
    const name = shortName(ref);
    if (symref !== '') defaults.push(shortName(symref));
    else branches.push({ ref, name, tip: head.slice(0, head.indexOf(' ')), signal: branchSignal(name) });
    if (current === '*') defaults.push(name);
  }
  return { branches, defaults };
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|remotes\/[^/]+)\//, '');
}

/** What branches named after agents have and no other branch has, with the branch each was found on. */
async function* ownCommits(
  place: GitPlace,
  branches: readonly Branch[],
): AsyncGenerator<readonly [string, Signal]> {
  const signals = new Map(branches.flatMap(({ ref, signal }) => (signal === null ? [] : [[ref, signal]])));
  if (signals.size === 0) return;
  const args = ['log', '--stdin', '--source', '--no-color', '--no-show-signature', '-s', '--format=%H %S'];
  const wanted = branches.map(({ ref, tip, signal }) => (signal === null ? `^${tip}\n` : `${ref}\n`));
  for await (const line of linesOf(streamGit(place, { args, stdin: wanted.join('') }))) {
    const signal = signals.get(line.slice(line.indexOf(' ') + 1));
    if (signal !== undefined) yield [line.slice(0, line.indexOf(' ')), signal];
  }
}
