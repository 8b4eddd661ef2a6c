import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkBlocks, checkJobs, checkScript, checkStep, checkWorkflow } from './support/check-templates.ts';

describe('the workflow that checks on GitHub', async () => {
  const { on, permissions, jobs } = await checkWorkflow();
  const all = Object.values(jobs);

  it('has one job for what a pull request says, and one for what its target says', () => {
    expect(Object.keys(on as object)).toEqual(['pull_request', 'pull_request_target']);
    expect(all.map((job) => job.if)).toEqual([
      "github.event_name == 'pull_request'",
      "github.event_name == 'pull_request_target'",
    ]);
  });

  it('a fork that edits the workflow: its job can only read, and has no secret', () => {
    expect(permissions).toEqual({});
    expect(jobs.preview.permissions).toEqual({ contents: 'read' });
    expect(JSON.stringify(jobs.preview)).not.toContain('secrets.');
  });

  it('the job with the key can push, is bound to an environment, and gives the key to one step', () => {
    expect(jobs.check.permissions).toEqual({ contents: 'write' });
    expect(jobs.check.environment).toBe('agent-log');
    const keeping = jobs.check.steps.filter((step) => JSON.stringify(step).includes('secrets.'));
    expect(keeping).toEqual([checkStep(jobs.check)]);
  });

  it('pwn request: checks out the target alone, and uses no action but the host’s own', () => {
    for (const { steps } of all) {
      const used = steps.filter(({ uses }) => uses !== undefined);
      for (const { uses } of used) expect(uses).toMatch(/^actions\/(checkout|setup-node)@v\d+\.\d+\.\d+$/);
      expect(used[0]?.with).toEqual({ ref: '${{ github.event.pull_request.base.sha }}', 'fetch-depth': 0 });
      expect(used[1]?.with, 'no cache that a change could have filled').toEqual({ 'node-version': 22 });
    }
  });

  it('script injection: no expression stands in a script', () => {
    for (const { run } of all.flatMap(({ steps }) => steps)) expect(run ?? '').not.toContain('${{');
  });
});

describe('the jobs that check on GitLab', async () => {
  const jobs = await checkJobs();

  it('run in a merge request without the key, and with it for the default branch alone', () => {
    expect(jobs['agent-log-preview'].rules).toEqual([{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }]);
    expect(jobs['agent-log-preview'].script).toContain('unset AGENT_LOG_KEY');
    expect(jobs['agent-log-check'].rules).toEqual([
      { if: '$CI_PIPELINE_SOURCE == "trigger" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH' },
    ]);
  });

  it('tell the status by the trusted job alone, with the token in no argument', () => {
    expect(jobs['agent-log-preview'].after_script).toBeUndefined();
    const text = jobs['agent-log-check'].after_script?.join('\n') ?? '';
    expect(text).toContain('statuses/$head');
    const [, command = ''] = text.split(' |\n');
    expect(command).toMatch(/^ *curl .*--header @-/);
    expect(command).not.toMatch(/TOKEN|eval|\$\(|`/);
  });

  it('check nothing out, and take no files of other jobs', () => {
    for (const job of Object.values(jobs)) {
      expect(job.variables).toMatchObject({ GIT_CHECKOUT: 'false', GIT_STRATEGY: 'clone', GIT_DEPTH: '0' });
      expect(job).toMatchObject({ dependencies: [], needs: [] });
    }
  });
});

describe('what checks', async () => {
  const recipe = await checkScript();
  const blocks = await checkBlocks();

  it('is what all jobs run, word for word', () => {
    const commands = recipe.slice(recipe.indexOf('set -eu')).trimEnd();
    for (const { script } of blocks) expect(script.trimEnd().endsWith(commands)).toBe(true);
  });

  it('checks nothing out, runs nothing of the change, and forces nothing', () => {
    expect(recipe).not.toMatch(/git (checkout|switch|worktree|merge|push)|--force|npm (ci|run|test)|eval /);
  });

  it('is of one version, without scripts of packages', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    for (const job of Object.values((await checkWorkflow()).jobs)) {
      const [install] = job.steps.filter(({ run }) => run?.includes('npm install'));
      expect(install?.run).toMatch(/--ignore-scripts .*"\$PACKAGE"$/);
      expect(install?.env).toEqual({ PACKAGE: `git-agent-log@${version}` });
    }
    for (const job of Object.values(await checkJobs()))
      expect(job.variables['PACKAGE']).toBe(`git-agent-log@${version}`);
  });

  const hooks = await Promise.all(
    ['pre-receive', 'update'].map(async (name) => ({
      name,
      script: await readFile(new URL(`../docs/server/${name}`, import.meta.url), 'utf8'),
      shell: 'sh' as const,
    })),
  );
  const shellcheck = spawnSync('shellcheck', ['--version']).status === 0;
  const trusted = blocks.filter(({ isTrusted, shell }) => isTrusted && shell === 'sh');
  const after = {
    name: 'gitlab status',
    script: (await checkJobs())['agent-log-check'].after_script?.join('\n') ?? '',
    shell: 'sh' as const,
  };
  it.skipIf(!shellcheck).each([...trusted, ...hooks, after])(
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
