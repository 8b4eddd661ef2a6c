import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

interface Regrouped {
  readonly record: string | null;
  readonly txn: string;
  readonly joined: string[];
  readonly splitFrom: string | null;
  readonly commits: string[];
}

describe('regroup', () => {
  let repo: TestRepo;
  let commits: string[];
  beforeAll(async () => {
    repo = await makeRepo();
    commits = [];
    for (const day of [1, 2, 3]) {
      await repo.write('f.txt', 'line\n'.repeat(day));
      await repo.git('add', '-A');
      await repo.exec('git', ['commit', '-q', '-m', `Day ${day}`], {
        env: { GIT_COMMITTER_DATE: `2026-01-0${day}T00:00:00Z` },
      });
      commits.push(await repo.git('rev-parse', 'HEAD'));
    }
    for (const [i, commit] of commits.entries())
      await repo.run([
        'adopt',
        commit,
        '--sponsor',
        `Jane ${i < 2 ? 'Doe' : 'Roe'} <jane${i < 2 ? '' : '2'}@example.com>`,
      ]);
  });
  afterAll(() => repo.remove());

  async function json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await repo.run([...args, '--json']);
    expect(code, stderr).toBe(0);
    const lines = stdout.trim().split('\n');
    const documents = lines.map((line) => JSON.parse(line) as T);
    for (const document of documents) expect(schemaProblems(document)).toEqual([]);
    return (args[0] === 'list' ? documents : documents[0]) as T;
  }
  const txnOf = async (commit: string) => (await json<{ txn: string }>('show', commit)).txn;

  it('joins, splits, and every command goes by it', async () => {
    const [one = '', two = '', three = ''] = await Promise.all(commits.map(txnOf));
    const dry = await json<Regrouped>('regroup', '--join', two, one, '--dry-run');
    expect([dry.record, dry.txn, dry.joined]).toEqual([null, one, [two]]);
    expect(await txnOf(commits[1] ?? '')).toBe(two);

    const joined = await json<Regrouped>('regroup', '--join', two, one);
    expect(joined).toMatchObject({ txn: one, joined: [two], commits: commits.slice(0, 2) });
    expect(await json('show', two)).toMatchObject({ txn: one, asked: two, joined: [two] });
    expect((await repo.run(['show', two])).stdout).toContain(`asked for   ${two}, joined into this one`);
    const rows = await json<{ txn: string; records: number }[]>('list', '--txn');
    expect(new Map(rows.map(({ txn, records }) => [txn, records]))).toEqual(
      new Map([
        [one, 2],
        [three, 1],
      ]),
    );

    const split = await json<Regrouped>('regroup', '--split', one, commits[1] ?? '');
    expect(split).toMatchObject({ splitFrom: one, commits: [commits[1]] });
    expect(await json('show', commits[1] ?? '')).toMatchObject({ txn: split.txn, regroupedFrom: two });
    expect((await repo.run(['show', commits[1] ?? ''])).stdout).toContain(`recorded as 1 of ${two}`);
    expect((await repo.run(['show', one])).stdout).toContain(`split off   ${split.txn}`);
    const listed = await json<{ commit: string; regroupedFrom: string | null }[]>('list');
    expect(listed.find(({ commit }) => commit === commits[1])?.regroupedFrom).toBe(two);

    for (const format of ['otel', 'agent-trace']) {
      const { stdout } = await repo.run(['export', format, `${commits[1] ?? ''}~1..${commits[1] ?? ''}`]);
      expect(stdout).toContain(split.txn);
      expect(stdout).not.toContain(two);
    }
    expect(await json('why', 'f.txt:2')).toMatchObject({ groups: [{ txn: split.txn }] });

    const { stderr } = await repo.run(['regroup', '--join', one, three]);
    expect(stderr).toBe('warning: its records name 2 different sponsors\n');
    expect((await repo.run(['show', one])).stdout).toMatch(/Jane Doe <[^]*Jane Roe </);
  });

  it.each([
    [['regroup', 'HEAD', 'HEAD~1'], 2, 'needs either --join or --split'],
    [['regroup', '--join', '--split', 'HEAD', 'HEAD~1'], 2, 'needs either --join or --split'],
    [['regroup', '--join', 'HEAD'], 2, 'two transactions or more'],
    [['regroup', '--split', 'HEAD'], 2, 'a transaction and commits'],
    [['regroup', '--join', 'HEAD', 'HEAD~9'], 1, "no transaction is called 'HEAD~9'"],
  ])('%j: exit %i, %s', async (args, expected, said) => {
    const { code, stdout, stderr } = await repo.run(args);
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(said);
    expect(stderr).toContain('hint: ');
  });
});
