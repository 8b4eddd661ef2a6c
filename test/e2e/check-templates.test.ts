import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type CheckBlock, checkBlocks, checkJobs, checkScript } from '../support/check-templates.ts';
import { type Bank, bumpDependency, MR_URL, makeBank } from '../support/merge-request.ts';
import { type Outcome, PROGRAM, repoAt, type TestRepo } from '../support/repo.ts';

const LEDGER = 'refs/notes/agent-log';
const PROJECT = MR_URL.replace(/\/-\/.*$/, '');
let bank: Bank;
let root: string;

beforeEach(async () => {
  bank = await makeBank();
  root = dirname(bank.server.dir);
});

/** The branch a change goes to, the branches that may judge, and the project that a webhook tells. */
interface Asked {
  readonly target?: string;
  readonly targets?: string;
  readonly project?: number;
}

/** What a host sets for a job; a template takes from it what it names. */
async function environment(
  block: CheckBlock,
  head: string,
  { target = 'main', targets = '' }: Asked = {},
): Promise<Record<string, string>> {
  const key = await readFile(bank.ci.keyFile, 'utf8');
  const event: Record<string, string> = {
    'github.event.pull_request.head.sha': head,
    'github.event.pull_request.base.ref': target,
    'vars.AGENT_LOG_TARGETS': targets,
    'github.event.pull_request.html_url': MR_URL,
    'secrets.AGENT_LOG_KEY': key,
  };
  const added = Object.entries(block.env).map(([name, value]): [string, string] => [
    name,
    value.replaceAll(/\$\{\{ ([\w.]+) \}\}/g, (_, path: string) => event[path] ?? ''),
  ]);
  return {
    PATH: `${dirname(PROGRAM)}:${process.env['PATH'] ?? ''}`,
    CI: 'true',
    GITHUB_STEP_SUMMARY: join(root, 'summary.md'),
    RUNNER_TEMP: root,
    CI_PROJECT_URL: PROJECT,
    CI_MERGE_REQUEST_PROJECT_URL: PROJECT,
    CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: head,
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: target,
    AGENT_LOG_TARGETS: targets,
    CI_MERGE_REQUEST_IID: '7',
    CI_PROJECT_ID: '1',
    CI_JOB_TOKEN: 'job-token',
    CI_SERVER_HOST: 'gitlab.example.com',
    TRIGGER_PAYLOAD: join(root, 'payload.json'),
    GITLAB_USER_NAME: 'Pipeline',
    GITLAB_USER_EMAIL: 'ci@example.com',
    ...(block.name.startsWith('gitlab') ? { AGENT_LOG_KEY: bank.ci.keyFile } : {}),
    ...Object.fromEntries(added),
  };
}

let runs = 0;

/** Runs a job where the host has cloned the target. */
async function job(
  block: CheckBlock,
  head: string,
  asked: Asked = {},
): Promise<Outcome & { readonly clone: TestRepo }> {
  const clone = repoAt(join(root, `runner-${runs++}`), bank.ci.repo.home);
  await bank.server.git('clone', '-q', `file://${bank.server.dir}`, clone.dir);
  // By its URL the runner gets to the server of this test.
  await clone.git('config', `url.file://${bank.server.dir}.insteadOf`, `${PROJECT}.git`);
  const payload = {
    target_project_id: asked.project ?? 1,
    last_commit: { id: head },
    target_branch: asked.target ?? 'main',
    url: MR_URL,
  };
  await bank.agents.write('../payload.json', JSON.stringify({ object_attributes: payload }));
  const args = block.shell === 'bash' ? ['--noprofile', '--norc', '-e', '-s'] : ['-e', '-s'];
  const options = { env: await environment(block, head, asked), input: block.script };
  return { ...(await clone.exec(block.shell, args, options)), clone };
}

const ledger = (): Promise<string> => bank.server.git('rev-parse', LEDGER);

async function decided(head: string): Promise<[string, string][]> {
  await bank.fetchAll(bank.john.repo);
  const shown = JSON.parse((await bank.john.repo.run(['show', head, '--json'])).stdout) as {
    decisions: { rule: string; result: string; basis: string }[];
  };
  return shown.decisions
    .filter(({ rule }) => rule === 'agent.dependencies')
    .map(({ result, basis }): [string, string] => [result, basis]);
}

