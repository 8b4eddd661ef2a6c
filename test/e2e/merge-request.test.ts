import { describe, expect, it } from 'vitest';
import { bumpDependency, type CheckAnswer, checked, MR_URL, makeBank } from '../support/merge-request.ts';
import { schemaProblems } from '../support/schema.ts';

const AT_MR = ['origin/bump', '--stage', 'mr', '--target', 'main', '--mr', MR_URL];

function failing({ decisions }: CheckAnswer, rule: string): string[] {
  const clauses = decisions.find((one) => one.rule === rule)?.clauses ?? [];
  return clauses.filter(({ result }) => result !== 'pass').map(({ id }) => id);
}

describe('a merge request in which an agent bumps a dependency under a shared account', () => {
  it('is denied with each reason and what mends it; passes once a sponsor and a code owner sign; both verdicts stay', async () => {
    const bank = await makeBank();
    const head = await bumpDependency(bank);
    await bank.fetchAll(bank.ci.repo);
    const opened = await bank.ci.repo.run([
      'mr',
      'open',
      MR_URL,
      '--head',
      'origin/bump',
      '--target',
      'main',
    ]);
    expect(opened.code, opened.stderr).toBe(0);

    const denied = await checked(bank.ci, [...AT_MR, '--sign']);
    expect(denied.code, denied.outcome.stderr).toBe(1);
    expect(schemaProblems(denied.document)).toEqual([]);
    expect(denied.document.verdict).toBe('deny');
    console.log(
      JSON.stringify(
        denied.document.decisions.find((one) => one.rule === 'agent.dependencies'),
        null,
        1,
      ),
    );
    expect(failing(denied.document, 'agent.dependencies')).toEqual([
      'sponsor',
      'sponsor-signed',
      'owner',
      'all-owners',
    ]);
    const rule = denied.document.decisions.find((one) => one.rule === 'agent.dependencies');
    expect(rule).toMatchObject({ denies: true, basis: 'evaluated' });
    expect(rule?.hint).toMatch(/git agent-log (sponsor|approve) .*--sign/);
    await bank.ci.repo.run(['sync']);

    await bank.fetchAll(bank.john.repo, bank.olga.repo);
    const txn =
      (await bank.john.repo.run(['list', '--txn', '--json'])).stdout.split('"txn":"')[1]?.slice(0, 26) ?? '';
    const about = ['--target', 'main', '--mr', MR_URL, '--sign'];
    const sponsored = await bank.john.repo.run(['sponsor', txn, ...about]);
    expect(sponsored.code, sponsored.stderr).toBe(0);
    const approved = await bank.olga.repo.run(['approve', 'origin/bump', ...about]);
    expect(approved.code, approved.stderr).toBe(0);
    await bank.fetchAll(bank.john.repo, bank.olga.repo, bank.ci.repo);

    const passed = await checked(bank.ci, [...AT_MR, '--sign']);
    expect(passed.document.decisions.filter(({ denies }) => denies)).toEqual([]);
    expect([passed.code, passed.document.verdict], passed.outcome.stderr).toEqual([0, 'pass']);
    await bank.ci.repo.run(['sync']);

    await bank.fetchAll(bank.john.repo);
    const shown = JSON.parse((await bank.john.repo.run(['show', head, '--json'])).stdout) as {
      decisions: { rule: string; result: string; basis: string; mr: string }[];
      approvals: { kind: string; basis: string; by: { email: string } }[];
    };
    expect(schemaProblems(shown)).toEqual([]);
    const decided = shown.decisions.filter((one) => one.rule === 'agent.dependencies');
    expect(decided.map(({ result, basis, mr }) => [result, basis, mr])).toEqual([
      ['fail', 'evaluated', MR_URL],
      ['pass', 'evaluated', MR_URL],
    ]);
    expect(shown.approvals.map(({ kind, basis, by }) => [kind, basis, by.email]).sort()).toEqual([
      ['approval', 'attested', 'olga@example.com'],
      ['sponsorship', 'attested', 'john@example.com'],
    ]);
  });
});
