import { describe, expect, it } from 'vitest';
import { hostKind, hostOf, squashFindings } from '../../../lib/capture/doctor/squash-setting.ts';
import { repoForTest } from '../../support/recorded.ts';

describe('the host of a remote', () => {
  it.each([
    ['https://github.com/o/r.git', 'github.com'],
    ['https://user:secret@GitHub.com:443/o/r', 'github.com'],
    ['git@github.com:o/r.git', 'github.com'],
    ['ssh://git@ssh.github.com:443/o/r.git', 'ssh.github.com'],
    ['gitlab.example.com:group/r.git', 'gitlab.example.com'],
    ['git+ssh://git@code.example.com/r', 'code.example.com'],
    ['/srv/git/r.git', null],
    ['../r.git', null],
    ['./a:b', null],
    ['file:///srv/github.com/r.git', null],
    ['C:/work/r', null],
    ['ext::sh -c x', null],
    ['https://exa\u001b[31mmple.com/r', null],
    ['', null],
  ])('of %s is %s', (url, host) => {
    expect(hostOf(url)).toBe(host);
  });

  it.each([
    ['github.com', 'github'],
    ['ssh.github.com', 'github'],
    ['github.example.com', 'github'],
    ['gitlab.example.com', 'gitlab'],
    ['notgithub.com', 'other'],
    ['code.example.com', 'other'],
  ] as const)('%s is a host of kind %s', (host, kind) => {
    expect(hostKind(host)).toBe(kind);
  });
});

describe('what doctor says of squash merges', () => {
  it.each([
    ['https://u:secret@github.com/o/r.git', 'commit details'],
    ['git@gitlab.com:o/r.git', '%{all_commits}'],
    ['https://code.example.com/r', "GitLab's %{all_commits}, GitHub's default"],
  ])('for %s it names the setting, once, and no credentials', async (url, setting) => {
    const repo = await repoForTest();
    await repo.git('remote', 'add', 'backup', 'https://other.example.com/r');
    await repo.git('remote', 'add', 'origin', url);
    const findings = await squashFindings({ cwd: repo.dir });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ state: 'ok', says: expect.stringContaining(setting) as string });
    expect(JSON.stringify(findings)).not.toContain('secret');
  });

  it('follows url.insteadOf', async () => {
    const repo = await repoForTest();
    await repo.git('config', 'url.https://github.com/.insteadOf', 'gh:');
    await repo.git('remote', 'add', 'origin', 'gh:o/r');
    expect((await squashFindings({ cwd: repo.dir }))[0]?.says).toMatch(/^github\.com /);
  });

  it('is nothing without a host', async () => {
    const repo = await repoForTest();
    expect(await squashFindings({ cwd: repo.dir })).toEqual([]);
    await repo.git('remote', 'add', 'origin', '../elsewhere.git');
    expect(await squashFindings({ cwd: repo.dir })).toEqual([]);
  });
});
