import { readFileSync } from 'node:fs';
import { rename, symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { AIDER_HISTORY } from '../../lib/capture/agents/aider.ts';
import { recorded } from '../support/recorded.ts';
import type { TestRepo } from '../support/repo.ts';
import { expectHuman, expectSealed, noteOf, showOf } from '../support/seal.ts';

const HISTORY = readFileSync(new URL('../fixtures/aider/chat.history.md', import.meta.url), 'utf8');
const TRAILER = 'Co-authored-by: aider (claude-sonnet-4-5) <aider@aider.chat>';

describe('a commit made as Aider makes it', () => {
  it('is recorded with the prompts of its history, each once', async () => {
    const repo = await withAider();
    await commit(repo, 'one.txt', ['-m', 'One'], { GIT_COMMITTER_NAME: 'Jane Doe (aider)' });
    const first = await showOf(repo);
    expect(first).toMatchObject({
      agent: { name: 'aider', version: '0.86.2', sessionId: '2026-09-02 10:30:00' },
      model: { name: 'claude-sonnet-4-5' },
      prompts: [{}, {}],
      integrity: { ok: true },
    });
    expect(await noteOf(repo)).toContain(
      '"capture":{"by":"environment","gaps":["aider: it has no hooks, so its tool calls are unknown"]}',
    );
    await repo.write(AIDER_HISTORY, `${HISTORY}\n#### and a second one\n\nDone.\n`);
    await commit(repo, 'two.txt', ['-m', `Two\n\n${TRAILER}`]);
    // The question in force, and no other.
    expect((await showOf(repo)).prompts).toHaveLength(1);
  });

  it("is not a person's, who commits beside it or amends it", async () => {
    const repo = await withAider();
    await commit(repo, 'one.txt', ['-m', `One\n\n${TRAILER}`]);
    await expectSealed(repo);
    await commit(repo, 'two.txt', ['-m', 'By hand, after reading aider <aider@aider.chat>']);
    await expectHuman(repo);
    await commit(repo, 'three.txt', ['-m', 'Three'], { GIT_AUTHOR_NAME: 'Jane Doe (aider)' });
    await expectHuman(repo);
  });

  it('is recorded without prompts when the history is a link to somewhere else', async () => {
    const repo = await withAider();
    await rename(repo.path(AIDER_HISTORY), repo.path('.git/elsewhere.md'));
    await symlink(repo.path('.git/elsewhere.md'), repo.path(AIDER_HISTORY));
    await commit(repo, 'one.txt', ['-m', 'One'], { GIT_COMMITTER_NAME: 'Jane Doe (aider)' });
    expect(await showOf(repo)).toMatchObject({ agent: { name: 'aider', sessionId: null }, prompts: [] });
  });
});

async function withAider(): Promise<TestRepo> {
  const repo = await recorded();
  await repo.write('.gitignore', '.aider*\n');
  await repo.write(AIDER_HISTORY, HISTORY);
  await repo.git('add', '.gitignore');
  await repo.git('commit', '-q', '-m', 'Ignore');
  return repo;
}

/** Commits as Aider does: with -m and --no-verify. */
async function commit(
  repo: TestRepo,
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await repo.write(path, 'x\n');
  await repo.git('add', path);
  const { code, stderr } = await repo.tryGit(['commit', '-q', '--no-verify', ...args], { env });
  expect(`${code} ${stderr}`).toBe('0 ');
}
