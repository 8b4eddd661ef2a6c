import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
}

export interface Workflow {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly concurrency: unknown;
  readonly jobs: Readonly<Record<string, { readonly permissions: unknown; readonly steps: readonly Step[] }>>;
}

export interface GitlabJob {
  readonly rules: unknown;
  readonly variables: Readonly<Record<string, string>>;
  readonly before_script: readonly string[];
  readonly script: readonly string[];
  readonly after_script?: readonly string[];
}

/** What a host runs to relink: its script, the shell it gives it to, and the environment the template adds. */
export interface RunBlock {
  readonly name: 'github-actions.yml' | 'gitlab-ci.yml';
  readonly script: string;
  readonly shell: 'bash' | 'sh';
  readonly env: Readonly<Record<string, string>>;
}

export async function githubWorkflow(): Promise<Workflow> {
  return parse(await template('github-actions.yml')) as Workflow;
}

export async function gitlabJob(): Promise<GitlabJob> {
  const file = parse(await template('gitlab-ci.yml')) as Readonly<Record<string, GitlabJob>>;
  const [job] = Object.values(file);
  if (job === undefined) throw new Error('gitlab-ci.yml has no job');
  return job;
}

export function relinkScript(): Promise<string> {
  return template('relink.sh');
}

/** Path of a file of docs/ci/. */
export function templatePath(name: string): URL {
  return new URL(`../../docs/ci/${name}`, import.meta.url);
}

/** The scripts of both templates, but for the installation, as the hosts put them together. */
export async function runBlocks(): Promise<RunBlock[]> {
  const { jobs } = await githubWorkflow();
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const step = steps.find(({ run }) => run?.includes('git agent-log relink'));
  const { script } = await gitlabJob();
  return [
    { name: 'github-actions.yml', script: step?.run ?? '', shell: 'bash', env: step?.env ?? {} },
    { name: 'gitlab-ci.yml', script: script.join('\n'), shell: 'sh', env: {} },
  ];
}

function template(name: string): Promise<string> {
  return readFile(templatePath(name), 'utf8');
}
