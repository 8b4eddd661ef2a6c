import { describe, expect, it } from 'vitest';
import { isAgentAddress } from '../../lib/identity/agents/addresses.ts';
import { committerLine } from '../../lib/identity/committer.ts';
import { findSponsor } from '../../lib/identity/sponsor.ts';
import { NOW } from '../support/records.ts';

const config = new Map([
  ['user.name', 'Jane Doe'],
  ['user.email', 'jane@example.com'],
]);

describe('findSponsor', () => {
  it('takes the strongest place a person is named in, and says which', () => {
    const env = { AGENT_LOG_SPONSOR: 'Env <env@example.com>' };
    const set = new Map([...config, ['agentlog.sponsor', 'Set <set@example.com>']]);
    const flag = 'Flag <flag@example.com>';
    expect(findSponsor({ flag, env, config: set })).toEqual({
      name: 'Flag',
      email: 'flag@example.com',
      source: 'flag',
    });
    expect(findSponsor({ env, config: set })?.source).toBe('environment');
    expect(findSponsor({ env: {}, config: set })?.source).toBe('agent-log-config');
    expect(findSponsor({ env: {}, config })).toEqual({
      name: 'Jane Doe',
      email: 'jane@example.com',
      source: 'git-config',
    });
    expect(findSponsor({ env: {}, config: new Map() })).toBeNull();
  });

  it('never takes an agent or a bot, wherever it is named', () => {
    const bot = 'Claude <noreply@anthropic.com>';
    expect(findSponsor({ flag: bot, env: {}, config })?.source).toBe('git-config');
    expect(
      findSponsor({
        env: { AGENT_LOG_SPONSOR: bot },
        config: new Map([
          ['user.name', 'x'],
          ['user.email', '1+copilot[bot]@users.noreply.github.com'],
        ]),
      }),
    ).toBeNull();
  });
});

describe('isAgentAddress', () => {
  it.each([
    'noreply@anthropic.com',
    'NoReply@OpenAI.com',
    'no-reply@amazon.com',
    '49699333+dependabot[bot]@users.noreply.github.com',
    '198982749+Copilot@users.noreply.github.com',
    'cursoragent@cursor.com',
  ])('%s is one', (email) => expect(isAgentAddress(email)).toBe(true));
  it.each([
    'jane@anthropic.com',
    'noreply@anthropic.com.evil.example',
    '12345+jane@users.noreply.github.com',
    'claude@example.com',
    'noreply@example.com',
  ])('%s is none', (email) => expect(isAgentAddress(email)).toBe(false));
});

describe('committerLine', () => {
  it('is the identity git would use, in the form fast-import takes', () => {
    expect(committerLine({}, config, NOW)).toBe('Jane Doe <jane@example.com> 1795348800 +0000');
    const env = { GIT_COMMITTER_NAME: 'C', GIT_COMMITTER_EMAIL: 'c@x' };
    expect(committerLine(env, config, NOW + 999)).toBe('C <c@x> 1795348800 +0000');
    expect(committerLine({}, new Map([...config, ['committer.name', 'K']]), NOW)).toMatch(
      /^K <jane@example\.com> /,
    );
  });

  it('lets no name break the line, and invents nobody', () => {
    const env = { GIT_COMMITTER_NAME: 'A <a@b> 1 +0000\nfrom x', GIT_COMMITTER_EMAIL: 'e@x>\n' };
    expect(committerLine(env, config, NOW)).toBe('A a@b 1 +0000from x <e@x> 1795348800 +0000');
    expect(committerLine({}, new Map(), NOW)).toMatch(/^unknown <unknown@localhost> /);
  });
});
