import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

const BY_CLAUDE = 'Co-Authored-By: Claude <noreply@anthropic.com>';

interface Adopted {
  readonly dryRun: boolean;
  readonly txns: { txn: string; commits: { commit: string }[] }[];
  readonly left: { recorded: number };
}

describe('adopt', () => {
  let repo: TestRepo;
  beforeAll(async () => {
    repo = await makeRepo();
    await repo.commit(`Add \u001b[31mred\n\n${BY_CLAUDE}`, { 'a.txt': 'a\n' });
  });
  afterAll(() => repo.remove());

  async function adopt(...args: string[]): Promise<Adopted> {
    const { code, stdout, stderr } = await repo.run(['adopt', ...args, '--json']);
    expect(code, stderr).toBe(0);
    const document = JSON.parse(stdout) as Adopted;
    expect(schemaProblems(document)).toEqual([]);
    return document;
  }

  it('says what it would do, does it, and does it once', async () => {
    const dry = await adopt('HEAD~1..HEAD', '--dry-run');
    expect([dry.dryRun, dry.txns.length]).toEqual([true, 1]);
    expect((await repo.tryGit(['rev-parse', '--verify', '-q', 'refs/notes/agent-log'])).code).toBe(1);

    const sponsor = 'Jane Doe <jane@example.com>';
    const words = ['--sponsor', sponsor, '--task-ref', 'https://u:pw@t.example/T-1?token=x'];
    const done = await adopt('HEAD~1..HEAD', ...words);
    expect(done.txns).toEqual(dry.txns);
    const tip = await repo.git('rev-parse', 'refs/notes/agent-log');
    expect((await adopt('--all')).left.recorded).toBe(1);
    expect(await repo.git('rev-parse', 'refs/notes/agent-log')).toBe(tip);

    const shown = await repo.run(['show', '--json']);
    const document = JSON.parse(shown.stdout) as Record<string, unknown>;
    expect(schemaProblems(document)).toEqual([]);
    expect(document).toMatchObject({
      txn: done.txns[0]?.txn,
      binding: 'exact',
      sealed: false,
      sponsor: { name: 'Jane Doe', source: 'flag', verified: false },
      model: { name: null },
      task: { text: 'https://t.example/T-1', ref: 'https://t.example/T-1' },
      prompts: [],
      usage: null,
      capture: { assurance: 'asserted' },
    });
  });

  it('says plainly wherever it shows them that nobody saw it', async () => {
    expect((await repo.run(['show'])).stdout).toContain(
      'asserted after the fact: somebody says so, nobody saw it',
    );
    expect((await repo.run(['list'])).stdout).toMatch(/\(asserted\) Add/);
    expect((await repo.run(['list', '--txn'])).stdout).toContain('1 asserted');
    for (const args of [['list'], ['list', '--txn']]) {
      const document = JSON.parse((await repo.run([...args, '--json'])).stdout) as { assurance: string };
      expect(document.assurance).toBe('asserted');
      expect(schemaProblems(document)).toEqual([]);
    }
  });

  it('groups as a file says', async () => {
    const oid = await repo.git('rev-parse', 'HEAD~1');
    await repo.write('map.json', JSON.stringify({ start: [oid.slice(0, 10)] }));
    const { txns } = await adopt('--txn-map', 'map.json');
    expect(txns.map(({ commits }) => commits.map(({ commit }) => commit))).toEqual([[oid]]);
  });

  it.each([
    [[], 2, 'adopt needs a range or commits'],
    [['--txn-map', 'map.json', 'HEAD'], 2, '--txn-map names the commits and groups them itself'],
    [['HEAD', '--by', 'magic'], 2, '--by is none of session, branch, commit: magic'],
    [['HEAD', '--sponsor', 'Claude <noreply@anthropic.com>'], 2, 'not a sponsor'],
    [['HEAD', '--sponsor', 'Bot <1+x[bot]@users.noreply.github.com>'], 2, 'not a sponsor'],
    [['HEAD', 'no-such'], 1, "no commits are called 'no-such'"],
    [['a..b'], 1, "no commits are called 'a..b'"],
    [['--txn-map', 'README.md'], 2, 'not JSON'],
  ])('%j: exit %i, %s', async (args, expected, said) => {
    const { code, stdout, stderr } = await repo.run(['adopt', ...args]);
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(said);
    expect(stderr).toContain('hint: ');
  });
});
