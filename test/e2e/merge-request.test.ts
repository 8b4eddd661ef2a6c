import { createHash } from 'node:crypto';
import { symlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type EventRecord, encodeRecord } from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import { anchorOf } from '../../lib/ledger/told/anchor.ts';
import { STARTER_POLICY } from '../../lib/policy/rules/starter.ts';
import {
  type Bank,
  bumpDependency,
  type CheckAnswer,
  checked,
  type Member,
  MR_URL,
  makeBank,
} from '../support/merge-request.ts';
import { schemaProblems } from '../support/schema.ts';

const REVERT = fileURLToPath(new URL('../../bin/git-agent-revert', import.meta.url));
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
    expect(failing(denied.document, 'agent.dependencies')).toEqual([
      'sponsor',
      'sponsor-signed',
      'owner',
      'all-owners',
    ]);
    const rule = denied.document.decisions.find((one) => one.rule === 'agent.dependencies');
    expect(rule).toMatchObject({ denies: true, basis: 'evaluated' });
    for (const what of ['sponsor', 'approve'])
      expect(rule?.hint).toMatch(
        new RegExp(`git agent-log ${what} \\S+ --sign --target main --mr ${MR_URL}`),
      );
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
    const listed = await bank.john.repo.run([
      'list',
      '--mr',
      MR_URL,
      '--stage',
      'mr',
      '--result',
      'pass',
      '--json',
    ]);
    expect(
      listed.stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { txn: string }).txn),
    ).toEqual([txn]);
    expect((await bank.john.repo.run(['list', '--stage', 'deploy', '--json'])).stdout).toBe('');
    expect((await bank.john.repo.run(['show', '--mr', MR_URL])).stdout).toContain('approved by Olga Doe');
    const last = await bank.john.repo.run([
      'mr',
      'list',
      '--agents',
      '--class',
      'dependency-manifest',
      '--json',
    ]);
    const [newest] = last.stdout.split('\n');
    expect(JSON.parse(newest ?? '')).toMatchObject({
      url: MR_URL,
      txns: [txn],
      state: 'open',
      agentCommits: 1,
    });
    expect(schemaProblems(JSON.parse(newest ?? ''))).toEqual([]);
    expect(shown.approvals.map(({ kind, basis, by }) => `${kind} ${basis} ${by.email}`).sort()).toEqual([
      'approval attested olga@example.com',
      'sponsorship attested john@example.com',
    ]);
  });
});

const ABOUT = ['--target', 'main', '--mr', MR_URL, '--sign'];

/** A sponsor and a code owner sign, and everybody has it. */
async function signAll({ john, olga, ci, fetchAll }: Bank): Promise<void> {
  await fetchAll(john.repo, olga.repo);
  const txn = await txnOf(john);
  await done(john, ['sponsor', txn, ...ABOUT]);
  await done(olga, ['approve', 'origin/bump', ...ABOUT]);
  await fetchAll(john.repo, olga.repo, ci.repo);
}

async function txnOf({ repo }: Member): Promise<string> {
  const { stdout } = await repo.run(['list', '--txn', '--json']);
  return (JSON.parse(stdout.split('\n')[0] ?? '{}') as { txn: string }).txn;
}

async function txnAt(repo: Bank['agents'], revision: string): Promise<string> {
  return (JSON.parse((await repo.run(['show', revision, '--json'])).stdout) as { txn: string }).txn;
}

async function done({ repo }: Member, args: readonly string[]): Promise<void> {
  const { code, stderr } = await repo.run(args);
  expect(code, stderr).toBe(0);
}

