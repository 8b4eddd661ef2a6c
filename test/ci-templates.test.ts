import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { githubWorkflow, gitlabJob, relinkScript, runBlocks } from './support/ci-templates.ts';

describe('the workflow for GitHub Actions', async () => {
  const { on, permissions, jobs, concurrency } = await githubWorkflow();
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('runs after a push to one branch, and for nothing else', () => {
    expect(on).toEqual({ push: { branches: ['main'] } });
  });

  it('has the right to write contents in its job, and no other', () => {
    expect(permissions).toEqual({});
    expect(Object.values(jobs).map((job) => job.permissions)).toEqual([{ contents: 'write' }]);
  });

  it('lets no run cancel another', () => {
    expect(concurrency).toEqual({ group: 'agent-log', 'cancel-in-progress': false });
  });

  it('uses the host’s own actions alone, each at one version', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^actions\/[a-z-]+@v\d+\.\d+\.\d+$/);
  });

  it('pwn request: never checks out anything but what was pushed', () => {
    const [checkout] = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkout?.with).toEqual({ 'fetch-depth': 0 });
    expect(JSON.stringify(steps)).not.toMatch(/pull_request|head_ref|head\.sha/);
  });

  it('script injection: no expression stands in a script', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{');
  });

  it('dependency confusion and install scripts: one version of the tool, and none of its scripts', async () => {
    const [install] = steps.filter(({ run }) => run?.includes('npm install'));
    expect(install?.run).toMatch(/--ignore-scripts .*"\$PACKAGE"$/);
    expect(install?.env).toEqual({ PACKAGE: `git-agent-log@${await version()}` });
  });
});

describe('the job for GitLab CI', async () => {
  const job = await gitlabJob();

  it('runs after a push to the default branch, and for nothing else', () => {
    expect(job.rules).toEqual([
      { if: '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH' },
    ]);
  });

  it('has all of history, runs alone, and takes no files of other jobs', () => {
    expect(job.variables).toMatchObject({ GIT_DEPTH: '0' });
    expect(job).toMatchObject({ resource_group: 'agent-log', interruptible: false, dependencies: [] });
  });

  it('token theft: writes the token nowhere, and names it in no command line', () => {
    const lines = job.script.filter((line) => /TOKEN/.test(line));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^git config credential\.helper '[^']*\$\{AGENT_LOG_TOKEN:-\$CI_JOB_TOKEN\}[^']*'$/,
    );
  });

  it('dependency confusion and install scripts: one version of the tool, and none of its scripts', async () => {
    expect(job.variables['PACKAGE']).toBe(`git-agent-log@${await version()}`);
    expect(job.before_script.join('\n')).toMatch(/npm install --global --ignore-scripts .*"\$PACKAGE"$/);
  });
});

describe('the recipe', async () => {
  const recipe = await relinkScript();
  const blocks = await runBlocks();

  it('is what both hosts run, word for word', () => {
    const commands = recipe.slice(recipe.indexOf('set -eu')).trimEnd();
    for (const { script } of blocks) expect(script.trimEnd().endsWith(commands)).toBe(true);
  });

  it('history loss: forces nothing', () => {
    expect(recipe).not.toMatch(/--force|-f |\+refs\/notes/);
    expect(recipe).not.toMatch(/git push/);
  });

  // Without SC2016: that the token's variable is not expanded where it is written is on purpose.
  const shellcheck = spawnSync('shellcheck', ['--version']).status === 0;
  it.skipIf(!shellcheck).each([{ name: 'relink.sh', script: recipe, shell: 'sh' }, ...blocks])(
    'shellcheck (where it is installed) finds nothing in $name',
    ({ script, shell }) => {
      const { status, stdout } = spawnSync('shellcheck', ['-s', shell, '-e', 'SC2016', '-'], {
        input: script,
        encoding: 'utf8',
      });
      expect(status, stdout).toBe(0);
    },
  );
});

async function version(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
