import { expect, it, onTestFinished } from 'vitest';
import { makeRepo } from '../support/repo.ts';

it.each([
  [['list', '--stage', 'bogus'], 'commit, mr, pipeline, merge, deploy'],
  [['list', '--stage', 'mr,merge'], 'commit, mr, pipeline, merge, deploy'],
  [['list', '--result', 'bogus'], 'pass, fail, warn, error, skip'],
  [['exception', 'list', '--class', 'iam,bogus'], 'dependency-manifest'],
])('%j: a word there is not is a mistake, and those there are are told', async (words, known) => {
  const repo = await makeRepo();
  onTestFinished(() => repo.remove());
  await repo.run(['init', '--agents', 'none']);
  const { code, stdout, stderr } = await repo.run(words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: .*\nhint: There are: /);
  expect(stderr).toContain(known);
  const meant = words.map((word) => word.replace('bogus', known.split(', ')[0] ?? '').replace(',merge', ''));
  expect((await repo.run(meant)).code).toBe(0);
});