describe('what does not get an unsigned change in', () => {
  it('attack: policy, sponsors and CODEOWNERS changed in the same merge request change nothing', async () => {
    const bank = await makeBank();
    await bumpDependency(bank, 'bump', {
      'package.json': '{"dependencies":{"left-pad":"1.3.0"}}\n',
      '.agent-log/policy.yaml':
        'version: 1\nrules:\n  - {id: anything, severity: low, stage: [mr], enforce: deny, require: [{id: a, expr: "true", message: m}]}\n',
      '.agent-log/sponsors.yaml':
        'version: 1\npeople: [{name: Agents, email: agents@example.com, roles: [sponsor]}]\n',
      CODEOWNERS: '* agents@example.com\n',
    });
    await bank.fetchAll(bank.ci.repo);
    const { code, document } = await checked(bank.ci, AT_MR);
    expect([code, document.verdict]).toEqual([1, 'deny']);
    expect(failing(document, 'agent.dependencies')).toEqual([
      'sponsor',
      'sponsor-signed',
      'owner',
      'all-owners',
    ]);
    expect(failing(document, 'agent.audit-policy')).toContain('owner');
    expect(document.decisions.map(({ rule }) => rule)).not.toContain('anything');
  });

  it('attack: a forged pass in the ledger counts as nothing', async () => {
    const bank = await makeBank();
    const head = await bumpDependency(bank);
    await bank.fetchAll(bank.ci.repo);
    await done(bank.ci, ['mr', 'open', MR_URL, '--head', 'origin/bump', '--target', 'main']);
    await checked(bank.ci, [...AT_MR, '--sign']);
    await bank.ci.repo.run(['sync']);
    await bank.fetchAll(bank.agents);
    const note = await bank.agents.git('notes', '--ref=agent-log', 'show', head);
    const forged = note
      .split('\n')
      .filter((line) => line.includes('agent-log/decision/v1'))
      .map((line) => line.replaceAll('"result":"fail"', '"result":"pass"'));
    expect(forged.some((line) => line.includes('agent.dependencies'))).toBe(true);
    await bank.agents.write('../forged', `${[note, ...forged].join('\n')}\n`);
    await bank.agents.git('notes', '--ref=agent-log', 'add', '-f', '-F', '../forged', head);
    await bank.agents.git('push', '-q', 'origin', 'refs/notes/agent-log');
    await bank.fetchAll(bank.john.repo, bank.ci.repo);
    const shown = JSON.parse((await bank.john.repo.run(['show', head, '--json'])).stdout) as {
      decisions: { rule: string; result: string; basis: string }[];
    };
    const told = shown.decisions.filter(({ rule }) => rule === 'agent.dependencies');
    expect(told.map(({ result, basis }) => `${result} ${basis}`).sort()).toEqual([
      'fail evaluated',
      'pass asserted',
    ]);
    expect((await checked(bank.ci, AT_MR)).document.verdict).toBe('deny');
  });

  it('attack: self-approval through a second address counts as nothing', async () => {
    const bank = await makeBank();
    await bank.agents.git('config', 'user.name', 'Olga');
    await bank.agents.git('config', 'user.email', 'olga.doe@example.org');
    await bumpDependency(bank);
    await signAll(bank);
    const { document } = await checked(bank.ci, AT_MR);
    expect(failing(document, 'agent.dependencies')).toContain('owner');
    expect(document.verdict).toBe('deny');
  });

  it('attack: an approval of one head says nothing of the next', async () => {
    const bank = await makeBank();
    await bumpDependency(bank);
    await signAll(bank);
    expect((await checked(bank.ci, AT_MR)).document.verdict).toBe('pass');
    await bank.agents.commit('More', { 'package.json': '{"dependencies":{"left-pad":"9.9.9"}}\n' });
    await bank.agents.git('push', '-q', 'origin', 'bump');
    await bank.fetchAll(bank.ci.repo);
    const { document } = await checked(bank.ci, AT_MR);
    expect(document.verdict).toBe('deny');
    expect(failing(document, 'agent.dependencies')).toContain('owner');
  });

  it('attack: a key that was revoked at the target vouches for nothing, on whichever tip the change was made', async () => {
    const bank = await makeBank();
    await bumpDependency(bank);
    await signAll(bank);
    await bank.olga.repo.git('checkout', '-q', '-B', 'main', 'origin/main');
    const roster = await bank.olga.repo.read('.agent-log/sponsors.yaml');
    const revoked = roster.replace(
      `keys: ["${bank.olga.key}"]`,
      `keys: [{key: "${bank.olga.key}", revoked: 2020-01-01}]`,
    );
    expect(revoked).not.toBe(roster);
    await bank.olga.repo.commit('Revoke a key', { '.agent-log/sponsors.yaml': revoked });
    await bank.olga.repo.git('push', '-q', 'origin', 'main');
    await bank.fetchAll(bank.ci.repo);
    const { document } = await checked(bank.ci, AT_MR);
    expect(failing(document, 'agent.dependencies')).toContain('owner');
  });

  it('attack: a symbolic link as policy file is no policy', async () => {
    const bank = await makeBank();
    await bumpDependency(bank);
    const { repo } = bank.olga;
    await repo.git('checkout', '-q', '-B', 'main', 'origin/main');
    await repo.git('mv', '.agent-log/policy.yaml', 'policy.yaml');
    await symlink('../policy.yaml', repo.path('.agent-log/policy.yaml'));
    await repo.commit('Link the policy');
    await repo.git('push', '-q', 'origin', 'main');
    await bank.fetchAll(bank.ci.repo);
    const { code, outcome } = await checked(bank.ci, AT_MR);
    expect([code, outcome.stderr]).toEqual([1, expect.stringContaining('symbolic link')]);
  });

  it('attack: a replacement ref hides nothing of what is judged', async () => {
    const bank = await makeBank();
    const head = await bumpDependency(bank);
    await bank.fetchAll(bank.ci.repo);
    const { repo } = bank.ci;
    const innocent = await repo.git(
      'commit-tree',
      '-p',
      'origin/main',
      '-m',
      'Nothing',
      'origin/main^{tree}',
    );
    await repo.git('replace', head, innocent);
    const { document } = await checked(bank.ci, AT_MR);
    expect(failing(document, 'agent.dependencies')).toContain('owner');
  });

  it('attack: approvals of another repository are of another change', async () => {
    const bank = await makeBank();
    const other = await makeBank(undefined, bank);
    await other.agents.git('commit', '-q', '--allow-empty', '-m', 'Another history');
    await other.agents.git('push', '-q', 'origin', 'HEAD:main');
    await bumpDependency(bank);
    const head = await bumpDependency(other);
    await signAll(bank);
    const theirs = (await bank.ci.repo.git('rev-parse', 'origin/bump')).trim();
    const lines = (await bank.ci.repo.git('notes', '--ref=agent-log', 'show', theirs))
      .split('\n')
      .filter((line) => /agent-log\/(approval|signature)\/v1/.test(line));
    expect(lines.length).toBeGreaterThan(2);
    await other.agents.write('../moved', `${lines.join('\n')}\n`);
    await other.agents.git('notes', '--ref=agent-log', 'append', '-F', '../moved', head);
    await other.agents.git('push', '-q', 'origin', 'refs/notes/agent-log');
    await other.fetchAll(other.ci.repo);
    const { document } = await checked(other.ci, AT_MR);
    expect(failing(document, 'agent.dependencies')).toContain('owner');
  });

  it('attack: a change is hidden between two places where it leaves its target', async () => {
    const bank = await makeBank();
    const { repo } = bank.olga;
    await repo.git('checkout', '-q', '-B', 'main', 'origin/main');
    await repo.git('checkout', '-q', '-b', 'docs');
    const landed = await repo.commit('Docs', { 'doc.txt': 'a\n' });
    await repo.git('checkout', '-q', 'main');
    const fix = await repo.commit('Fix', { 'package.json': '{"dependencies":{"left-pad":"2.0.0"}}\n' });
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge docs', 'docs');
    await repo.git('push', '-q', 'origin', 'main');
    await bank.agents.git('fetch', '-q', 'origin');
    await bank.agents.git('checkout', '-q', '-b', 'bump', landed);
    await bank.agents.git('merge', '-q', '-s', 'ours', '-m', 'Catch up', fix);
    await bank.agents.commit('More docs', { 'doc.txt': 'b\n' });
    await bank.agents.git('push', '-q', 'origin', 'bump');
    await bank.fetchAll(bank.ci.repo);
    const { code, outcome } = await checked(bank.ci, AT_MR);
    expect([code, outcome.stderr]).toEqual([1, expect.stringContaining('in several places')]);
  });

  it('attack: a sponsor of one transaction is named in another, and vouches for nothing there', async () => {
    const bank = await makeBank();
    await bumpDependency(bank, 'bump', { 'README.md': 'harmless\n' });
    await bank.fetchAll(bank.john.repo);
    await done(bank.john, ['sponsor', await txnOf(bank.john), ...ABOUT]);
    await bank.fetchAll(bank.john.repo, bank.agents);
    await bank.agents.write('package.json', '{"dependencies":{"left-pad":"6.6.6"}}\n');
    const named = [
      '--sponsor',
      'John Roe <john@example.com>',
      '--agent=claude-code',
      '--model=claude-sonnet-4-5',
    ];
    const commit = ['sh', '-c', 'git commit -qam "More"'];
    const ran = await bank.agents.run(['run', '--task', 'More', ...named, '--', ...commit]);
    expect(ran.code, ran.stderr).toBe(0);
    await bank.agents.git('push', '-q', 'origin', 'bump');
    await bank.fetchAll(bank.agents, bank.ci.repo, bank.john.repo);
    const { document } = await checked(bank.ci, AT_MR);
    expect(failing(document, 'agent.dependencies')).toContain('sponsor-signed');
    const sponsorOf = async (name: string): Promise<unknown> =>
      (JSON.parse((await bank.john.repo.run(['show', name, '--json'])).stdout) as { sponsor: unknown })
        .sponsor;
    const whySure = async (): Promise<unknown> => {
      const why = await bank.john.repo.run(['why', 'package.json:1', 'origin/bump', '--json']);
      const { groups } = JSON.parse(why.stdout) as { groups: { sponsor: { verified: boolean } | null }[] };
      return groups[0]?.sponsor?.verified;
    };
    expect(await sponsorOf('origin/bump')).toMatchObject({ email: 'john@example.com', verified: false });
    expect(await whySure()).toBe(false);
    await done(bank.john, ['sponsor', await txnAt(bank.john.repo, 'origin/bump'), ...ABOUT]);
    expect(await sponsorOf('origin/bump')).toMatchObject({ email: 'john@example.com', verified: true });
    expect(await whySure()).toBe(true);
    await done(bank.john, ['sponsor', await txnAt(bank.john.repo, 'origin/bump'), '--withdraw', ...ABOUT]);
    expect(await sponsorOf('origin/bump')).toMatchObject({ verified: false });
    expect(await whySure()).toBe(false);
  });

  it('attack: a sponsorship that was taken back stands again once its transaction is called otherwise', async () => {
    const bank = await makeBank();
    const { repo } = bank.john;
    await bumpDependency(bank, 'first', { 'README.md': 'harmless\n' });
    await bank.agents.git('push', '-q', 'origin', 'first:main');
    await bank.agents.git('fetch', '-q', 'origin');
    const older = await txnAt(bank.agents, 'HEAD');
    const head = await bumpDependency(bank);
    const newer = await txnAt(bank.agents, head);
    await bank.fetchAll(repo);
    await done(bank.john, ['sponsor', newer, ...ABOUT]);
    await bank.fetchAll(repo, bank.ci.repo);
    const unsigned = async (): Promise<boolean> =>
      failing((await checked(bank.ci, AT_MR)).document, 'agent.dependencies').includes('sponsor-signed');
    expect(await unsigned()).toBe(false);

    await done(bank.john, ['regroup', '--join', newer, older]);
    await done(bank.john, ['sponsor', older, '--withdraw', ...ABOUT]);
    const line = (await repo.git('notes', '--ref=agent-log', 'show', head))
      .split('\n')
      .find((one) => one.includes('"kind":"withdrawal"'));
    expect(line).toContain(`"txns":["${older}","${newer}"]`);
    await repo.git('checkout', '-q', '-B', 'bump', 'origin/bump');
    await repo.commit('A word', { 'README.md': 'more\n' });
    await repo.git('push', '-q', 'origin', 'bump');
    await bank.fetchAll(repo, bank.ci.repo);
    expect(await unsigned()).toBe(true);
  });

  it('somebody answers for a transaction whatever it is called since: the check goes by what its records say', async () => {
    const bank = await makeBank();
    const { repo } = bank.john;
    await bumpDependency(bank, 'first', { 'README.md': 'harmless\n' });
    const older = await txnAt(bank.agents, 'HEAD');
    const newer = await txnAt(bank.agents, await bumpDependency(bank));
    await bank.fetchAll(repo);
    await done(bank.john, ['regroup', '--join', newer, older]);
    await done(bank.john, ['sponsor', older, ...ABOUT]);
    await bank.fetchAll(repo, bank.ci.repo);
    expect(failing((await checked(bank.ci, AT_MR)).document, 'agent.dependencies')).not.toContain(
      'sponsor-signed',
    );
  });

  it('attack: signed lines copied to the note of another commit say nothing of it', async () => {
    const bank = await makeBank();
    const head = await bumpDependency(bank);
    await signAll(bank);
    await checked(bank.ci, [...AT_MR, '--sign']);
    await bank.ci.repo.run(['sync']);
    await bank.fetchAll(bank.agents);
    const lines = await bank.agents.git('notes', '--ref=agent-log', 'show', head);
    const evil = await bank.agents.commit('Evil', {
      'package.json': '{"dependencies":{"left-pad":"6.6.6"}}\n',
    });
    await bank.agents.git('push', '-q', 'origin', 'bump');
    const signed = lines
      .split('\n')
      .filter((line) => /agent-log\/(decision|approval|signature)\/v1/.test(line));
    await bank.agents.write('../signed', `${signed.join('\n')}\n`);
    await bank.agents.git('notes', '--ref=agent-log', 'append', '-F', '../signed', evil);
    await bank.agents.git('push', '-q', 'origin', 'refs/notes/agent-log');
    await bank.fetchAll(bank.ci.repo);
    expect(failing((await checked(bank.ci, AT_MR)).document, 'agent.dependencies')).toContain('owner');
    const shown = await bank.ci.repo.run(['show', evil, '--json']);
    const { decisions } = JSON.parse(shown.stdout) as { decisions: { head: string; basis: string }[] };
    expect(decisions.filter((one) => one.head !== evil)).toEqual([]);
  });

  it('attack: what was let in once and taken back is not let in again by the old approval', async () => {
    const bank = await makeBank();
    await bumpDependency(bank);
    await signAll(bank);
    const { repo } = bank.olga;
    await repo.git('checkout', '-q', '-B', 'main', 'origin/main');
    await repo.git('merge', '-q', '--squash', 'origin/bump');
    await repo.git('commit', '-q', '-m', 'Bump');
    await repo.git('revert', '--no-edit', 'HEAD');
    await repo.git('push', '-q', 'origin', 'main');
    await bank.fetchAll(bank.ci.repo);
    const { document } = await checked(bank.ci, AT_MR);
    expect(failing(document, 'agent.dependencies')).toContain('owner');
  });

  it("attack: a commit of a service account with no sign of an agent is an agent's", async () => {
    const bank = await makeBank();
    await bank.agents.git('checkout', '-q', '-b', 'bump', 'origin/main');
    await bank.agents.git('config', 'core.hooksPath', '/dev/null');
    await bank.agents.commit('Nothing to see', { 'package.json': '{"dependencies":{"left-pad":"6.6.6"}}\n' });
    await bank.agents.git('push', '-q', 'origin', 'bump');
    await bank.fetchAll(bank.ci.repo);
    const { document } = await checked(bank.ci, AT_MR);
    expect(failing(document, 'agent.dependencies')).toContain('recorded');
  });

  it('attack: a person alone changes who decides', async () => {
    const bank = await makeBank();
    const { repo } = bank.john;
    await repo.git('checkout', '-q', '-b', 'bump', 'origin/main');
    await repo.commit('Let me in', { CODEOWNERS: '* john@example.com\n' });
    await repo.git('push', '-q', 'origin', 'bump');
    await bank.fetchAll(bank.ci.repo);
    const { document } = await checked(bank.ci, AT_MR);
    expect(failing(document, 'anyone.review-controls')).toEqual(['second-person', 'all-owners']);
  });
});

