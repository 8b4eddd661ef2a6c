import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const PROGRAM = join(here, '..', '..', 'bin', 'git-agent-log');

const roots = new Set();
process.on('exit', () => {
  for (const root of roots) rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** A folder that is gone when the run ends. */
export function makeFolder() {
  const root = mkdtempSync(join(tmpdir(), 'agent-log-bench-'));
  roots.add(root);
  mkdirSync(join(root, 'home'));
  return root;
}

export function removeFolder(root) {
  rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  roots.delete(root);
}

/** An environment with nothing of the developer's in it: no agent, no git settings. */
function cleanEnvironment(root) {
  return {
    PATH: process.env.PATH,
    HOME: join(root, 'home'),
    XDG_CONFIG_HOME: join(root, 'home', '.config'),
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

/** Runs a program that has to succeed; gives its output without the last line feed. */
export function run(program, args, options) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    maxBuffer: 1 << 30,
    encoding: 'utf8',
    ...options,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status}: ${stderr}`);
  return stdout.replace(/\n$/, '');
}

/** A repository that was made before. */
export function repoIn(root, name) {
  const dir = join(root, name);
  const env = cleanEnvironment(root);
  return { dir, env, git: (...args) => run('git', args, { cwd: dir, env }) };
}

/** An empty repository in a folder of its own. */
export function makeRepo(root, name) {
  const repo = repoIn(root, name);
  run('git', ['init', '-q', '-b', 'main', repo.dir], { env: repo.env });
  repo.git('config', 'user.name', 'Jane Doe');
  repo.git('config', 'user.email', 'jane@example.com');
  repo.git('config', 'gc.auto', '0');
  return repo;
}

/** Two repositories with the same files: one as it is, one with git-agent-log. */
export function makePair(root, fileCount) {
  const plain = makeRepo(root, 'plain');
  for (let i = 0; i < fileCount; i++) {
    const folder = fileCount > 100 ? join(plain.dir, 'src', String(i % 100)) : plain.dir;
    if (i < 100) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${i}.txt`), `file ${i}\n`);
  }
  plain.git('add', '-A');
  plain.git('commit', '-q', '-m', 'First');
  const dir = join(root, 'ours');
  cpSync(plain.dir, dir, { recursive: true, preserveTimestamps: true });
  const ours = { dir, env: plain.env, git: (...args) => run('git', args, { cwd: dir, env: plain.env }) };
  for (const repo of [plain, ours]) repo.git('status');
  run(process.execPath, [PROGRAM, 'init'], { cwd: dir, env: plain.env });
  return { plain, ours };
}

/** Changes a file and puts it into the index, so that a commit has something to do. */
export function stage(repo, path, text) {
  writeFileSync(join(repo.dir, path), text);
  repo.git('add', '--', path);
}
