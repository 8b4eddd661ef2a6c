import { type ExecFileException, execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program, as a user runs it. */
export const PROGRAM = fileURLToPath(new URL('../../bin/git-agent-log', import.meta.url));

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  readonly cwd?: string;
  /** Hints as they are wrapped. Default: each on one line. */
  readonly asPrinted?: boolean;
}

/** A real repository in a folder of its own, with an environment that knows nothing of the developer's. */
export interface TestRepo {
  readonly dir: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs git; throws unless it exits with 0. Gives stdout without the last line feed. */
  readonly git: (...args: string[]) => Promise<string>;
  /** Runs git and gives whatever came of it. */
  readonly tryGit: (args: readonly string[], options?: RunOptions) => Promise<Outcome>;
  /** Runs git-agent-log. */
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Outcome>;
  /** Runs any program with the repository's environment. */
  readonly exec: (program: string, args: readonly string[], options?: RunOptions) => Promise<Outcome>;
  readonly write: (path: string, content: string) => Promise<void>;
  readonly read: (path: string) => Promise<string>;
  readonly commit: (message: string, files?: Readonly<Record<string, string>>) => Promise<string>;
  readonly path: (...parts: string[]) => string;
  readonly remove: () => Promise<void>;
}

export interface RepoOptions {
  readonly objectFormat?: 'sha1' | 'sha256';
  /** False: no user.name, no user.email. */
  readonly identity?: boolean;
  /** Start with one commit of a README. Default true. */
  readonly firstCommit?: boolean;
}

export async function makeRepo(options: RepoOptions = {}): Promise<TestRepo> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-'));
  const repo = repoAt(join(root, 'repo'), join(root, 'home'), () =>
    rm(root, { recursive: true, force: true, maxRetries: 5 }),
  );
  await mkdir(repo.dir);
  await mkdir(repo.home);
  await repo.git('init', '-q', '-b', 'main', `--object-format=${options.objectFormat ?? 'sha1'}`, '.');
  if (options.identity !== false) {
    await repo.git('config', 'user.name', 'Jane Doe');
    await repo.git('config', 'user.email', 'jane@example.com');
  }
  await repo.git('config', 'gc.auto', '0');
  if (options.firstCommit !== false && options.identity !== false)
    await repo.commit('First', { 'README.md': 'hello\n' });
  return repo;
}

/** A repository that is there already (a worktree, a clone) with the same clean environment. */
export function repoAt(
  dir: string,
  home: string,
  remove: () => Promise<void> = () => Promise.resolve(),
  more: Readonly<Record<string, string>> = {},
): TestRepo {
  const env = { ...cleanEnvironment(home), ...more };
  const exec: TestRepo['exec'] = (program, args, options = {}) =>
    execute(program, args, { ...options, dir, env: { ...env, ...options.env } });
  const tryGit: TestRepo['tryGit'] = (args, options) => exec('git', args, options);
  const git: TestRepo['git'] = async (...args) => {
    const { code, stdout, stderr } = await tryGit(args);
    if (code !== 0) throw new Error(`git ${args.join(' ')} exited with ${code}: ${stderr}`);
    return stdout.replace(/\n$/, '');
  };
  const write: TestRepo['write'] = async (path, content) => {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  };
  return {
    dir,
    home,
    env,
    git,
    tryGit,
    exec,
    write,
    run: (args, options) => exec(PROGRAM, args, options),
    read: (path) => readFile(join(dir, path), 'utf8'),
    path: (...parts) => join(dir, ...parts),
    remove,
    commit: async (message, files = {}) => {
      for (const [path, content] of Object.entries(files)) await write(path, content);
      await git('add', '-A');
      await git('commit', '-q', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
  };
}

/** Puts an executable script into a folder. */
export async function writeScript(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await chmod(path, 0o755);
}

/** An environment with nothing of the developer's in it: no agent, no git settings, fixed language and dates. */
export function cleanEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    TMPDIR: tmpdir(),
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: 'false',
    NO_COLOR: '1',
  };
}

function execute(
  program: string,
  args: readonly string[],
  options: RunOptions & { dir: string; env: Readonly<Record<string, string>> },
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      [...args],
      {
        cwd: options.cwd ?? options.dir,
        env: { ...options.env },
        maxBuffer: 256 * 1024 * 1024,
        encoding: 'utf8',
      },
      (error: ExecFileException | null, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number' && error.signal == null) reject(error);
        else
          resolve({
            code: error === null ? 0 : typeof error.code === 'number' ? error.code : 128,
            stdout,
            // Where a hint goes on with the next line is not what most tests are about.
            stderr: options.asPrinted === true ? stderr : stderr.replaceAll('\nhint:   ', ' '),
          });
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}
