import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type GitlabJob, type Step, templatePath, type Workflow } from './ci-templates.ts';

type Job = Workflow['jobs'][string] & { readonly if: string; readonly environment?: string };

export interface CheckWorkflow extends Omit<Workflow, 'jobs'> {
  readonly jobs: Readonly<Record<'preview' | 'check', Job>>;
}

export type CheckJobs = Readonly<Record<'agent-log-preview' | 'agent-log-check', GitlabJob>>;

/** A job that judges a merge request: what a host runs, in which shell, and what the template adds to its environment. */
export interface CheckBlock {
  readonly name: string;
  readonly isTrusted: boolean;
  readonly shell: 'bash' | 'sh';
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function checkWorkflow(): Promise<CheckWorkflow> {
  return parse(await readFile(templatePath('github-check.yml'), 'utf8')) as CheckWorkflow;
}

export async function checkJobs(): Promise<CheckJobs> {
  return parse(await readFile(templatePath('gitlab-check.yml'), 'utf8')) as CheckJobs;
}

export function checkScript(): Promise<string> {
  return readFile(templatePath('check.sh'), 'utf8');
}

export function checkStep({ steps }: { readonly steps: readonly Step[] }): Step {
  const step = steps.find(({ name }) => name === 'Check');
  if (step === undefined) throw new Error('the job has no step called Check');
  return step;
}

/** The jobs of both templates, but for the installation. */
export async function checkBlocks(): Promise<CheckBlock[]> {
  const { jobs } = await checkWorkflow();
  const gitlab = await checkJobs();
  const github = (name: 'preview' | 'check'): CheckBlock => {
    const step = checkStep(jobs[name]);
    const isTrusted = name === 'check';
    return { name: `github ${name}`, isTrusted, shell: 'bash', script: step.run ?? '', env: step.env ?? {} };
  };
  const job = (name: 'agent-log-preview' | 'agent-log-check'): CheckBlock => {
    const isTrusted = name === 'agent-log-check';
    return {
      name: `gitlab ${name}`,
      isTrusted,
      shell: 'sh',
      script: gitlab[name].script.join('\n'),
      env: {},
    };
  };
  return [github('preview'), github('check'), job('agent-log-preview'), job('agent-log-check')];
}