const BLOCKS = await checkBlocks();
const TRUSTED = BLOCKS.filter(({ isTrusted }) => isTrusted);

describe.each(BLOCKS.filter(({ isTrusted }) => !isTrusted))('$name', (block) => {
  it('tells what denies, and pushes nothing', async () => {
    const head = await bumpDependency(bank);
    const before = await ledger();
    const { code, stdout, stderr, clone } = await job(block, head);
    expect(code, stderr).toBe(1);
    expect(stdout).toContain('DENIED at mr');
    expect(stdout).toContain('Nothing was recorded.');
    expect(await ledger()).toBe(before);
    expect(await clone.git('rev-parse', 'HEAD')).toBe(await bank.server.git('rev-parse', 'main'));
  });
});

describe.each(TRUSTED)('$name', (block) => {
  it('records a verdict that is signed, also when it denies, and leaves neither key nor checkout behind', async () => {
    const head = await bumpDependency(bank);
    const { code, stderr, clone } = await job(block, head);
    expect(code, stderr).toBe(1);
    expect(await decided(head)).toEqual([['fail', 'evaluated']]);
    expect(await clone.git('rev-parse', 'HEAD')).toBe(await bank.server.git('rev-parse', 'main'));
    expect(await clone.read('package.json')).toContain('1.0.0');
    expect(await clone.read('.git/config')).not.toMatch(/signingkey/i);
    const [shown] = (await bank.john.repo.run(['mr', 'show', MR_URL])).stdout.split('\n');
    expect(shown).toContain(MR_URL);
  });

  it('a change that brings its own policy, sponsors and code is judged by those of the target, and runs nothing', async () => {
    const marker = join(root, 'executed');
    const head = await bumpDependency(bank, 'evil', {
      'package.json': `{"dependencies":{"left-pad":"1.3.0"},"scripts":{"preinstall":"touch ${marker}"}}\n`,
      '.agent-log/policy.yaml': 'version: 1\nfacts: v1\nrules: []\n',
      '.agent-log/config.yaml': `runner: "touch ${marker}"\n`,
      '.gitattributes': '* filter=evil diff=evil merge=evil\n',
      '.githooks/post-checkout': `#!/bin/sh\ntouch ${marker}\n`,
    });
    const { code, stderr } = await job(block, head);
    expect(code, stderr).toBe(1);
    expect(await decided(head)).toEqual([['fail', 'evaluated']]);
    await expect(readFile(marker)).rejects.toThrow('ENOENT');
  });
});

describe.each(BLOCKS)('$name', (block) => {
  it('attack: an author pushes a branch with a policy of their own, and asks for a verdict on a change to it', async () => {
    await bank.agents.git('checkout', '-q', '-b', 'mine', 'origin/main');
    await bank.agents.commit('No rules', { '.agent-log/policy.yaml': 'version: 1\nfacts: v1\nrules: []\n' });
    await bank.agents.git('push', '-q', '--no-verify', 'origin', 'HEAD:mine', 'HEAD:release/1');
    const head = await bumpDependency(bank);
    const before = await ledger();
    for (const asked of [{ target: 'mine' }, { target: 'mine', targets: 'main release/1 mine2' }]) {
      const { code, stderr } = await job(block, head, asked);
      expect(stderr).toContain("Merge requests to 'mine' are not judged: TARGETS names the branches");
      expect(code).toBe(2);
    }
    expect(await ledger()).toBe(before);
    const named = await job(block, head, { target: 'release/1', targets: 'main release/1' });
    expect(named.stderr).not.toContain('are not judged');
  });
});

describe('a job for another project', () => {
  it('is refused where the webhook says so', async () => {
    const head = await bumpDependency(bank);
    const [block] = TRUSTED.filter(({ name }) => name.startsWith('gitlab'));
    if (block === undefined) throw new Error('no such block');
    const before = await ledger();
    const { code, stderr } = await job(block, head, { project: 2 });
    expect(code).not.toBe(0);
    expect(stderr).toContain('a merge request of another project');
    expect(await ledger()).toBe(before);
  });
});

