import type { TestRepo } from '../repo.ts';
import { numbersIn } from './operations.ts';
import type { Recorded } from './random-history.ts';

/** A commit by git's own word. */
export interface Fact {
  readonly oid: string;
  readonly parents: readonly string[];
  readonly tree: string;
  readonly message: string;
  /** What its message is called by, and what it took in. */
  readonly numbers: readonly string[];
  readonly files: readonly string[];
}

/** What git alone tells of a repository; nothing here asks the ledger. */
export interface World {
  readonly head: string;
  /** Commits that can be reached, parents first. */
  readonly reachable: readonly Fact[];
  /** Those and the commits records were made for. */
  readonly facts: ReadonlyMap<string, Fact>;
  /** The change a commit makes: the same text is the same change, byte for byte. */
  readonly changes: ReadonlyMap<string, string>;
  /** What each branch reaches. */
  readonly branches: readonly ReadonlySet<string>[];
  /** What every history begins with. */
  readonly base: ReadonlySet<string>;
}

/** `before` is what was seen last: what a commit changes is asked once. */
export async function look(
  repo: TestRepo,
  records: ReadonlyMap<string, Recorded>,
  before?: World,
): Promise<World> {
  const made = [...records.values()].map(({ commit }) => commit);
  const [all, refs] = await Promise.all([
    factsOf(repo, '--branches', 'HEAD', ...made),
    repo.git('show-ref', '--head', '--heads', '--tags'),
  ]);
  const facts = new Map(all.map((fact) => [fact.oid, fact]));
  const tips = refs.split('\n').map((line) => line.split(' ')) as [string, string][];
  const named = (what: string): string[] =>
    tips.filter(([, name]) => name.startsWith(what)).map(([oid]) => oid);
  const [head = ''] = named('HEAD');
  const heads = named('refs/heads/');
  const reached = reachedFrom(facts, [head, ...heads]);
  const fresh = all.map(({ oid }) => oid).filter((oid) => before?.facts.has(oid) !== true);
  return {
    head,
    reachable: all.filter(({ oid }) => reached.has(oid)),
    facts,
    changes: new Map([...(before?.changes ?? []), ...(await changesOf(repo, fresh))]),
    branches: heads.map((oid) => reachedFrom(facts, [oid])),
    base: reachedFrom(facts, named('refs/tags/base')),
  };
}

async function factsOf(repo: TestRepo, ...revisions: string[]): Promise<Fact[]> {
  const args = ['log', '--reverse', '--topo-order', '--name-only', '--no-renames', ...revisions];
  const text = await repo.git(...args, '--format=%x01%H%x00%P%x00%T%x00%B%x00');
  return text
    .split('\u0001')
    .slice(1)
    .map((part) => {
      const [oid = '', parents = '', tree = '', message = '', files = ''] = part.split('\0');
      return {
        oid,
        parents: parents.split(' ').filter(Boolean),
        tree,
        message,
        numbers: numbersIn(message),
        files: files.split('\n').filter(Boolean),
      };
    });
}

async function changesOf(repo: TestRepo, oids: readonly string[]): Promise<Map<string, string>> {
  if (oids.length === 0) return new Map();
  const run = 'git diff-tree --stdin --root -p --no-renames | git patch-id --verbatim';
  const { stdout } = await repo.exec('sh', ['-c', run], { input: `${oids.join('\n')}\n` });
  const lines = stdout.split('\n').filter(Boolean);
  return new Map(lines.map((line) => line.split(' ').reverse() as [string, string]));
}

/** The tree a commit was made on. */
export function parentTree({ facts }: World, { parents }: Fact): string | null {
  return facts.get(parents[0] ?? '')?.tree ?? null;
}

/** Commits below another. */
export function ancestors({ facts }: World, { parents }: Fact): Set<string> {
  return reachedFrom(facts, parents);
}

/** What is checked out and all below it, oldest first. */
export function historyOf({ head, facts }: World): string[] {
  const reached = reachedFrom(facts, [head]);
  return [...facts.keys()].filter((one) => reached.has(one));
}

function reachedFrom(facts: ReadonlyMap<string, Fact>, tips: readonly string[]): Set<string> {
  const found = new Set<string>();
  const open = [...tips];
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    if (found.has(oid)) continue;
    found.add(oid);
    open.push(...(facts.get(oid)?.parents ?? []));
  }
  return found;
}
