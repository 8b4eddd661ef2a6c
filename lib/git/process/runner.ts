import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import type { Writable } from 'node:stream';
import { AgentLogError } from '../../core/errors.ts';
import type { ObjectReader } from '../objects/catfile.ts';
import { heardKey } from '../repository/heard.ts';
import { endGroup } from './end-group.ts';
import { type GitPlace, gitEnvironment } from './environment.ts';

export { type GitPlace, gitEnvironment } from './environment.ts';

/** A git call as a value: what to run, what to feed it, which exit codes are answers. */
export interface GitCall {
  readonly args: readonly string[];
  readonly stdin?: string | Uint8Array | Iterable<Uint8Array>;
  /** Exit codes besides 0 that are answers, not failures; 128 and more as a shell tells the signal that ended it. */
  readonly okCodes?: readonly number[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds after which it is ended, with all it started. It has no terminal then, to ask anybody on. */
  readonly limit?: number;
  /** Ends it, with all it started. */
  readonly signal?: AbortSignal;
  /** Told the id of its process, which is that of its group where there is a limit or a signal. */
  readonly onStart?: (pid: number) => void;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  /** For a person to read in an error; outcomes are decided by the code. */
  readonly stderr: string;
}

/** What answers for a repository that is far away. */
export interface Far {
  readonly openReader: () => ObjectReader;
  /** What git would do; null where there is git, and what it needs was fetched. */
  readonly run: ((call: GitCall) => Promise<GitResult>) | null;
}

const MAX_STDERR = 4096;

/** Runs git to its end. Throws GIT_FAILED on an exit code that is no answer. */
export async function runGit(place: GitPlace, call: GitCall): Promise<GitResult> {
  const heard = call.stdin === undefined && call.env === undefined ? heardBy(place, call) : null;
  if (heard !== null) return heard;
  if (place.far?.run) return place.far.run(call);
  place.beforeGit?.();
  const child = spawn('git', call.args, {
    cwd: place.cwd,
    env: gitEnvironment(place, call.env),
    stdio: [call.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: call.limit !== undefined || call.signal !== undefined,
  });
  if (child.pid !== undefined) call.onStart?.(child.pid);
  const timer = call.limit === undefined ? undefined : setTimeout(() => endGroup(child.pid), call.limit);
  call.signal?.addEventListener('abort', () => endGroup(child.pid));
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => {
    if (stderr.length < MAX_STDERR) stderr += chunk.toString('utf8');
  });
  // A git that dies early closes its end: its exit code tells, the broken pipe adds nothing.
  child.stdin?.on('error', () => undefined);
  if (child.stdin && call.stdin !== undefined) feed(child.stdin, call.stdin);
  const code = await exitCode(child, place, call).finally(() => clearTimeout(timer));
  if (code !== 0 && call.okCodes?.includes(code) !== true) throw gitFailed(call.args, code, stderr);
  return { code, stdout: Buffer.concat(stdout), stderr };
}

/** A failure is not taken from hearsay: git says it again, and why. */
function heardBy({ heard }: GitPlace, { args, okCodes }: GitCall): GitResult | null {
  const answer = heard?.answers.get(heardKey(args));
  return answer && (answer.code === 0 || okCodes?.includes(answer.code) === true) ? answer : null;
}

/** By hand, because node:stream with all its helpers is one more thing for every hook to load. */
function feed(stdin: Writable, input: string | Uint8Array | Iterable<Uint8Array>): void {
  if (typeof input === 'string' || input instanceof Uint8Array) {
    stdin.end(input);
    return;
  }
  const parts = input[Symbol.iterator]();
  const write = (): void => {
    try {
      for (let part = parts.next(); part.done !== true; part = parts.next()) {
        if (stdin.write(part.value)) continue;
        stdin.once('drain', write);
        return;
      }
      stdin.end();
    } catch (error) {
      // The stream ends unfinished, which git answers with a failure.
      stdin.destroy(error as Error);
    }
  };
  write();
}

/** Runs git and gives its output as text without the last line feed. */
export async function gitText(place: GitPlace, ...args: string[]): Promise<string> {
  const { stdout } = await runGit(place, { args });
  return stdout.toString('utf8').replace(/\n$/, '');
}

/** What git said of its failure: advice and warnings that came before it are no reason. */
export function gitFailed(args: readonly string[], code: number | null, stderr: string): AgentLogError {
  const lines = stderr.trim().split('\n');
  const said = lines.find((line) => /^(?:fatal|error): /.test(line)) ?? lines[0] ?? '';
  const command = args.find((arg) => /^[a-z][a-z-]+$/.test(arg)) ?? '';
  return new AgentLogError(
    'GIT_FAILED',
    'system',
    `git ${command} failed (${code ?? 'killed'})${said === '' ? '' : `: ${said}`}`,
  );
}

function exitCode(
  child: ReturnType<typeof spawn>,
  { cwd }: GitPlace,
  { args, okCodes }: GitCall,
): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(notStarted(cwd, cause)));
    child.once('close', (code, signal) => {
      const told = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      if (code !== null || okCodes?.includes(told) === true) resolve(told);
      else reject(gitFailed(args, null, `ended by ${signal ?? 'a signal'}`));
    });
  });
}

/** A folder that is not there looks to whoever starts git just as a git that is not there. */
function notStarted(cwd: string, cause: Error): AgentLogError {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true)
    return new AgentLogError('GIT_FAILED', 'system', 'git could not be started', {
      cause,
      hints: ['Is git installed and on PATH?'],
    });
  return new AgentLogError('GIT_FAILED', 'system', `there is no folder ${cwd}`, {
    hints: ['Go into a repository, or name one with -C <dir>.'],
  });
}
