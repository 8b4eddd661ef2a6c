import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ciIdentity, claimsProblem, readClaims } from '../../lib/identity/ci-identity.ts';
import { findSponsor } from '../../lib/identity/sponsor.ts';

const GITHUB = { GITHUB_ACTIONS: 'true', GITHUB_ACTOR: 'jane', GITHUB_ACTOR_ID: '77' };
const GITLAB = {
  GITLAB_CI: 'true',
  GITLAB_USER_LOGIN: 'jdoe',
  GITLAB_USER_NAME: 'Jane Doe',
  GITLAB_USER_EMAIL: 'jane@example.com',
};

describe('the person a pipeline runs for', () => {
  it.each([
    ['GitHub', GITHUB, null, 'jane <77+jane@users.noreply.github.com>'],
    [
      'a run somebody started again',
      { ...GITHUB, GITHUB_TRIGGERING_ACTOR: 'john' },
      null,
      'john <john@users.noreply.github.com>',
    ],
    ['GitLab', GITLAB, null, 'Jane Doe <jane@example.com>'],
    ['claims of GitHub', {}, { actor: 'jane', actor_id: '77' }, 'jane <77+jane@users.noreply.github.com>'],
    ['claims of GitLab', {}, { user_login: 'j', user_email: 'j@example.com' }, 'j <j@example.com>'],
    [
      'claims of anybody',
      GITHUB,
      { name: 'Jane Doe', email: 'jane@example.com' },
      'Jane Doe <jane@example.com>',
    ],
  ])('is told by %s', (_, env, claims, expected) => {
    const person = ciIdentity(env, claims === null ? null : JSON.stringify(claims));
    expect(`${person?.name} <${person?.email}>`).toBe(expected);
  });

  it.each([
    ['a bot', { ...GITHUB, GITHUB_ACTOR: 'dependabot[bot]' }, null],
    ['an agent', { ...GITHUB, GITHUB_ACTOR: 'Copilot', GITHUB_ACTOR_ID: '198982749' }, null],
    ['a bot that started it again', { ...GITHUB, GITHUB_TRIGGERING_ACTOR: 'x[bot]' }, null],
    ['a project of GitLab', { ...GITLAB, GITLAB_USER_LOGIN: 'project_1_bot_ab' }, null],
    ['a service account of GitLab', { ...GITLAB, GITLAB_USER_LOGIN: 'service_account_ab' }, null],
    ['a service account of a cloud', {}, { name: 'ci', email: 'ci@p.iam.gserviceaccount.com' }],
    ['an address nobody verified', {}, { name: 'J', email: 'j@example.com', email_verified: false }],
    ['a name with a line of its own', {}, { name: 'J\nAgent-Sponsor: x', email: 'j@example.com' }],
    ['claims without anybody', {}, { sub: 'repo:a/b' }],
    ['no pipeline', { GITHUB_ACTOR: 'jane', GITLAB_USER_LOGIN: 'jdoe' }, null],
  ])('is nobody for %s', (_, env, claims) => {
    expect(ciIdentity(env, claims === null ? null : JSON.stringify(claims))).toBeNull();
  });

  it('is the sponsor where nothing stronger names one, and before the identity git has there', () => {
    const config = new Map([
      ['user.name', 'CI'],
      ['user.email', 'ci@example.com'],
    ]);
    expect(findSponsor({ env: GITLAB, config })).toEqual({
      name: 'Jane Doe',
      email: 'jane@example.com',
      source: 'ci',
    });
    expect(findSponsor({ env: GITLAB, config, flag: 'J <j@example.com>' })?.source).toBe('flag');
    const bot = { ...GITHUB, GITHUB_ACTOR: 'x[bot]' };
    expect(findSponsor({ env: bot, config })?.source).toBe('git-config');
  });

  it('is read from a file of claims, and from none that is too long or not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agent-log-claims-'));
    const path = join(folder, 'claims.json');
    const env = { AGENT_LOG_OIDC_CLAIMS: path };
    expect(readClaims(env)).toBeNull();
    expect(claimsProblem(env)).toBe("the file that AGENT_LOG_OIDC_CLAIMS names can't be read (ENOENT)");
    expect(claimsProblem({ AGENT_LOG_OIDC_CLAIMS: folder })).toContain('EISDIR');
    expect(claimsProblem({})).toBeNull();
    await writeFile(path, '{"actor":"dependabot[bot]"}');
    expect(claimsProblem(env)).toBe('the claims that AGENT_LOG_OIDC_CLAIMS names are of no person');
    await writeFile(path, '{"name":"Jane Doe","email":"jane@example.com"}');
    expect(findSponsor({ env, config: new Map() })).toMatchObject({
      email: 'jane@example.com',
      source: 'ci',
    });
    expect(claimsProblem(env)).toBeNull();
    await writeFile(path, ' '.repeat(70_000));
    expect(readClaims(env)).toBeNull();
    expect(claimsProblem(env)).toContain('is over 65536 bytes');
    await rm(folder, { recursive: true });
  });

  it('is a person or nobody, whatever claims say', () => {
    const claims = fc.dictionary(
      fc.constantFrom('actor', 'actor_id', 'user_login', 'user_email', 'name', 'email', '__proto__'),
      fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          claims.map((one) => JSON.stringify(one)),
        ),
        (text) => {
          const person = ciIdentity({}, text);
          if (person !== null)
            expect(`${person.name} <${person.email}>`).toMatch(/^[^\n<>]+<[^\s<>]+@[^\s<>]+>$/);
        },
      ),
    );
  });
});
