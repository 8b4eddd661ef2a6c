import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { AgentLogError } from '../../core/errors.ts';
import { DURABLE } from '../objects/fast-import.ts';
import { type GitPlace, gitEnvironment } from '../process/runner.ts';

/** A ref that is believed to be at `from` goes to `to`. */
export interface RefMove {
  readonly ref: string;
  readonly from: string;
  readonly to: string;
  /** For the reflog. */
  readonly why: string;
}

/**
 * Moves a ref with something done in between: once git holds the ref's lock and has found it where it should be, `between` is
 * run, and then the move is made, on disk before this returns. Gives what git said when it could not have the ref; then
 * `between` was not run. Throws what `between` throws, and the ref stays. A kill at any moment leaves the ref where it was.
 */
export async function moveRefAround(
  place: GitPlace,
  { ref, from, to, why }: RefMove,
  between: () => Promise<void>,
): Promise<string | null> {
  const args = [...DURABLE, 'update-ref', '-m', why, '--stdin'];
  const git = spawn('git', args, { cwd: place.cwd, env: gitEnvironment(place) });
  const ended = endOf(git);
  const answers = answersOf(git);
  git.stdin.write(`start\nupdate ${ref} ${to} ${from}\nprepare\n`);
  if ((await answers.next('prepare')) !== 'ok') return (await ended).said;
  try {
    await between();
  } catch (error) {
    git.stdin.end('abort\n');
    await ended;
    throw error;
  }
  git.stdin.end('commit\n');
  const { code, said } = await ended;
  if (code === 0) return null;
  throw new AgentLogError('GIT_FAILED', 'system', `git could not move ${ref}: ${said}`, {
    hints: ['Run it again: what was begun is taken back first.'],
  });
}

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

function endOf(git: ChildProcessWithoutNullStreams): Promise<Ended> {
  let said = '';
  git.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  // Its exit code tells; a broken pipe adds nothing.
  git.stdin.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    git.once('error', reject);
    git.once('close', (code) => resolve({ code, said: said.trim().split('\n')[0] ?? '' }));
  });
}

/** git answers each command it has carried out with a line, `prepare: ok`, and a refused one by ending. */
function answersOf(git: ChildProcessWithoutNullStreams): {
  readonly next: (command: string) => Promise<'ok' | 'ended'>;
} {
  let text = '';
  git.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  return {
    next: (command) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (text.includes(`${command}: ok\n`)) resolve('ok');
        };
        git.stdout.on('data', look);
        git.once('close', () => resolve('ended'));
        git.once('error', () => resolve('ended'));
        look();
      }),
  };
}
