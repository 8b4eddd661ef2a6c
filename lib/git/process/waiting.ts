import type { Duplex } from 'node:stream';
import { type GitPlace, gitEnvironment } from './environment.ts';

/**
 * For a shell: a function that waits on its stdin for where to run git, with what in its environment and with which words, runs
 * it there, and says its exit code behind what it said. Its text never changes, and what it reads is never code.
 */
export const WAIT_FOR_GIT = `wait_for_git() {
IFS= read -r folder && cd -- "$folder" || exit
while IFS= read -r line || exit; do
case $line in
'') break ;;
*=*) export "$line" ;;
*) unset "$line" ;;
esac
done
set --
while IFS= read -r line || exit; do
[ -n "$line" ] || break
set -- "$@" "$line"
done
git "$@"
printf '\\0\\0%d\\n' $?
}`;

/**
 * Shells that were started while Node was small, each of which runs git once: starting a process copies what Node has in memory by
 * then, and Node waits for that. What git says on stderr is not heard.
 */
export class WaitingShells {
  readonly #sockets: Duplex[];

  constructor(sockets: readonly Duplex[]) {
    this.#sockets = [...sockets];
    // Whoever talks with it hears that it ended.
    for (const socket of sockets) socket.on('error', () => undefined);
  }

  /**
   * Its stdin and stdout; null where none waits any more, or it can't be said to a shell line by line. `stdin` is all that it is fed,
   * null where that is for the caller.
   */
  start(
    place: GitPlace,
    {
      args,
      env = {},
      stdin,
    }: { readonly args: readonly string[]; readonly env?: Environment; readonly stdin: string | null },
  ): Duplex | null {
    const lines = [place.cwd, ...environmentLines(place, env), '', ...args];
    if (args.includes('') || lines.some((line) => /[\n\0]/.test(line))) return null;
    const socket = this.#sockets.shift() ?? null;
    const told = `${lines.join('\n')}\n\n`;
    // In one piece: git may have ended before a second one is written.
    if (stdin === null) socket?.write(told);
    else socket?.end(`${told}${stdin}`);
    return socket;
  }

  /** Lets those go that still wait. */
  close(): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy();
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What git has in its environment there and the shell, which was started in the caller's own place, has not; and the other way round. */
function environmentLines(place: GitPlace, extra: Environment): string[] {
  const inherited = gitEnvironment({ cwd: place.cwd });
  const wanted = gitEnvironment(place, extra);
  const gone = Object.keys(inherited).filter((name) => wanted[name] === undefined);
  const changed = Object.entries(wanted).filter(([name, value]) => inherited[name] !== value);
  return [...gone, ...changed.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))];
}

/** What `wait_for_git` says behind all that git said. */
const LAST_WORD = /\0\0(\d{1,3})\n$/;
const LONGEST_LAST_WORD = 6;

/** What git says through such a shell, as it comes. Its exit code comes last; null where something ended it before. */
export async function* heardThrough(socket: Duplex): AsyncGenerator<Buffer, number | null> {
  let held: Buffer = Buffer.alloc(0);
  const chunks = (socket as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  try {
    for (let next = await heardNext(chunks); next !== null; next = await heardNext(chunks)) {
      const all = held.length === 0 ? next : Buffer.concat([held, next]);
      const end = Math.max(0, all.length - LONGEST_LAST_WORD);
      held = all.subarray(end);
      if (end > 0) yield all.subarray(0, end);
    }
  } finally {
    socket.destroy();
  }
  const [word = '', code] = LAST_WORD.exec(held.toString('latin1')) ?? [];
  yield held.subarray(0, held.length - word.length);
  return code === undefined ? null : Number(code);
}

/** Null at its end, and where a git that died early broke the pipe: its exit code tells, or that there is none. */
async function heardNext(chunks: AsyncIterator<Buffer>): Promise<Buffer | null> {
  try {
    const { done, value } = await chunks.next();
    return done === true ? null : value;
  } catch {
    return null;
  }
}