describe('a waiver', () => {
  const RULE = 'agent.dependencies';

  it('lets a rule pass once both have signed; attack: a forged one is not heeded, nor the yes of who has a hand in the change', async () => {
    const bank = await makeBank();
    await bumpDependency(bank);
    await bank.fetchAll(bank.john.repo, bank.olga.repo);
    const until = ['--until', new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10)];
    const ask = [
      'exception',
      'waive',
      '--rule',
      RULE,
      '--mr',
      MR_URL,
      ...until,
      '-m',
      'a fix that can not wait',
    ];
    const say = async (
      { repo }: Member,
      args: readonly string[],
      ...more: string[]
    ): Promise<{ id: string; heeded: boolean }> => {
      const { code, stdout, stderr } = await repo.run([...args, ...more, '--json']);
      expect(code, stderr).toBe(0);
      const document = JSON.parse(stdout) as { id: string; heeded: boolean };
      expect(schemaProblems(document)).toEqual([]);
      return document;
    };
    const unsigned = await say(bank.john, ask, '--no-sign');
    await bank.fetchAll(bank.john.repo, bank.olga.repo);
    expect((await say(bank.olga, ['exception', 'approve-waiver', unsigned.id])).heeded).toBe(false);
    await bank.fetchAll(bank.olga.repo, bank.ci.repo);
    expect((await checked(bank.ci, AT_MR)).document.verdict).toBe('deny');

    const asked = await say(bank.john, ask);
    await bank.fetchAll(bank.john.repo, bank.olga.repo);
    expect((await say(bank.olga, ['exception', 'approve-waiver', asked.id])).heeded).toBe(true);
    await bank.fetchAll(bank.olga.repo, bank.ci.repo);
    const { document } = await checked(bank.ci, AT_MR);
    expect(document.decisions.find(({ rule }) => rule === RULE)).toMatchObject({
      result: 'fail',
      denies: false,
      waiver: asked.id,
    });
    expect(document.verdict).toBe('pass');

    await bank.olga.repo.git('checkout', '-q', '-B', 'bump', 'origin/bump');
    await bank.olga.repo.commit('Mine, too', { 'README.md': 'by Olga\n' });
    await bank.olga.repo.git('push', '-q', 'origin', 'bump');
    await bank.fetchAll(bank.ci.repo);
    const own = await checked(bank.ci, AT_MR);
    expect(own.document.decisions.find(({ rule }) => rule === RULE)).toMatchObject({
      denies: true,
      waiver: null,
    });
  });
});

