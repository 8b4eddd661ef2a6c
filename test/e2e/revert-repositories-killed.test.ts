import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeScript } from '../support/repo.ts';
import { makeRepositories, type Repositories } from '../support/repositories.ts';

/** A git that ends whoever started it, at the nth call. Calls of hooks do not come by here: git puts its own first. */
async function deadlyGit({ root, all }: Repositories): Promise<(nth: number) => Record<string, string>> {
  const real = (await all[0]?.repo.exec('sh', ['-c', 'command -v git']))?.stdout.trim() ?? '';
  const count = join(root, 'calls');
  await writeScript(
    join(root, 'deadly', 'git'),
    `#!/bin/sh
echo "$1" >> '${count}'
if [ "$(wc -l < '${count}')" -eq "$KILL_AT" ]; then kill -9 $PPID; exit 1; fi
exec ${real} "$@"
`,
  );
  return (nth) => ({ PATH: `${join(root, 'deadly')}:${process.env['PATH'] ?? ''}`, KILL_AT: `${nth}` });
}

async function callsOf(finish: '--continue' | '--abort'): Promise<number> {
  const repos = await makeRepositories({ names: ['library', 'website'] });
  const env = (await deadlyGit(repos))(0);
  const { code, stderr } = await repos.revert([repos.txn], { env });
  expect(code, stderr).toBe(0);
  expect(finish).toBeDefined();
  return (await readFile(join(repos.root, 'calls'), 'utf8')).split('\n').length - 1;
}

/** Killed at the nth call, then finished: either all of it stands or none. */
async function killedAt(nth: number, finish: '--continue' | '--abort'): Promise<string> {
  const repos = await makeRepositories({ names: ['library', 'website'] });
  const env = (await deadlyGit(repos))(nth);
  const killed = await repos.revert([repos.txn], { env });
  const finished = await repos.revert([finish]);
  // Killed before anything was begun, or after it was all over.
  if (finished.stderr.includes('no revert across these repositories is unfinished')) {
    const again = await repos.revert([repos.txn]);
    expect(again.code, `${nth}: ${again.stderr}`).toBe(0);
    return `${nth}: nothing begun`;
  }
  expect(finished.code, `${nth}: ${killed.stderr}\n${finished.stdout}${finished.stderr}`).toBe(0);
  for (const { name, repo, server } of repos.all) {
    const expected = finish === '--continue' ? 'first' : name;
    expect(await server.git('show', 'main:f'), `${nth}: ${name}`).toBe(expected);
    expect(await repo.git('rev-parse', 'main'), `${nth}: ${name}`).toBe(
      await server.git('rev-parse', 'main'),
    );
    expect(await repo.git('status', '--porcelain'), `${nth}: ${name}`).toBe('');
    expect(await repo.git('for-each-ref', 'refs/agent-log/saga')).toBe('');
    const reverts = (await repo.git('log', '--format=%s', 'main')).match(/^Revert agent txn/gm) ?? [];
    expect(reverts.length, `${nth}: ${name}`).toBeLessThanOrEqual(1);
  }
  return `${nth}: finished`;
}

const POINTS = Number(process.env['KILL_POINTS'] ?? 6);

describe('R79 a revert across repositories that is killed', () => {
  it.each(['--continue', '--abort'] as const)(
    'is finished by %s, wherever that was',
    async (finish) => {
      const calls = await callsOf(finish);
      expect(calls).toBeGreaterThan(50);
      const told: string[] = [];
      // The first half only plans.
      for (let i = 0; i < POINTS; i++)
        told.push(await killedAt(Math.floor(calls * (0.4 + (0.6 * i) / POINTS)), finish));
      expect(told.filter((one) => one.endsWith('finished')).length).toBeGreaterThan(POINTS / 3);
    },
    1_200_000,
  );
});
