import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listCommits } from '../../../lib/git/history/commit-list.ts';
import { commitsBetween, reachedFrom } from '../../../lib/git/history/commit-range.ts';
import { commitsOfRange } from '../../../lib/git/history/named-range.ts';
import { makeRepo, type TestRepo, writeScript } from '../../support/repo.ts';

let repo: TestRepo;
const path = process.env['PATH'];

beforeAll(async () => {
  repo = await makeRepo();
  const script = `#!/bin/sh\necho "$1 $GIT_FLUSH" >>'${repo.path('../asked')}'\nPATH=\${PATH#*:} exec git "$@"\n`;
  await writeScript(repo.path('../bin/git'), script);
  process.env['PATH'] = `${repo.path('../bin')}:${path}`;
});
afterAll(async () => {
  process.env['PATH'] = path;
  await repo.remove();
});

it('lists of commits are written in blocks, not each commit by itself', async () => {
  const place = { cwd: repo.dir };
  const [head = ''] = await commitsOfRange(place, 'HEAD');
  expect(await commitsBetween(place, { base: null, head }, 10)).toEqual(new Set([head]));
  expect(await reachedFrom(place, [head], ['HEAD'])).toEqual(new Set([head]));
  expect(await listCommits(place, { revisions: ['HEAD'], limit: 10 })).toEqual([head]);
  const asked = (await readFile(repo.path('../asked'), 'utf8')).trim().split('\n');
  expect(asked).toEqual(['rev-list 0', 'rev-list 0', 'rev-list 0', 'log 0']);
});