describe('a waiver for a transaction', () => {
  const asking = ['--until', new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10), '-m', 'x'];
  const waive = ['exception', 'waive', '--rule', 'agent.dependencies', ...asking, '--json'];

  /** A change of one transaction, and another one that has landed. */
  async function twoTxns(bank: Bank): Promise<{ older: string; newer: string }> {
    await bumpDependency(bank, 'first', { 'README.md': 'harmless\n' });
    await bank.agents.git('push', '-q', 'origin', 'first:main');
    await bank.agents.git('fetch', '-q', 'origin');
    const older = await txnAt(bank.agents, 'HEAD');
    const newer = await txnAt(bank.agents, await bumpDependency(bank));
    await bank.fetchAll(bank.john.repo, bank.ci.repo);
    return { older, newer };
  }

  async function approved({ john, olga, ci, fetchAll }: Bank, txn: string): Promise<string> {
    const { code, stdout, stderr } = await john.repo.run([...waive, '--txn', txn]);
    expect(code, stderr).toBe(0);
    const { id } = JSON.parse(stdout) as { id: string };
    await fetchAll(john.repo, olga.repo);
    const said = await olga.repo.run(['exception', 'approve-waiver', id]);
    expect(said.code, said.stderr).toBe(0);
    await fetchAll(olga.repo, ci.repo);
    return said.stderr;
  }

  async function waived({ ci }: Bank): Promise<boolean> {
    const { document } = await checked(ci, AT_MR);
    return document.decisions.find(({ rule }) => rule === 'agent.dependencies')?.denies === false;
  }

  it('is for it by every name it had when it was asked for', async () => {
    const bank = await makeBank();
    const { older, newer } = await twoTxns(bank);
    await done(bank.john, ['regroup', '--join', newer, older]);
    await bank.fetchAll(bank.john.repo);
    expect(await approved(bank, newer)).toContain(`by all its names: ${older}, ${newer}\n`);
    expect(await waived(bank)).toBe(true);
  });

  it('attack: a transaction is joined afterwards with the one a waiver is for, and is not permitted by it', async () => {
    const bank = await makeBank();
    const { older, newer } = await twoTxns(bank);
    await approved(bank, older);
    await done(bank.john, ['regroup', '--join', newer, older]);
    await bank.fetchAll(bank.john.repo, bank.ci.repo);
    expect(await waived(bank)).toBe(false);
  });

  it('attack: a gap told of a joined transaction is known of its change by every name', async () => {
    const bank = await makeBank(
      'version: 1\nfacts: v1\nrules:\n  - id: r\n    require: [{id: gaps, expr: change.exceptions.size() == 0}]\n',
    );
    const { older, newer } = await twoTxns(bank);
    const before = await checked(bank.ci, AT_MR);
    expect(before.document.verdict, before.outcome.stderr).toBe('pass');
    await done(bank.john, ['regroup', '--join', newer, older]);
    await done(bank.john, ['exception', 'open', '--type', 'identity-unclear', '--txn', newer, '-m', 'who?']);
    await bank.fetchAll(bank.john.repo, bank.ci.repo);
    expect((await checked(bank.ci, AT_MR)).document.verdict).toBe('deny');
  });
});

