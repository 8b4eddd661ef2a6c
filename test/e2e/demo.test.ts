import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { repoAt } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

const DEMO = fileURLToPath(new URL('../demo/run.mjs', import.meta.url));

test('the demo records a transaction of three commits through the installed hooks, and takes it back as one', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [DEMO], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
  });
  expect(stdout).toMatch(/^Agent-Record: sha256:[0-9a-f]{64}$/m);
  expect(stdout).toMatch(/binding +exact, sealed by the commit message/);
  const dir = /^ {2}cd (.+)$/m.exec(stdout)?.[1] ?? '';
  const repo = repoAt(dir, dirname(dir));
  const lines = (await repo.run(['list', '--json'])).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { txn: string; sealed: boolean });
  expect(lines).toHaveLength(3);
  expect(new Set(lines.map(({ txn }) => txn)).size).toBe(1);
  expect(lines.every(({ sealed }) => sealed)).toBe(true);
  expect(lines.flatMap(schemaProblems)).toEqual([]);
  expect(await repo.git('ls-files'), "what the agent made is gone, the person's line stays").toBe(
    'README.md',
  );
  expect(await repo.git('show', 'HEAD:README.md')).toContain('How to greet');
  expect(await repo.git('log', '-1', '--format=%B')).toContain(`Reverts-Txn: ${lines[0]?.txn}`);
  await rm(dirname(dir), { recursive: true, force: true, maxRetries: 5 });
});
