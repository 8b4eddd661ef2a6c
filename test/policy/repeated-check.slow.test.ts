import { beforeEach, describe, expect, it } from 'vitest';
import { type Bank, makeBank } from '../support/merge-request.ts';
import type { TestRepo } from '../support/repo.ts';

const POLICY = `version: 1
rules:
- id: few
  severity: low
  enforce: audit
  require:
  - {id: few, expr: "change.commits < 10", message: "few commits"}
- id: nobody
  severity: low
  enforce: audit
  require:
  - {id: nobody, expr: "change.agent_commits == 0", message: "no agent"}
`;

const AT_SOME_TIME = `${POLICY}- id: dated
  severity: low
  enforce: audit
  require:
  - {id: dated, expr: "change.evaluated_at > '2000'", message: "a date"}
`;

describe('a pipeline that looks at a quiet branch from time to time', { timeout: 120_000 }, () => {
  let bank: Bank;
  let ci: TestRepo;

  async function pipelineWith(policy: string): Promise<void> {
    bank = await makeBank(policy);
    ci = bank.ci.repo;
    await ci.git('checkout', '-q', 'main');
  }
  beforeEach(() => pipelineWith(POLICY));

  /** Checks as documented, and gives what it said and how many lines of each kind the ledger has by then. */
  async function looks(
    ...more: string[]
  ): Promise<{ said: CheckSaid; decisions: number; checkpoints: number }> {
    const args = ['check', 'HEAD', '--target', 'main', '--json', '--stage'];
    const { stdout, stderr } = await ci.run([...args, ...(more.length > 0 ? more : ['merge', '--sign'])]);
    const said = JSON.parse(stdout || stderr) as CheckSaid;
    const notes = await ci.git('notes', '--ref=agent-log', 'show', 'HEAD');
    const ofKind = (kind: string): number => notes.split(`"schema":"agent-log/${kind}/v1"`).length - 1;
    return { said, decisions: ofKind('decision'), checkpoints: ofKind('checkpoint') };
  }
  interface CheckSaid {
    readonly run: string;
    readonly notes: readonly string[];
    readonly decisions: readonly { readonly basis: string }[];
  }

  it('adds a checkpoint each time, and says once what comes to the same', async () => {
    const first = await looks();
    expect(first).toMatchObject({ decisions: 2, checkpoints: 1 });
    const second = await looks();
    expect(second).toMatchObject({ decisions: 2, checkpoints: 2, said: { run: first.said.run } });
    expect(second.said.decisions.map(({ basis }) => basis)).toEqual(['evaluated', 'evaluated']);
    expect(second.said.notes).toContainEqual(expect.stringMatching(/^the check of .* came to the same/));
    expect((await ci.run(['verify', '--all'])).code).toBe(0);
  });

  it('says again what was said at another stage in between, or without a signature', async () => {
    await looks();
    expect(await looks('deploy', '--sign')).toMatchObject({ decisions: 4, checkpoints: 1 });
    expect(await looks()).toMatchObject({ decisions: 6, checkpoints: 2 });
    expect(await looks('merge', '--no-sign')).toMatchObject({ decisions: 8, checkpoints: 2 });
    expect(await looks()).toMatchObject({ decisions: 10, checkpoints: 3 });
  });

  it('says again what comes to the same by other facts', async () => {
    await ci.git('checkout', '-q', '-b', 'topic');
    await ci.commit('Work', { 'work.txt': 'w\n' });
    await looks();
    expect(await looks()).toMatchObject({ decisions: 2, checkpoints: 2 });
    const olga = {
      GIT_COMMITTER_NAME: 'Olga Doe',
      GIT_COMMITTER_EMAIL: 'olga@example.com',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'user.signingkey',
      GIT_CONFIG_VALUE_0: bank.olga.keyFile,
    };
    const approve = ['approve', 'topic', '--target', 'main', '--sign'];
    const { code, stderr } = await ci.run(approve, { env: olga });
    expect(code, stderr).toBe(0);
    expect(await looks()).toMatchObject({ decisions: 4, checkpoints: 3 });
  });

  it('says again what hangs on when it is said', async () => {
    await pipelineWith(AT_SOME_TIME);
    await looks();
    expect(await looks()).toMatchObject({ decisions: 6, checkpoints: 2 });
  });
});