describe('a waiver for a rule alone', () => {
  it('attack: is carried into another repository of the same people, and permits nothing there', async () => {
    const bank = await makeBank();
    const other = await makeBank(`${STARTER_POLICY}# of another repository\n`, bank);
    await bumpDependency(bank);
    await bumpDependency(other);
    await bank.fetchAll(bank.john.repo, bank.olga.repo);
    const until = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    const ask = ['exception', 'waive', '--rule', 'agent.dependencies', '--until', until, '-m', 'x', '--json'];
    const asked = await bank.john.repo.run(ask);
    const { id } = JSON.parse(asked.stdout) as { id: string };
    await bank.fetchAll(bank.john.repo, bank.olga.repo);
    await done(bank.olga, ['exception', 'approve-waiver', id]);
    await bank.fetchAll(bank.olga.repo, bank.ci.repo);
    expect((await checked(bank.ci, AT_MR)).document.verdict).toBe('pass');

    const object = anchorOf({ format: 'sha1' }, 'waiver', id);
    const lines = await bank.ci.repo.git('notes', '--ref=agent-log', 'show', object);
    await other.agents.write('../moved', `${lines}\n`);
    await other.agents.git('notes', '--ref=agent-log', 'append', '-F', '../moved', object);
    await other.agents.git('push', '-q', 'origin', 'refs/notes/agent-log');
    await other.fetchAll(other.ci.repo);
    await done(other.ci, ['mr', 'open', MR_URL, '--head', 'origin/bump', '--target', 'main']);
    const { document } = await checked(other.ci, AT_MR);
    expect(document.decisions.find(({ rule }) => rule === 'agent.dependencies')).toMatchObject({
      denies: true,
      waiver: null,
    });
    const listed = await other.ci.repo.run(['exception', 'waivers', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject({ id, state: 'active', heeded: false });
    expect(schemaProblems(JSON.parse(listed.stdout))).toEqual([]);
  });
});

describe('an exception of weight', () => {
  const POLICY = `version: 1
rules:
  - id: gaps
    severity: high
    stage: [mr]
    enforce: deny
    require:
      - {id: closed, expr: 'change.exceptions.all(e, e.state == "closed" && e.trust == "attested")', message: m}
`;

  it('attack: is closed by nobody who does not sign as an auditor, whatever stands in the ledger', async () => {
    const bank = await makeBank(POLICY);
    await bumpDependency(bank);
    const { repo } = bank.john;
    await bank.fetchAll(repo);
    const open = ['exception', 'open', '--type', 'record-invalid', '--mr', MR_URL, '-m', 'x', '--json'];
    const opened = await repo.run(open);
    const { id } = JSON.parse(opened.stdout) as { id: string };
    const close = ['exception', 'close', id, '--resolution', 'false-positive', '-m', 'trust me'];
    const refused = await repo.run(close);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('role audit')]);
    await bank.fetchAll(repo, bank.olga.repo, bank.agents);
    const unsigned = await bank.olga.repo.run([...close, '--no-sign']);
    expect([unsigned.code, unsigned.stderr]).toEqual([1, expect.stringContaining('role audit')]);

    const forged = (event: EventRecord['event'], more: Partial<EventRecord>): string =>
      encodeRecord({
        schema: 'agent-log/event/v1',
        id: newUlid(Date.now()),
        event,
        of: id,
        txn: null,
        by: { name: 'Olga Doe', email: 'olga@example.com' },
        recordedAt: new Date().toISOString(),
        ...more,
      }).line;
    const lines = [
      forged('exception.triaged', { severity: 'low' }),
      forged('exception.closed', { resolution: 'false-positive', text: 'trust me' }),
    ];
    await bank.agents.write('../forged', `${lines.join('\n')}\n`);
    const object = anchorOf({ format: 'sha1' }, 'exception', id);
    await bank.agents.git('notes', '--ref=agent-log', 'append', '-F', '../forged', object);
    await bank.agents.git('push', '-q', 'origin', 'refs/notes/agent-log');
    await bank.fetchAll(repo, bank.olga.repo, bank.ci.repo);
    const listed = JSON.parse((await repo.run(['exception', 'list', '--json'])).stdout) as {
      anomalies: { why: string }[];
    };
    expect(schemaProblems(listed)).toEqual([]);
    expect(listed).toMatchObject({ state: 'open', severity: 'critical', trust: 'attested' });
    expect(listed.anomalies.map(({ why }) => why)).toEqual(['needs-auditor', 'needs-auditor']);
    const metrics = async (): Promise<unknown> =>
      JSON.parse((await repo.run(['metrics', '--json'])).stdout) as unknown;
    expect(await metrics()).toMatchObject({ queue: { depth: 1, outflow: 0 }, anomalies: 2 });
    expect((await checked(bank.ci, AT_MR)).document.verdict).toBe('deny');

    await done(bank.olga, close);
    await bank.fetchAll(bank.olga.repo, repo, bank.ci.repo);
    expect(await metrics()).toMatchObject({ queue: { depth: 0, outflow: 1 } });
    const shown = await repo.run(['exception', 'show', id]);
    expect(shown.stdout).toMatch(/state +closed \(false-positive\), attested/);
    expect((await checked(bank.ci, AT_MR)).document.verdict).toBe('pass');
  });
});

