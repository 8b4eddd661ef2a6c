import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type GitPlace, gitEnvironment } from '../process/runner.ts';
import type { BatchProcess } from '../repository/asking.ts';
import { type MergeSaid, nextAnswer } from './merge-answers.ts';

/**
 * Merges two commits after another as they are named; what is asked stands on its stdin, the text is the same whatever that is. From git 2.49 on
 * `merge-tree --stdin` answers as it is asked, and goes on after the first answer (a shell reads no further than the line it takes): for one
 * merge nobody has to ask which git this is.
 */
const MERGE_EACH = `mark=$1
merge() {
git merge-tree --write-tree -z --messages --name-only "$1" "$2" </dev/null
printf '\\0%s %d\\n' "$mark" $?
}
read -r one other || exit 0
merge "$one" "$other"
version=$(git version </dev/null)
version=\${version#git version }
minor=\${version#*.}
if [ "\${version%%.*}" -gt 2 ] || { [ "\${version%%.*}" -eq 2 ] && [ "\${minor%%.*}" -ge 49 ]; }; then
exec git merge-tree --stdin --messages --name-only
fi
while read -r one other; do merge "$one" "$other"; done`;

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
    // One git for many merges ends with the first commit it does not know.
    for (const [at, { isOver }] of [...this.#shells.entries()].reverse())
      if (isOver) this.#shells.splice(at, 1);
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
  #hasAnswered = false;

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

  /** It did answer, and will no more. */
  get isOver(): boolean {
    return this.#hasEnded && this.#hasAnswered;
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
    for (
      let next = nextAnswer(this.#said, this.#mark);
      next !== null;
      next = nextAnswer(this.#said, this.#mark)
    ) {
      this.#hasAnswered = true;
      this.#waiting.shift()?.(next.said);
      this.#said = this.#said.subarray(next.end);
    }
  }

  #end(): void {
    this.#hasEnded = true;
    for (const resolve of this.#waiting.splice(0)) resolve(null);
  }
}
