import type { ChalkInstance } from 'chalk';
import { findRepository, type Repository } from '../../git/repository/repository.ts';
import { sayingColumns, wrapHints } from './hint-lines.ts';
import { isTerminal } from './write-out.ts';

/** Everything a command may use of the process it runs in. */
export interface Io {
  readonly cwd: string;
  /** Asked for at once, so that git answers while the command's code is loaded. */
  readonly repository: Promise<Repository>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: number;
  readonly columns: number;
  readonly paint: Paint;
  /** An answer, for stdout. */
  readonly print: (text: string) => void;
  /** Talk, for stderr. */
  readonly say: (text: string) => void;
  /** A long answer: through git's pager on a terminal. */
  readonly page: (text: string) => Promise<void>;
  /** Opens a file in the user's browser; null where nobody sits at a terminal. */
  readonly open: ((path: string) => Promise<boolean>) | null;
  /** Progress, on a terminal only; called with null when done. */
  readonly progress: (text: string | null) => void;
}

/** Emphasis by meaning. Without colour every function gives its text back. */
export interface Paint {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly name: (text: string) => string;
}

const plain = (text: string): string => text;

export const PLAIN: Paint = {
  strong: plain,
  faint: plain,
  good: plain,
  warn: plain,
  bad: plain,
  name: plain,
};

export async function openIo(
  cwd: string,
  color: boolean,
  /** The repository around `cwd`, if somebody looks for it already. */
  here: Promise<Repository> | null,
  /** How an answer gets to stdout. */
  print: Io['print'] = (text) => void process.stdout.write(text),
): Promise<Io> {
  const { env } = process;
  const onTerminal = isTerminal();
  const repository = here ?? findRepository({ cwd });
  // Whoever awaits it hears of a failure; a command that needs no repository does not.
  repository.catch(() => undefined);
  return {
    cwd,
    repository,
    env,
    now: Date.now(),
    // A terminal nobody gave a size says 0.
    columns: Math.min((onTerminal && process.stdout.columns) || 80, 120),
    paint: color ? await colours() : PLAIN,
    print,
    say: (text) => void process.stderr.write(wrapHints(text, sayingColumns())),
    page: async (text) => {
      if (onTerminal && text.split('\n').length > (process.stdout.rows ?? 24))
        await (await import('./pager.ts')).page(cwd, text);
      else print(text);
    },
    open: onTerminal ? async (path) => (await import('./browser.ts')).openInBrowser(cwd, path) : null,
    progress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(text === null ? '\r\u001b[K' : `\r\u001b[K${text}`);
    },
  };
}

async function colours(): Promise<Paint> {
  const { Chalk } = await import('chalk');
  const chalk: ChalkInstance = new Chalk({ level: 1 });
  return {
    strong: chalk.bold,
    faint: chalk.dim,
    good: chalk.green,
    warn: chalk.yellow,
    bad: chalk.red,
    name: chalk.cyan,
  };
}