describe('the status of a head on GitLab', () => {
  /** What a host that listens was told: `METHOD path`, the token, and the fields. */
  interface Told {
    readonly to: string;
    readonly token: unknown;
    readonly fields: Readonly<Record<string, string>>;
  }

  async function statusOf(
    job: TestRepo,
    env: Readonly<Record<string, string>>,
    answer = 201,
  ): Promise<{ readonly told: readonly Told[]; readonly ran: Outcome }> {
    const told: Told[] = [];
    const host = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      request.on('end', () => {
        const fields = Object.fromEntries(new URLSearchParams(body));
        told.push({
          to: `${request.method} ${request.url}`,
          token: request.headers['private-token'],
          fields,
        });
        response.writeHead(answer).end('{}');
      });
    });
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = host.address() as AddressInfo;
      const script = (await checkJobs())['agent-log-check'].after_script?.join('\n') ?? '';
      const all = {
        CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
        CI_PROJECT_ID: '1',
        CI_JOB_URL: 'https://gitlab.example.com/jobs/5',
        NO_PROXY: '*',
        ...env,
      };
      return { ran: await job.exec('sh', ['-s'], { env: all, input: script }), told };
    } finally {
      host.close();
    }
  }

  const TOKEN = { AGENT_LOG_STATUS_TOKEN: 'glpat-abc' };

  it('is set as the job ended, for the target that was judged', async () => {
    const [block] = TRUSTED.filter(({ name }) => name.startsWith('gitlab'));
    if (block === undefined) throw new Error('no such block');
    const head = await bumpDependency(bank);
    const { clone } = await job(block, head);
    const { ran, told } = await statusOf(clone, { ...TOKEN, CI_JOB_STATUS: 'failed' });
    expect(ran.code, ran.stderr).toBe(0);
    expect(told).toEqual([
      {
        to: `POST /api/v4/projects/1/statuses/${head}`,
        token: 'glpat-abc',
        fields: {
          state: 'failed',
          name: 'git-agent-log (main)',
          target_url: 'https://gitlab.example.com/jobs/5',
        },
      },
    ]);
    expect(ran.stdout + ran.stderr).not.toContain('glpat');
    const good = await statusOf(clone, { ...TOKEN, CI_JOB_STATUS: 'success' });
    expect(good.told[0]?.fields).toMatchObject({ state: 'success' });
    for (const CI_JOB_STATUS of ['canceled', '', 'success; true'])
      expect((await statusOf(clone, { ...TOKEN, CI_JOB_STATUS })).told[0]?.fields).toMatchObject({
        state: 'failed',
      });
    expect((await statusOf(clone, { ...TOKEN, CI_JOB_STATUS: 'success' }, 403)).ran.code).not.toBe(0);
    expect((await statusOf(clone, { CI_JOB_STATUS: 'success' })).told).toEqual([]);
  });

  it('attack: what a webhook tells is text, and no head, no other project, no command', async () => {
    const { repo } = bank.ci;
    const marker = join(root, 'executed');
    for (const lines of [
      `$(touch ${marker})\nmain\n`,
      `../../2/statuses/${'a'.repeat(40)}\nmain\n`,
      '\n',
      '',
    ]) {
      await repo.write('agent-log.mr', lines);
      const { told, ran } = await statusOf(repo, { ...TOKEN, CI_JOB_STATUS: 'success' });
      expect({ told, failed: ran.code !== 0 }).toEqual({ told: [], failed: true });
    }
    const target = `x$(touch ${marker})&state=success@/etc/passwd`;
    await repo.write('agent-log.mr', `${'a'.repeat(40)}\n${target}\n`);
    const { told } = await statusOf(repo, { ...TOKEN, CI_JOB_STATUS: 'failed' });
    expect(told[0]?.fields).toMatchObject({ state: 'failed', name: `git-agent-log (${target})` });
    await expect(readFile(marker)).rejects.toThrow('ENOENT');
  });
});

describe('check.sh', () => {
  it('takes no branch or option for a commit', async () => {
    const script = await checkScript();
    const env = {
      ...(await environment({ name: 'sh', isTrusted: false, shell: 'sh', script, env: {} }, '')),
    };
    for (const HEAD of ['main', '--upload-pack=touch x', ''])
      expect(
        (
          await bank.ci.repo.exec('sh', ['-s'], {
            env: { ...env, HEAD, TARGET: 'main', MR: MR_URL },
            input: script,
          })
        ).code,
      ).toBe(2);
  });
});
