import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRepo, repoAt, type TestRepo } from './repo.ts';

export const PAYLOADS = 'refs/agent-log/payloads';
export const KEYS = 'refs/agent-log/keys';

/** A repository with a remote, hooks and a team key, in which one agent did a task. */
export interface Told {
  readonly repo: TestRepo;
  readonly remote: string;
  readonly txn: string;
  readonly remove: () => Promise<void>;
}

/** Has an agent commit a piece of work, and run a command right after; gives the transaction. */
export async function work(repo: TestRepo, task: string, file = 'work.txt', then = ':'): Promise<string> {
  await repo.write('task.md', task);
  const script = `echo ${Math.random()} >> ${file}; git add ${file}; git commit -q -m "Work of an agent"; ${then}`;
  const args = ['run', '--task', `@${repo.path('task.md')}`, '--agent', 'my-agent', '--', 'sh', '-c', script];
  const { code, stderr, stdout } = await repo.run(args);
  if (code !== 0) throw new Error(`run exited with ${code}: ${stderr}`);
  return /[0-9A-Z]{26}/.exec(`${stderr}${stdout}`)?.[0] ?? '';
}

/** `init` and one task, synced to a bare remote that clones can be made of. */
export async function toldRepo(task: string): Promise<Told> {
  const repo = await makeRepo();
  const folder = await mkdtemp(join(tmpdir(), 'agent-log-remote-'));
  const remote = join(folder, 'remote.git');
  await repo.exec('git', ['init', '-q', '--bare', '-b', 'main', remote]);
  await repo.git('remote', 'add', 'origin', remote);
  await repo.run(['init', '--agents', 'none']);
  const txn = await work(repo, task);
  await repo.git('push', '-q', 'origin', 'main');
  await expectZero(repo.run(['sync']));
  const remove = async (): Promise<void> => {
    await repo.remove();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return { repo, remote, txn, remove };
}

/** A fresh clone of the remote with its records, by somebody with a home of their own. */
export async function cloneOf(
  { repo, remote }: Told,
  name: string,
  home = join(repo.home, name),
): Promise<TestRepo> {
  await mkdir(home, { recursive: true });
  const dir = join(repo.home, `clone-${name}`);
  await repo.exec('git', ['clone', '-q', remote, dir]);
  const clone = repoAt(dir, home);
  await clone.git('config', 'user.name', 'John Doe');
  await clone.git('config', 'user.email', 'john@example.com');
  await expectZero(clone.run(['sync', '--fetch']));
  return clone;
}

/** Hands the team's private keys over, as a person would with a file. */
export async function giveKeys(from: TestRepo, to: TestRepo): Promise<void> {
  const [source, target] = [identities(from), identities(to)];
  await mkdir(target, { recursive: true });
  for (const name of await readdir(source)) {
    await writeFile(join(target, name), await readFile(join(source, name)));
    await chmod(join(target, name), 0o600);
  }
}

export function identities(repo: TestRepo): string {
  return join(repo.home, '.config', 'git-agent-log', 'identities');
}

/** The recipient `init` set. */
export function recipientOf(repo: TestRepo): Promise<string> {
  return repo.git('config', '--get', 'agentLog.recipient');
}

/** Entries of a ref as `path oid`. */
export async function entriesOf(repo: TestRepo, ref: string): Promise<{ path: string; oid: string }[]> {
  const { stdout } = await repo.tryGit(['ls-tree', '-r', ref]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ oid: line.split(/\s+/)[2] ?? '', path: line.split('\t')[1] ?? '' }));
}

/** Puts other contents, or blobs that are there, where entries of a transaction are, as somebody with a keyboard would. */
export async function replaceEntries(
  repo: TestRepo,
  ref: string,
  txn: string,
  contents: readonly Buffer[],
  blobs: readonly string[] = [],
): Promise<void> {
  const index = { GIT_INDEX_FILE: repo.path('.git', 'agent-log-test-index') };
  const inIndex = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await repo.tryGit(args, {
      env: index,
      ...(input === undefined ? {} : { input }),
    });
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  await inIndex(['read-tree', ref]);
  const old = (await entriesOf(repo, ref)).filter(({ path }) => path.includes(txn));
  await inIndex(
    ['update-index', '--index-info'],
    old.map(({ path }) => `0 ${'0'.repeat(40)}\t${path}\n`).join(''),
  );
  const written: string[] = [];
  for (const content of contents) {
    const { stdout } = await repo.tryGit(['hash-object', '-w', '--stdin'], { input: content });
    written.push(stdout.trim());
  }
  for (const oid of [...written, ...blobs]) {
    await inIndex(['update-index', '--index-info'], `100644 ${oid}\t${txn.slice(-2)}/${txn}/${oid}\n`);
  }
  const tree = await inIndex(['write-tree']);
  await repo.git('update-ref', ref, await repo.git('commit-tree', '-m', 'changed', tree));
  await rm(index.GIT_INDEX_FILE, { force: true });
}

/** The content of the first entry of a transaction. */
export async function contentOf(repo: TestRepo, ref: string, txn: string): Promise<Buffer> {
  const entry = (await entriesOf(repo, ref)).find(({ path }) => path.includes(txn));
  const path = repo.path('.git', 'agent-log-test-blob');
  await repo.exec('sh', ['-c', `git cat-file blob ${entry?.oid ?? ''} > ${path}`]);
  const content = await readFile(path);
  await rm(path);
  return content;
}

/** Files below a folder that hold a text, or that others than their owner may read. */
export async function findLeaks(
  folder: string,
  text: string,
): Promise<{ readonly holding: string[]; readonly open: string[] }> {
  const holding: string[] = [];
  const open: string[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => null);
    if (info?.isFile() !== true) continue;
    if (!(await readFile(path)).includes(text)) continue;
    holding.push(name);
    if ((info.mode & 0o077) !== 0) open.push(name);
  }
  return { holding, open };
}

export async function expectZero(outcome: ReturnType<TestRepo['run']>): Promise<void> {
  const { code, stderr } = await outcome;
  if (code !== 0) throw new Error(`exited with ${code}: ${stderr}`);
}