describe('an exception whose rule passes again', () => {
  const AT_MERGE = ['origin/bump', '--stage', 'merge', '--target', 'main', '--mr', MR_URL, '--sign'];
  const list = async ({ repo }: Member): Promise<Record<string, unknown>> => {
    const listed = await repo.run(['exception', 'list', '--all', '--type', 'policy-violation', '--json']);
    const one = JSON.parse(listed.stdout.split('\n')[0] ?? '') as Record<string, unknown>;
    expect(schemaProblems(one)).toEqual([]);
    return one;
  };

  it('gets the decision as evidence, from the same stage on; a person closes it, and it is open when the rule fails', async () => {
    const bank = await makeBank();
    await bumpDependency(bank);
    await bank.fetchAll(bank.ci.repo);
    expect((await checked(bank.ci, AT_MERGE)).code).toBe(1);
    expect(await list(bank.ci)).toMatchObject({ state: 'open', stage: 'merge', trust: 'evaluated' });
    // By the policy of another branch anything could pass.
    const lax = `version: 1
rules: [{id: agent.dependencies, severity: high, stage: [merge], enforce: deny, require: [{id: a, expr: "true", message: m}]}]
`;
    await bank.agents.git('checkout', '-q', '-b', 'lax', 'origin/main');
    await bank.agents.commit('Lax', { '.agent-log/policy.yaml': lax });
    await bank.agents.git('push', '-q', 'origin', 'lax');
    await bank.fetchAll(bank.ci.repo);
    const other = AT_MERGE.map((word) => (word === 'main' ? 'lax' : word));
    const elsewhere = await checked(bank.ci, other);
    expect([elsewhere.document.verdict, elsewhere.outcome.stderr]).toEqual(['pass', '']);
    await signAll(bank);
    expect((await checked(bank.ci, [...AT_MR, '--sign'])).outcome.stderr).toBe('');
    expect(await list(bank.ci)).toMatchObject({ state: 'open' });
    await bank.fetchAll(bank.john.repo);
    const johns = await checked(bank.john, AT_MERGE);
    expect([johns.code, johns.outcome.stderr]).toEqual([0, '']);

    const passed = await checked(bank.ci, AT_MERGE);
    expect(passed.outcome.stderr).toContain('1 exception: its rule passes again, waits for somebody');
    const handedIn = await list(bank.ci);
    expect(handedIn).toMatchObject({ state: 'evidence-submitted', trust: 'evaluated', resolution: null });
    const head = await bank.ci.repo.git('rev-parse', 'origin/bump');
    const decisions = (await bank.ci.repo.git('notes', '--ref=agent-log', 'show', head))
      .split('\n')
      .filter((line) => line.includes('"rule":"agent.dependencies"') && line.includes('"result":"pass"'))
      .map((line) => `sha256:${createHash('sha256').update(line).digest('hex')}`);
    expect(decisions).toContain((handedIn['evidence'] as string[])[0]);
    expect((await checked(bank.ci, AT_MERGE)).outcome.stderr).toBe('');

    await bank.fetchAll(bank.ci.repo, bank.olga.repo);
    await done(bank.olga, ['approve', 'origin/bump', '--withdraw', ...ABOUT]);
    await bank.fetchAll(bank.olga.repo, bank.ci.repo);
    expect((await checked(bank.ci, AT_MERGE)).outcome.stderr).toContain('1 opened again');
    expect(await list(bank.ci)).toMatchObject({ state: 'open', evidence: [], trust: 'evaluated' });
    await bank.fetchAll(bank.ci.repo, bank.olga.repo);
    await done(bank.olga, ['approve', 'origin/bump', ...ABOUT]);
    await bank.fetchAll(bank.olga.repo, bank.ci.repo);
    await checked(bank.ci, AT_MERGE);
    await bank.fetchAll(bank.ci.repo, bank.olga.repo);
    await done(bank.olga, ['exception', 'close', handedIn['id'] as string]);
    expect(await list(bank.olga)).toMatchObject({ state: 'closed', trust: 'attested', anomalies: [] });
  });

  it('is closed by the check where the policy says so, and opened again as a regression', async () => {
    const policy = STARTER_POLICY.replace(/^rules:/m, 'exceptions: {close: check}\n\nrules:');
    expect(policy).not.toBe(STARTER_POLICY);
    const bank = await makeBank(policy);
    await bumpDependency(bank);
    await bank.fetchAll(bank.ci.repo);
    expect((await checked(bank.ci, AT_MERGE)).code).toBe(1);
    await signAll(bank);
    expect((await checked(bank.ci, AT_MERGE)).outcome.stderr).toContain('passes again, closed');
    await bank.fetchAll(bank.ci.repo, bank.olga.repo);
    const closed = await list(bank.olga);
    expect(closed).toMatchObject({ state: 'closed', trust: 'evaluated', severity: 'high', anomalies: [] });
    await done(bank.olga, ['approve', 'origin/bump', '--withdraw', ...ABOUT]);
    await bank.fetchAll(bank.olga.repo, bank.ci.repo);
    await checked(bank.ci, AT_MERGE);
    expect(await list(bank.ci)).toMatchObject({
      state: 'reopened',
      closings: [{ reopened: { cause: 'regression' } }],
    });
  });
});

