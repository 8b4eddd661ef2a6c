import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repoForTest } from '../../support/recorded.ts';
import { repoAt } from '../../support/repo.ts';

const AGENTS = ['init', '--agents', 'codex,copilot-cli,claude-code'];

it('several agents are installed, looked at and taken back byte for byte', async () => {
  const repo = await repoForTest();
  const own = '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"mine"}]}]}}';
  await repo.write('.codex/hooks.json', own);
  const { code, stdout } = await repo.run(AGENTS);
  expect(code).toBe(0);
  expect(stdout).toContain('Recording: codex, copilot-cli, claude-code');
  expect(stdout).toContain('To do: Codex skips hooks nobody has trusted');
  expect(await repo.git('status', '--porcelain')).toBe('');
  expect((await repo.run(AGENTS)).stdout).toContain('Nothing to change');

  const doctor = await repo.run(['doctor']);
  for (const [agent, file] of [
    ['codex', '.codex/hooks.json'],
    ['copilot-cli', '.github/hooks/agent-log.local.json'],
    ['claude-code', '.claude/settings.local.json'],
  ])
    expect(doctor.stdout).toMatch(new RegExp(`^ok +${agent} +hooks in \\S+${file}$`, 'm'));
  expect(doctor.stdout).toMatch(/^bad +codex trust +Codex does not trust this project/m);
  expect(doctor.stdout).toMatch(/^look +copilot-cli trust +this folder is not among those/m);

  expect((await repo.run(['uninit'])).code).toBe(0);
  expect(readFileSync(repo.path('.codex', 'hooks.json'), 'utf8')).toBe(own);
  expect([existsSync(repo.path('.claude')), existsSync(repo.path('.github'))]).toEqual([false, false]);
});

it('a committed hooks file is not changed for one clone, and serves it when it has our hooks', async () => {
  const repo = await repoForTest();
  await repo.commit('Hooks of the team', { '.codex/hooks.json': '{"hooks":{}}\n' });
  const refused = await repo.run(['init', '--agents', 'codex']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('.codex/hooks.json is committed');
  expect(refused.stderr).toMatch(/hint: .*--user/);
  expect((await repo.run(['init', '--agents', 'codex', '--shared'])).code).toBe(0);
  await repo.commit('With ours');
  expect((await repo.run(['uninit'])).code).toBe(0);
  await repo.git('checkout', '-q', '.');
  expect((await repo.run(['init', '--agents', 'codex'])).code).toBe(0);
  expect(await repo.git('status', '--porcelain')).toBe('');
});

it('init --shared in a clone whose team has our hooks: doctor finds them', async () => {
  const repo = await repoForTest();
  expect((await repo.run(['init', '--shared'])).code).toBe(0);
  await repo.commit('Hooks of the team');
  await repo.git('clone', '-q', '.', '../clone');
  const clone = repoAt(repo.path('..', 'clone'), repo.home);
  await clone.git('config', 'user.name', 'Jane Doe');
  await clone.git('config', 'user.email', 'jane@example.com');
  expect((await clone.run(['init', '--shared'])).code).toBe(0);
  const doctor = await clone.run(['doctor']);
  expect(doctor.stdout).toMatch(/^ok +claude-code +hooks in \S+\.claude\/settings\.json$/m);
  expect(doctor.code).toBe(0);
});

it.each(['bare', '.git'])(
  'beside a worktree (%s) there is no place for them: it is said, nothing is made',
  async (where) => {
    const repo = await repoForTest();
    const bare = where === 'bare';
    if (bare) await repo.git('clone', '-q', '--bare', '.', '../shop/.bare');
    const here = bare ? repo.path('..', 'shop', '.bare') : repo.path('.git');
    const worktree = bare ? repo.path('..', 'shop', 'main') : repo.dir;
    if (bare) await repo.git('-C', here, 'worktree', 'add', '-q', worktree, 'main');
    const refused = await repo.run(['init'], { cwd: here });
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('there is no worktree here for the hooks of claude-code');
    expect([existsSync(join(here, '.claude')), existsSync(join(here, 'agent-log'))]).toEqual([false, false]);
    expect((await repo.run(['init'], { cwd: worktree })).code).toBe(0);
    expect((await repo.run(['doctor'], { cwd: worktree })).stdout).toMatch(/^ok +claude-code +hooks in/m);
    expect((await repo.run(['doctor'], { cwd: here })).stdout).toMatch(
      /^look +claude-code +its hooks lie in/m,
    );
    expect((await repo.run(['init', '--agents', 'none'], { cwd: here })).code).toBe(0);
  },
);
