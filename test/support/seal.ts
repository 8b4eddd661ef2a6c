import { expect } from 'vitest';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import type { RunOptions, TestRepo } from './repo.ts';

/** The trailers of a commit as git itself reads them, `Key: value`. */
export async function trailersOf(repo: TestRepo, revision = 'HEAD'): Promise<string[]> {
  const message = await repo.git('log', '-1', '--format=%B', revision);
  const { stdout } = await repo.tryGit(['interpret-trailers', '--parse'], { input: message });
  return stdout.split('\n').filter(Boolean);
}

/** `show --json` of a commit. */
export async function showOf(
  repo: TestRepo,
  revision = 'HEAD',
  options: RunOptions = {},
): Promise<ShowDocument> {
  const { code, stdout, stderr } = await repo.run(['show', revision, '--json'], options);
  if (stdout === '') throw new Error(`show ${revision} exited with ${code} and said only: ${stderr}`);
  return JSON.parse(stdout) as ShowDocument;
}

/** The ledger's note of a commit; '' when there is none. */
export async function noteOf(repo: TestRepo, revision = 'HEAD'): Promise<string> {
  const { stdout } = await repo.tryGit(['notes', '--ref=refs/notes/agent-log', 'show', revision]);
  return stdout;
}

/** Holds for a commit with our seal: every trailer once, where git finds it, and the record they name bound to it. */
export async function expectSealed(
  repo: TestRepo,
  revision = 'HEAD',
  wanted: { binding?: ShowDocument['binding'] } = {},
): Promise<ShowDocument> {
  const trailers = await trailersOf(repo, revision);
  const message = await repo.git('log', '-1', '--format=%B', revision);
  const shown = await showOf(repo, revision);
  const ours = ['Agent-Txn', 'Agent-Record', 'Agent-Sponsor', 'Assisted-by'];
  const keys = trailers.map((line) => line.slice(0, line.indexOf(':'))).filter((key) => ours.includes(key));
  expect({ keys, atLineStart: message.match(/^Agent-\w+:/gm)?.length }).toEqual({
    keys: ours,
    atLineStart: 3,
  });
  expect(trailers).toContain(`Agent-Txn: ${shown.txn}`);
  expect(trailers).toContain(`Agent-Record: ${shown.record}`);
  expect(shown).toMatchObject({
    authorship: 'agent',
    binding: wanted.binding ?? 'exact',
    sealed: true,
    integrity: { ok: true, problems: [] },
  });
  return shown;
}

/** Holds for a commit no agent made: nothing of ours in its message, and no note. */
export async function expectHuman(repo: TestRepo, revision = 'HEAD'): Promise<void> {
  const message = await repo.git('log', '-1', '--format=%B', revision);
  expect(message).not.toMatch(/Agent-|Assisted-by/);
  const { authorship, binding, sealed, record } = await showOf(repo, revision);
  expect({ authorship, binding, sealed, record }).toEqual({
    authorship: 'unknown',
    binding: 'none',
    sealed: false,
    record: null,
  });
  expect(await noteOf(repo, revision)).toBe('');
}

/** A person's commit in the same repository stays a person's, whatever an agent did before. */
export async function thenHuman(repo: TestRepo): Promise<void> {
  await repo.commit('By hand', { 'human.txt': `${Date.now()}\n` });
  await expectHuman(repo);
}

export function pathsOf(shown: ShowDocument): string[] {
  return shown.files.map(({ path }) => path);
}