describe('approvals that the host tells of', () => {
  const review = (commit: string): string =>
    JSON.stringify([
      {
        id: 1,
        user: { login: 'olga', type: 'User' },
        body: '',
        state: 'APPROVED',
        commit_id: commit,
        submitted_at: '2026-01-02T03:04:05Z',
        author_association: 'MEMBER',
        html_url: MR_URL,
      },
    ]);

  it('count where a pipeline stands behind them; attack: nor those of another head, nor dismissed ones', async () => {
    const bank = await makeBank();
    const head = await bumpDependency(bank);
    await bank.fetchAll(bank.john.repo);
    await done(bank.john, ['sponsor', await txnOf(bank.john), ...ABOUT]);
    await bank.john.repo.write('../reviews.json', review(head));
    await bank.john.repo.write('../stale.json', review('0'.repeat(40)));
    const imports = ['--import', 'github-reviews:../reviews.json'];
    const asserted = await checked(bank.john, [...AT_MR, ...imports, '--no-sign']);
    expect(asserted.document.verdict, asserted.outcome.stderr).toBe('deny');
    await bank.fetchAll(bank.john.repo, bank.ci.repo);
    const stale = await checked(bank.ci, [...AT_MR, '--import', 'github-reviews:../stale.json', '--sign']);
    expect(failing(stale.document, 'agent.dependencies'), stale.outcome.stderr).toContain('owner');
    const passed = await checked(bank.ci, [...AT_MR, ...imports, '--sign']);
    expect(passed.document.decisions.filter(({ denies }) => denies)).toEqual([]);
    await bank.ci.repo.write('../dismissed.json', review(head).replace('APPROVED', 'DISMISSED'));
    const gone = await checked(bank.ci, [...AT_MR, '--import', 'github-reviews:../dismissed.json', '--sign']);
    expect(failing(gone.document, 'agent.dependencies'), gone.outcome.stderr).toContain('owner');
    const again = await bank.ci.repo.run([
      'mr',
      'sync',
      MR_URL,
      '--head',
      'origin/bump',
      '--target',
      'main',
      ...imports,
    ]);
    expect(again.stderr).toContain('1 approval of the host');
  });
});

