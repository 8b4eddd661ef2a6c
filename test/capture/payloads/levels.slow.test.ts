import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestRepo } from '../../support/repo.ts';
import { schemaProblems } from '../../support/schema.ts';
import {
  cloneOf,
  entriesOf,
  expectZero,
  giveKeys,
  PAYLOADS,
  type Told,
  toldRepo,
  work,
} from '../../support/sealed-texts.ts';

interface Config {
  readonly inForce: { readonly level: string; readonly recipients: readonly string[] };
  readonly proposal: { readonly digest: string } | null;
  readonly changes: readonly string[];
}

const OTHER = 'age1d35qpj6a49cqfh8lsex426d5kdh0ds38gxwlv8m74996wch4kejqavzq4z';

async function config(repo: TestRepo): Promise<Config> {
  const { stdout } = await repo.run(['config', '--json']);
  expect(schemaProblems(JSON.parse(stdout))).toEqual([]);
  return JSON.parse(stdout) as Config;
}

describe('which texts leave a clone', () => {
  let told: Told;

  beforeAll(async () => {
    told = await toldRepo('the first task');
  });

  afterAll(() => told.remove());

  async function storedOf(txn: string): Promise<number> {
    return (await entriesOf(told.repo, PAYLOADS)).filter(({ path }) => path.includes(txn)).length;
  }

  it('an agent that edits what the tree proposes gains nothing, until a person pins exactly that', async () => {
    const { repo } = told;
    const [own] = (await config(repo)).inForce.recipients;
    await repo.commit('Propose', { '.agent-log/config.yaml': `level: full\nrecipients:\n  - ${OTHER}\n` });
    const { inForce, proposal, changes } = await config(repo);
    expect(inForce).toMatchObject({ level: 'task', recipients: [own] });
    expect(changes).toEqual([
      'level full instead of task',
      `add recipient ${OTHER}`,
      `remove recipient ${own ?? ''}`,
    ]);
    expect((await repo.run(['doctor'])).stdout).toContain(
      '.agent-log/config.yaml proposes, and it is not in force',
    );
    expect((await repo.run(['config', 'pin', 'sha256:000000000000'])).code).toBe(1);
    expect((await config(repo)).inForce.level).toBe('task');
    await expectZero(repo.run(['config', 'pin', proposal?.digest ?? '']));
    expect((await config(repo)).inForce).toMatchObject({ level: 'full', recipients: [OTHER] });
    await repo.commit('Propose more', { '.agent-log/config.yaml': 'level: digests\nrecipients: []\n' });
    expect((await config(repo)).inForce).toMatchObject({ level: 'full', recipients: [OTHER] });
    await repo.git('config', '--unset-all', 'agentLog.level');
    await repo.git('config', '--replace-all', 'agentLog.recipient', own ?? '');
  });

  it('digests: nothing is stored, also when the level is widened later', async () => {
    const { repo } = told;
    await repo.git('config', 'agentLog.level', 'digests');
    // Widened before the record is bound, which happens in the background.
    const txn = await work(repo, 'kept to ourselves', 'digests', 'git config agentLog.level full');
    await expectZero(repo.run(['sync']));
    expect(await storedOf(txn)).toBe(0);
    await repo.git('config', '--unset', 'agentLog.level');
  });

  it('a text over the limit is left out, and that is said', async () => {
    const { repo } = told;
    await repo.git('config', 'agentLog.maxText', '1k');
    const txn = await work(repo, 'x'.repeat(2000), 'long');
    await expectZero(repo.run(['sync']));
    await repo.git('config', '--unset', 'agentLog.maxText');
    const clone = await cloneOf(told, 'limits');
    await giveKeys(repo, clone);
    expect((await clone.run(['show', txn])).stdout).toContain('it was left out: over the limit of a text');
  });

  it('a remote that is not named gets no texts', async () => {
    const { repo } = told;
    const other = `${told.remote}-other`;
    await repo.exec('git', ['init', '-q', '--bare', other]);
    await repo.git('remote', 'add', 'fork', other);
    await expectZero(repo.run(['sync', 'fork']));
    const refs = await repo.exec('git', ['-C', other, 'for-each-ref', '--format=%(refname)']);
    expect(refs.stdout.trim()).toBe('refs/notes/agent-log');
    await repo.git('remote', 'remove', 'fork');
  });
});
