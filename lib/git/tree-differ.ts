import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { AgentLogError } from '../core/errors.ts';
import { DIFF_ENTRIES, type EntryDiff, parseEntryPairs } from './entry-diff.ts';
import { type GitPlace, gitEnvironment } from './runner.ts';
import type { TreePair } from './tree-diff.ts';

/** Tells what trees differ in, for as many pairs as are wanted; what was told once is not asked for again. */
export interface TreeDiffer {
  /** The paths that trees (by id) differ in, pair by pair. Throws GIT_FAILED when a tree is not here. */
  between(pairs: readonly TreePair[]): Promise<(readonly EntryDiff[])[]>;
  close(): void;
}

/** What one answer may come to: bytes, and milliseconds from when it is asked for. */
export interface DiffLimits {
  readonly bytes: number;
  readonly ms: number;
}

/** One `git diff-tree --stdin` for all questions; started at the first, and ended by an answer over a limit. */
export function openTreeDiffer(place: GitPlace, limits: DiffLimits | null = null): TreeDiffer {
  const known = new Map<string, Promise<readonly EntryDiff[]>>();
  let differ: Differ | null = null;
  const ask = (pairs: readonly TreePair[]): void => {
    differ ??= new Differ(place, limits);
    const answer = differ.ask(pairs);
    for (const [at, { from, to }] of pairs.entries()) {
      const one = answer.then((all) => all[at] ?? []);
      const forget = (): void => {
        known.delete(`${from} ${to}`);
        known.delete(`${to} ${from}`);
      };
      // Whoever awaits it hears of a failure.
      one.catch(forget);
      known.set(`${from} ${to}`, one);
    }
  };
  const told = ({ from, to }: TreePair): Promise<readonly EntryDiff[]> | null => {
    const same = known.get(`${from} ${to}`);
    const opposite = same === undefined ? known.get(`${to} ${from}`) : undefined;
    if (opposite !== undefined) known.set(`${from} ${to}`, opposite.then(turnedRound));
    return known.get(`${from} ${to}`) ?? null;
  };
  return {
    between(pairs) {
      const unequal = pairs.filter(({ from, to }) => from !== to);
      const missing = new Map<string, TreePair>();
      for (const pair of unequal)
        if (told(pair) === null && !missing.has(`${pair.to} ${pair.from}`))
          missing.set(`${pair.from} ${pair.to}`, pair);
      if (missing.size > 0) ask([...missing.values()]);
      return Promise.all(
        pairs.map(async (pair) => (pair.from === pair.to ? [] : ((await told(pair)) ?? []))),
      );
    },
    close: () => differ?.close(),
  };
}

function turnedRound(diffs: readonly EntryDiff[]): readonly EntryDiff[] {
  return diffs.map(({ path, from, to }) => ({ path, from: to, to: from }));
}

/** A line that is no id is given back at once, after all that was asked before it. */
const MARK = 'end\n';

interface Waiting {
  readonly count: number;
  readonly timer: NodeJS.Timeout | undefined;
  readonly resolve: (found: EntryDiff[][]) => void;
  readonly reject: (error: unknown) => void;
}

class Differ {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: Waiting[] = [];
  readonly #limits: DiffLimits | null;
  #chunks: Buffer[] = [];
  #size = 0;
  #failure: AgentLogError | null = null;

  constructor(place: GitPlace, limits: DiffLimits | null) {
    this.#limits = limits;
    this.#child = spawn('git', [...DIFF_ENTRIES, '--stdin'], {
      cwd: place.cwd,
      env: gitEnvironment(place),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.stdin.on('error', () => undefined);
    this.#child.once('error', (cause) => this.#fail(cause));
    this.#child.once('close', () => this.#fail(new Error('it ended')));
  }

  ask(pairs: readonly TreePair[]): Promise<EntryDiff[][]> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const timer =
        this.#limits === null
          ? undefined
          : setTimeout(() => this.#end('it takes too long'), this.#limits.ms).unref();
      this.#waiting.push({ count: pairs.length, timer, resolve, reject });
      this.#child.stdin.write(`${pairs.map(({ from, to }) => `${from} ${to}\n`).join('')}${MARK}`);
    });
  }

  close(): void {
    this.#child.stdin.end();
  }

  #take(chunk: Buffer): void {
    if (this.#failure !== null) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#limits !== null && this.#size > this.#limits.bytes) return this.#end('it says too much');
    // After the last mark git says nothing more until it is asked again.
    if (!chunk.subarray(-MARK.length).toString('latin1').endsWith(MARK.slice(-chunk.length))) return;
    let text = Buffer.concat(this.#chunks).toString('latin1');
    for (let found = parseEntryPairs(text, MARK); found !== null; found = parseEntryPairs(text, MARK)) {
      text = text.slice(found.end);
      this.#answer(found.pairs);
    }
    this.#chunks = [Buffer.from(text, 'latin1')];
    this.#size = text.length;
  }

  #answer(found: EntryDiff[][]): void {
    const asked = this.#waiting.shift();
    clearTimeout(asked?.timer);
    // Of a tree it can't find git says nothing.
    if (asked?.count === found.length) asked.resolve(found);
    else asked?.reject(failure(`${(asked?.count ?? 0) - found.length} trees are not here`));
  }

  #end(why: string): void {
    this.#fail(new Error(why));
    this.#child.kill('SIGKILL');
  }

  #fail(cause: unknown): void {
    this.#failure ??= failure('it ended before it answered', cause);
    this.#chunks = [];
    for (const { timer, reject } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      reject(this.#failure);
    }
  }
}

function failure(problem: string, cause?: unknown): AgentLogError {
  return new AgentLogError('GIT_FAILED', 'system', `git diff-tree failed: ${problem}`, { cause });
}
