import { expect, it } from 'vitest';
import { bumpDependency, makeBank } from '../support/merge-request.ts';
import { claimsAt, issuerKey, oidcYaml, tokenOf } from '../support/oidc.ts';
import { schemaProblems } from '../support/schema.ts';

const POLICY = `version: 1
rules:
- id: sponsored
  severity: high
  enforce: deny
  require:
  - {id: verified, expr: "change.sponsors.exists(s, s.verified && s.source == 'github-oidc')", message: "a verified sponsor"}
`;

it('a sponsor by the token of a pipeline is verified, and by one of another project is none', {
  timeout: 120_000,
}, async () => {
  const bank = await makeBank(POLICY);
  const key = issuerKey('RS256', 'k1');
  const { repo: seed } = bank.olga;
  const roster = await seed.read('.agent-log/sponsors.yaml');
  const accounts = roster.replace('    emails: [john.roe@example.org]', '    accounts: {github: johnroe}');
  await seed.commit('Trust tokens', {
    '.agent-log/sponsors.yaml': accounts.replace(
      '  - name: merge pipeline\n',
      `  - name: merge pipeline\n    oidc: ${oidcYaml([key])}\n`,
    ),
  });
  await seed.git('push', '-q', 'origin', 'HEAD:main');
  await bank.fetchAll(bank.agents);
  const head = await bumpDependency(bank);
  const ci = bank.ci.repo;
  await bank.fetchAll(ci);
  const check = async (): Promise<number> =>
    (await ci.run(['check', head, '--stage', 'mr', '--target', 'main', '--dry-run'])).code;
  expect(await check()).toBe(1);
  const { txn } = JSON.parse((await ci.run(['show', head, '--json'])).stdout) as { txn: string };
  const sponsor = ['sponsor', txn, '--target', 'main', '--oidc-token', 'token', '--json'];
  const claims = { ...claimsAt(Date.now()), actor: 'johnroe' };
  await ci.write('token', tokenOf(key, { ...claims, repository: 'mallory/own' }));
  expect(await ci.run(sponsor)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('of another project') as string,
  });
  await ci.write('token', tokenOf(key, claims));
  const said = await ci.run(sponsor);
  expect(said.code, said.stderr).toBe(0);
  const document: unknown = JSON.parse(said.stdout);
  expect(schemaProblems(document)).toEqual([]);
  expect(document).toMatchObject({
    by: { email: 'john@example.com' },
    judged: { assurance: 'imported', holds: true },
  });
  expect(JSON.parse((await ci.run(sponsor)).stdout)).toMatchObject({ isNew: false });
  expect(await check()).toBe(0);
  expect(await ci.git('log', '-p', 'refs/notes/agent-log')).not.toContain(tokenOf(key, claims).split('.')[1]);
});

it('a file of claims that can not be read is said: by begin, by the doctor, and in the record', {
  timeout: 120_000,
}, async () => {
  const { agents } = await makeBank(POLICY);
  const env = { AGENT_LOG_OIDC_CLAIMS: '/nowhere/claims.json' };
  const problem = "the file that AGENT_LOG_OIDC_CLAIMS names can't be read (ENOENT)";
  const doctor = JSON.parse((await agents.run(['doctor', '--json'], { env })).stdout) as {
    findings: object[];
  };
  expect(doctor.findings).toContainEqual(
    expect.objectContaining({ check: 'pipeline claims', state: 'bad', says: problem }),
  );
  const clean = JSON.parse((await agents.run(['doctor', '--json'])).stdout) as { findings: object[] };
  expect(clean.findings).not.toContainEqual(expect.objectContaining({ check: 'pipeline claims' }));
  expect((await agents.run(['begin', '--task', 'Work'], { env })).stderr).toContain(`warning: ${problem}`);
  await agents.run(['end']);
  await agents.write('src/new.js', 'export {};\n');
  await agents.git('add', '-A');
  // An agent in the environment, and no transaction of anybody's that names a sponsor.
  await agents.tryGit(['commit', '-q', '-m', 'Work'], {
    env: { ...env, CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: 'none' },
  });
  expect((await agents.run(['show', '--raw'])).stdout).toContain(`sponsor: ${problem}`);
});
