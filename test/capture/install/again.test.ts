import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { agentCommit, install, recorded } from '../../support/recorded.ts';
import { writeScript } from '../../support/repo.ts';
import { expectSealed, noteOf } from '../../support/seal.ts';

it('init after the user added a hook of their own: theirs runs, and ours once', async () => {
  const repo = await recorded();
  await writeScript(repo.path('.git/hooks/commit-msg'), '#!/bin/sh\ntouch .git/theirs-ran\n');
  await install(repo);
  await agentCommit(repo, 'Add a', { 'a.txt': 'a\n' });
  await expectSealed(repo);
  expect(await readdir(repo.path('.git'))).toContain('theirs-ran');
  expect(await readdir(repo.path('.git/agent-log/pending'))).toEqual([]);
  expect((await noteOf(repo)).match(/agent-log\/execution/g)).toHaveLength(1);
  expect((await repo.run(['uninit'])).code).toBe(0);
  expect((await readdir(repo.path('.git/hooks'))).filter((name) => !name.endsWith('.sample'))).toEqual([
    'commit-msg',
  ]);
});
