import { onTestFinished } from 'vitest';
import { makeRepo, type Outcome, type RepoOptions, type RunOptions, type TestRepo } from './repo.ts';

/** What an agent leaves in the environment of the commands it runs. */
export const AGENT_ENV: Readonly<Record<string, string>> = {
  CLAUDECODE: '1',
  CLAUDE_CODE_SESSION_ID: '98ba7ee1-54c8-47bb-b1fc-899fbd63f387',
  AI_AGENT: 'claude-code_2-1-330_agent',
};

/** Runs git the way an agent's shell does; gives whatever came of it. */
export function asAgent(repo: TestRepo, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return repo.tryGit(args, { ...options, env: { ...AGENT_ENV, ...options.env } });
}

/** Runs git as an agent; throws unless it exits with 0. */
export async function agentGit(repo: TestRepo, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await asAgent(repo, args);
  if (code !== 0) throw new Error(`git ${args.join(' ')} exited with ${code}: ${stderr}`);
  return stdout.replace(/\n$/, '');
}

/** Commits everything as an agent, after writing some files. Gives the commit's id. */
export async function agentCommit(
  repo: TestRepo,
  message: string,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  for (const [path, content] of Object.entries(files)) await repo.write(path, content);
  await repo.git('add', '-A');
  await agentGit(repo, 'commit', '-q', '-m', message);
  return repo.git('rev-parse', 'HEAD');
}

/** A repository that is removed when the test that asked for it is over. */
export async function repoForTest(options: RepoOptions = {}): Promise<TestRepo> {
  const repo = await makeRepo(options);
  onTestFinished(repo.remove);
  return repo;
}

/** The same, with git-agent-log installed. */
export async function recorded(options: RepoOptions = {}): Promise<TestRepo> {
  const repo = await repoForTest(options);
  await install(repo);
  return repo;
}

export async function install(repo: TestRepo, options: RunOptions = {}): Promise<void> {
  const { code, stderr } = await repo.run(['init'], options);
  if (code !== 0) throw new Error(`init exited with ${code}: ${stderr}`);
}
