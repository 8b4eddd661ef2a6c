import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { STARTER_FILES } from '../../../lib/policy/rules/starter.ts';
import { repoForTest } from '../../support/recorded.ts';

describe('init --policy', () => {
  it('writes a first policy and a file for sponsors, and uninit takes them away', async () => {
    const repo = await repoForTest();
    const { code, stdout } = await repo.run(['init', '--policy']);
    expect(code).toBe(0);
    for (const { path, content } of STARTER_FILES) {
      expect(stdout).toMatch(new RegExp(`made +${path.replaceAll('.', '\\.')}\n`));
      expect(await readFile(repo.path(path), 'utf8')).toBe(content);
    }
    expect(stdout).toContain('To do: look through .agent-log/policy.yaml and .agent-log/sponsors.yaml');
    expect(await repo.git('status', '--porcelain', '--', '.agent-log')).toBe('?? .agent-log/');
    expect((await repo.run(['init', '--policy'])).stdout).toContain('Nothing to change');
    expect((await repo.run(['uninit'])).code).toBe(0);
    expect(await readdir(repo.path('.'))).not.toContain('.agent-log');
  });

  it('leaves what the team has: changed since, in the index, or there before', async () => {
    const repo = await repoForTest();
    await repo.write('.agent-log/sponsors.yaml', 'ours\n');
    const { stdout } = await repo.run(['init', '--policy', '--json']);
    expect(JSON.parse(stdout).changes).toContainEqual({
      path: repo.path('.agent-log/sponsors.yaml'),
      did: 'kept',
      what: ['was there already'],
    });
    await repo.git('add', '.agent-log/policy.yaml');
    expect((await repo.run(['uninit'])).stdout).toMatch(/kept +\.agent-log\/policy\.yaml/);
    expect((await readdir(repo.path('.agent-log'))).sort()).toEqual(['policy.yaml', 'sponsors.yaml']);
    expect(await readFile(repo.path('.agent-log/sponsors.yaml'), 'utf8')).toBe('ours\n');
  });
});
