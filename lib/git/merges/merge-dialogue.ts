import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type GitPlace, gitEnvironment } from '../process/runner.ts';
import type { BatchProcess } from '../repository/asking.ts';

/** Merges two commits after another as they are named; what is asked stands on its stdin, the text is the same whatever that is. */
const MERGE_EACH = `while read -r one other; do
git merge-tree --write-tree -z --messages --name-only "$one" "$other" </dev/null
printf '\\0%s %d\\n' "$1" $?
done`;

/** What git printed, and the code it ended with as a shell tells it. */
export interface MergeSaid {
  readonly code: number;
  readonly stdout: Buffer;
}

/** Null where there is no shell to ask git: whoever asked does so without. */
type Answer = MergeSaid | null;

/** As many as two ways of working a plan out keep busy. */
const MOST = 2;

/**
 * Has git merge commits, over and over: a shell, which is small, starts a git process faster than Node does, and Node goes on
 * meanwhile. Shells are started when there is something to merge, and end with `close`.
 */
export class MergeDialogue {
  readonly #place: GitPlace;
  readonly #env: Readonly<Record<string, string>>;
  readonly #shells: Shell[] = [];

  constructor(place: GitPlace, env: Readonly<Record<string, string>>) {
    this.#place = place;
    this.#env = env;
  }

  /** Merges two commits, by their ids. */
  merge(one: string, other: string): Promise<Answer> {
    this.#place.beforeGit?.();
    return this.#leastBusy().ask(`${one} ${other}`);
  }

  close(): void {
    for (const shell of this.#shells.splice(0)) shell.close();
  }

  #leastBusy(): Shell {
    const [least] = [...this.#shells].sort((a, b) => a.waiting - b.waiting);
    if (least !== undefined && (least.waiting === 0 || this.#shells.length >= MOST)) return least;
    const shell = new Shell(this.#place, this.#env);
    this.#shells.push(shell);
    return shell;
  }
}

class Shell {
  readonly #child: BatchProcess;
  readonly #waiting: ((answer: Answer) => void)[] = [];
  /** Between answers. Nobody who names a file can know it. */
  readonly #mark = randomBytes(16).toString('hex');
  #said: Buffer = Buffer.alloc(0);
  #hasEnded = false;

  constructor(place: GitPlace, env: Readonly<Record<string, string>>) {
    this.#child = spawn('/bin/sh', ['-c', MERGE_EACH, 'sh', this.#mark], {
      cwd: place.cwd,
      env: gitEnvironment(place, env),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.stdin.on('error', () => undefined);
    this.#child.once('error', () => this.#end());
    this.#child.once('close', () => this.#end());
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  ask(line: string): Promise<Answer> {
    if (this.#hasEnded) return Promise.resolve(null);
    this.#child.stdin.write(`${line}\n`);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#child.stdin.end();
  }

  #take(chunk: Buffer): void {
    this.#said = this.#said.length === 0 ? chunk : Buffer.concat([this.#said, chunk]);
    const mark = `\0${this.#mark} `;
    for (let at = this.#said.indexOf(mark); at >= 0; at = this.#said.indexOf(mark)) {
      const end = this.#said.indexOf('\n', at);
      if (end < 0) return;
      const code = Number(this.#said.toString('latin1', at + mark.length, end));
      this.#waiting.shift()?.({ code, stdout: this.#said.subarray(0, at) });
      this.#said = this.#said.subarray(end + 1);
    }
  }

  #end(): void {
    this.#hasEnded = true;
    for (const resolve of this.#waiting.splice(0)) resolve(null);
  }
}