describe('a merge request after it is merged', () => {
  it('is denied at merge without signatures: an exception, and the ledger as it stood is signed', async () => {
    const bank = await makeBank();
    const head = await bumpDependency(bank);
    await bank.fetchAll(bank.ci.repo);
    const { code } = await checked(bank.ci, [
      'origin/bump',
      '--stage',
      'merge',
      '--target',
      'main',
      '--mr',
      MR_URL,
      '--sign',
    ]);
    expect(code).toBe(1);
    const listed = await bank.ci.repo.run(['exception', 'list', '--json']);
    expect(listed.stdout).toContain('"type":"policy-violation"');
    expect(listed.stdout).toContain('"rule":"agent.dependencies"');
    const again = await checked(bank.ci, [
      'origin/bump',
      '--stage',
      'merge',
      '--target',
      'main',
      '--mr',
      MR_URL,
      '--sign',
    ]);
    expect(again.outcome.stderr).not.toContain('opened');
    const note = await bank.ci.repo.git('notes', '--ref=agent-log', 'show', head);
    const checkpoint = note.split('\n').find((line) => line.includes('agent-log/checkpoint/v1')) ?? '{}';
    const { tip } = JSON.parse(checkpoint) as { tip: string };
    await bank.ci.repo.git('merge-base', '--is-ancestor', tip, 'refs/notes/agent-log');
  });

  it('names the commit it became, and is taken back by its URL', async () => {
    const bank = await makeBank();
    const head = await bumpDependency(bank);
    const { repo } = bank.olga;
    await bank.fetchAll(repo);
    await done(bank.olga, ['mr', 'open', MR_URL, '--head', 'origin/bump', '--target', 'main']);
    await repo.git('checkout', '-q', '-B', 'main', 'origin/main');
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'origin/bump');
    await repo.git('push', '-q', 'origin', 'main');
    const { stdout } = await repo.run(['mr', 'sync', MR_URL, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'merged', landed: head });
    const reverted = await repo.exec(REVERT, ['--mr', MR_URL]);
    expect(reverted.code, reverted.stderr).toBe(0);
    expect(await repo.read('package.json')).toContain('1.0.0');
  });
});
