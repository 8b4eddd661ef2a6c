import { AgentLogError } from '../../core/errors.ts';
import { type Dialogue, startDialogue } from '../process/dialogue.ts';
import type { GitPlace } from '../process/runner.ts';
import type { TreePair } from '../trees/tree-diff.ts';

/** What one answer may come to: bytes, and milliseconds from when it is asked for. */
export interface DiffLimits {
  readonly bytes: number;
  readonly ms: number;
}

/** A line that is no id is given back at once, after all that was asked before it. */
const MARK = 'end\n';

interface Waiting<T> {
  readonly count: number;
  readonly timer: NodeJS.Timeout | undefined;
  readonly resolve: (found: T[]) => void;
  readonly reject: (error: unknown) => void;
}

/** How git is asked, and what its answer says: of each pair one thing, up to a line that ends it; null where that is missing. */
export interface DiffQuestion<T> {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly parse: (text: string, mark: string) => { readonly pairs: T[]; readonly end: number } | null;
}

/** One `git diff-tree --stdin` that is asked again and again. */
export class DiffDialogue<T> {
  readonly #git: Dialogue;
  readonly #waiting: Waiting<T>[] = [];
  readonly #parse: DiffQuestion<T>['parse'];
  readonly #limits: DiffLimits | null;
  #chunks: Buffer[] = [];
  #size = 0;
  #failure: AgentLogError | null = null;

  constructor(place: GitPlace, { args, env = {}, parse }: DiffQuestion<T>, limits: DiffLimits | null) {
    this.#limits = limits;
    this.#parse = parse;
    // One that may have to be killed has to be a process of ours.
    const { waiting: _, ...alone } = place;
    this.#git = startDialogue(limits === null ? place : alone, [...args, '--stdin'], env);
    this.#git.listen(
      (chunk) => this.#take(chunk),
      (cause) => this.#fail(cause),
    );
  }

  /** Throws GIT_FAILED when a tree is not here, and whenever it was over a limit. */
  ask(pairs: readonly TreePair[]): Promise<T[]> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const timer =
        this.#limits === null
          ? undefined
          : setTimeout(() => this.#end('it takes too long'), this.#limits.ms).unref();
      this.#waiting.push({ count: pairs.length, timer, resolve, reject });
      this.#git.say(`${pairs.map(({ from, to }) => `${from} ${to}\n`).join('')}${MARK}`);
    });
  }

  close(): void {
    this.#git.close();
  }

  #take(chunk: Buffer): void {
    if (this.#failure !== null) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#limits !== null && this.#size > this.#limits.bytes) return this.#end('it says too much');
    // After the last mark git says nothing more until it is asked again.
    if (!chunk.subarray(-MARK.length).toString('latin1').endsWith(MARK.slice(-chunk.length))) return;
    let text = Buffer.concat(this.#chunks).toString('latin1');
    for (let found = this.#parse(text, MARK); found !== null; found = this.#parse(text, MARK)) {
      text = text.slice(found.end);
      this.#answer(found.pairs);
    }
    this.#chunks = [Buffer.from(text, 'latin1')];
    this.#size = text.length;
  }

  #answer(found: T[]): void {
    const asked = this.#waiting.shift();
    clearTimeout(asked?.timer);
    // Of a tree it can't find git says nothing.
    if (asked?.count === found.length) asked.resolve(found);
    else asked?.reject(failure(`${(asked?.count ?? 0) - found.length} trees are not here`));
  }

  #end(why: string): void {
    this.#fail(new Error(why));
    this.#git.kill();
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
