import { cp, mkdtemp, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { claimedTrailers } from '../../../lib/core/records/trailers.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { type Ledger, openLedger } from '../../../lib/ledger/ledger.ts';
import { listNotes } from '../../../lib/ledger/reading/scan.ts';
import { asAgent, install } from '../recorded.ts';
import { makeRepo, type Outcome, type RunOptions, repoAt, type TestRepo, writeScript } from '../repo.ts';

/** A commit an agent made, and what sealed it. */
export interface Work {
  readonly name: string;
  readonly commit: string;
  readonly record: string;
  readonly txn: string;
}

/** A repository whose history is about to be rewritten, and what was known of it before. */
export interface Scene {
  readonly repo: TestRepo;
  readonly works: Work[];
  /** Commits by subject, as they were before anything was rewritten. */
  readonly commits: ReadonlyMap<string, string>;
  /** Objects that had a note before. */
  readonly annotated: ReadonlySet<string>;
}

/** What it takes to make one. */
export type Making = Pick<Scene, 'repo' | 'works'>;

const SESSIONS = ['98ba7ee1-54c8-47bb-b1fc-899fbd63f387', '0d7c7e0b-40f7-4d07-9a5c-9a1f7c1b6a02'];

/** Runs git as the agent of one of two sessions. */
export function asSession(
  repo: TestRepo,
  session: number,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const env = { CLAUDE_CODE_SESSION_ID: SESSIONS[session] ?? '', ...options.env };
  return asAgent(repo, args, { ...options, env });
}

/** Commits what is there as an agent, under a name the expectations call it by. */
export async function work(
  making: Making,
  name: string,
  subject: string,
  files: Readonly<Record<string, string>> = {},
  session = 0,
): Promise<string> {
  const { repo } = making;
  for (const [path, content] of Object.entries(files)) await repo.write(path, content);
  await repo.git('add', '-A');
  const { code, stderr } = await asSession(repo, session, ['commit', '-q', '--allow-empty', '-m', subject]);
  if (code !== 0) throw new Error(`the agent could not commit: ${stderr}`);
  return noteWork(making, name);
}

/** Gives a commit an agent has just made a name. */
export async function noteWork({ repo, works }: Making, name: string, revision = 'HEAD'): Promise<string> {
  const [commit = '', ...message] = (await repo.git('log', '-1', '--format=%H%n%B', revision)).split('\n');
  const { records, txns } = claimedTrailers(message.join('\n'));
  if (records.length !== 1 || txns.length !== 1) throw new Error(`${name} is not sealed once`);
  works.push({ name, commit, record: records[0] ?? '', txn: txns[0] ?? '' });
  return commit;
}

const SHARED = Array.from({ length: 12 }, (_, i) => `line ${i + 1}\n`);

/** The file both sides change, with some of its lines told otherwise. */
export function shared(lines: Readonly<Record<number, string>>): string {
  return SHARED.map((line, i) => (lines[i + 1] === undefined ? line : `${lines[i + 1]}\n`)).join('');
}

/** What Two and Three make of it together. */
export const BOTH: string = shared({ 2: 'line 2 by an agent', 11: 'line 11 by an agent' });

/**
 * The scene most cases begin with. `topic` is checked out and has One and Two of one transaction, Hand by a person and
 * Three of another transaction; `main` went on by a commit of a person; `clash` has another opinion on Two's line.
 */
async function standard(making: Making): Promise<void> {
  const { repo } = making;
  await repo.commit('Base', { 'shared.txt': shared({}) });
  await repo.git('tag', 'base');
  await repo.git('checkout', '-q', '-b', 'clash');
  await repo.commit('Clash', { 'shared.txt': shared({ 2: 'line 2 by hand' }) });
  await repo.git('checkout', '-q', '-b', 'topic', 'base');
  await work(making, 'one', 'One', { 'one.txt': 'one\n' });
  await work(making, 'two', 'Two', { 'shared.txt': shared({ 2: 'line 2 by an agent' }) });
  await repo.commit('Hand', { 'hand.txt': 'by hand\n' });
  await work(making, 'three', 'Three', { 'shared.txt': BOTH, 'three.txt': 'three\n' }, 1);
  await repo.git('checkout', '-q', 'main');
  await repo.commit('Upstream', { 'up.txt': 'up\n' });
  await repo.git('checkout', '-q', 'topic');
}

/** A scene made once and copied for every case, because recording takes its time. */
export interface Template {
  readonly scene: () => Promise<Scene>;
  readonly remove: () => Promise<void>;
}

export async function template(build: (making: Making) => Promise<void> = standard): Promise<Template> {
  const repo = await makeRepo();
  await install(repo);
  const making: Making = { repo, works: [] };
  await build(making);
  await quiet(repo);
  await repo.run(['list']);
  await quiet(repo);
  const root = join(repo.dir, '..');
  // Out of the way, so that no hook of a copy finds the place it was installed at.
  const store = `${root}.template`;
  await rename(root, store);
  const commits = await subjects(repoAt(join(store, 'repo'), join(store, 'home')));
  return {
    scene: async () => {
      const to = await mkdtemp(join(tmpdir(), 'agent-log-'));
      await cp(store, to, { recursive: true, verbatimSymlinks: true });
      const remove = (): Promise<void> => rm(to, { recursive: true, force: true, maxRetries: 5 });
      const copy = repoAt(join(to, 'repo'), join(to, 'home'), remove);
      await moved(join(copy.dir, '.git', 'agent-log', 'installed.json'), root, to);
      return { repo: copy, works: [...making.works], commits, annotated: await annotatedIn(copy) };
    },
    remove: () => rm(store, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** What we installed knows the place it was installed at. */
async function moved(file: string, from: string, to: string): Promise<void> {
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll(from, to));
}

async function subjects(repo: TestRepo): Promise<Map<string, string>> {
  const log = await repo.git('log', '--all', '--format=%s%x00%H');
  return new Map(log.split('\n').map((line) => line.split('\0') as [string, string]));
}

async function annotatedIn(repo: TestRepo): Promise<Set<string>> {
  return inLedger(repo, async (ledger) => new Set((await listNotes(ledger)).map(({ object }) => object)));
}

/** A copy that is removed when the test is over. */
export async function sceneForTest(made: Template): Promise<Scene> {
  const scene = await made.scene();
  onTestFinished(async () => {
    await quiet(scene.repo);
    await scene.repo.remove();
  });
  return scene;
}

export async function inLedger<T>(repo: TestRepo, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = openLedger(await findRepository({ cwd: repo.dir }));
  try {
    return await use(ledger);
  } finally {
    ledger.close();
  }
}

/** Waits until nothing runs in the repository any more: hooks leave work to processes nobody waits for. */
export async function quiet(repo: TestRepo, patience = 30_000): Promise<void> {
  for (const end = Date.now() + patience; await isBusy(join(repo.dir, '..')); await sleep(20))
    if (Date.now() > end) throw new Error(`something still runs in ${repo.dir}`);
}

/** Linux tells; elsewhere a moment has to do. */
async function isBusy(root: string): Promise<boolean> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  if (ids.length === 0) await sleep(500);
  const folders = await Promise.all(ids.map((id) => readlink(`/proc/${id}/cwd`).catch(() => '')));
  return folders.some((folder) => folder.startsWith(`${root}/`));
}

/** Runs git as a person; fails unless it exits with this code. */
export async function git(
  { repo }: Pick<Scene, 'repo'>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  wanted = 0,
): Promise<void> {
  const { code, stdout, stderr } = await repo.tryGit(args, { env: { GIT_EDITOR: 'true', ...env } });
  expect(code, `git ${args.join(' ')}\n${stdout}${stderr}`).toBe(wanted);
}

/** Runs git as an agent; fails unless it exits with this code. */
export async function gitByAgent(
  { repo }: Pick<Scene, 'repo'>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  wanted = 0,
): Promise<void> {
  const { code, stdout, stderr } = await asSession(repo, 0, args, { env: { GIT_EDITOR: 'true', ...env } });
  expect(code, `git ${args.join(' ')}\n${stdout}${stderr}`).toBe(wanted);
}

/** Edits the list of a rebase: one line per command, commits named by their subject. */
export async function todo(
  { repo, commits }: Pick<Scene, 'repo' | 'commits'>,
  ...lines: readonly string[]
): Promise<{ GIT_SEQUENCE_EDITOR: string }> {
  const list = lines.map((line) => line.replace(/[A-Z]\w*$/, (subject) => commits.get(subject) ?? subject));
  const path = join(repo.home, 'todo-editor');
  await writeScript(path, `#!/bin/sh\ncat >"$1" <<'END'\n${list.join('\n')}\nEND\n`);
  return { GIT_SEQUENCE_EDITOR: path };
}

/** An editor that types a message in place of whatever is there. */
export async function types({ repo }: Pick<Scene, 'repo'>, message: string): Promise<{ GIT_EDITOR: string }> {
  const path = join(repo.home, 'typing-editor');
  await writeScript(path, `#!/bin/sh\ncat >"$1" <<'END'\n${message}\nEND\n`);
  return { GIT_EDITOR: path };
}
