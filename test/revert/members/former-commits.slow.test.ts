import { expect, it } from 'vitest';
import type { RevertPlan } from '../../../lib/revert/plan.ts';
import {
  cloneOf,
  deleteBranch,
  elsewhereOnMain,
  githubSquash,
  type Host,
  makeHost,
  openChange,
} from '../../support/host.ts';
import { agentCommit, install } from '../../support/recorded.ts';
import type { TestRepo } from '../../support/repo.ts';
import { ten } from '../../support/revert.ts';
import { everyByte, REVERT } from '../../support/revert-outcome.ts';

/** A squash of an agent's and a person's commits in one file, and a fresh clone that has nothing else of them. */
async function squashed(): Promise<{ host: Host; clone: TestRepo; txn: string }> {
  const host = await makeHost();
  await elsewhereOnMain(host, { f: ten() });
  const dev = await cloneOf(host);
  await install(dev);
  await dev.git('config', 'agentLog.push', 'false');
  await dev.git('checkout', '-q', '-b', 'topic');
  await agentCommit(dev, 'One', { f: ten({ 2: 'agent' }) });
  await dev.commit('By hand', { f: ten({ 2: 'agent', 5: 'person' }) });
  await agentCommit(dev, 'Two', { f: ten({ 2: 'agent', 5: 'person', 8: 'agent' }), g: 'agent\n' });
  const txn = (await dev.git('log', '-1', '--format=%(trailers:key=Agent-Txn,valueonly)')).trim();
  await dev.git('push', '-q', 'origin', 'topic');
  const change = await openChange(host, 'topic');
  await githubSquash(host, change);
  await deleteBranch(host, change);
  await dev.git('fetch', '-q');
  for (const args of [['relink', 'origin/main'], ['sync']]) expect((await dev.run(args)).code).toBe(0);
  const clone = await cloneOf(host);
  expect((await clone.run(['sync', '--fetch'])).code).toBe(0);
  return { host, clone, txn };
}

it('a squash in a fresh clone: what it was made of is fetched beside the clone, and only the work of the agent goes', async () => {
  const { clone, txn } = await squashed();
  const before = await everyByte(clone);
  const { code, stdout, stderr } = await clone.exec(REVERT, ['--plan', '--json', txn]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout) as RevertPlan).toMatchObject({ verdict: 'clean', units: [{ kind: 'part' }] });
  expect(await everyByte(clone)).toEqual(before);
  expect((await clone.exec(REVERT, [txn])).code).toBe(0);
  expect(await clone.read('f')).toBe(ten({ 5: 'person' }));
  expect(await clone.git('ls-files')).toBe('f');
  expect((await clone.tryGit(['fsck', '--strict'])).code).toBe(0);
});

it('what it was made of is nowhere any more: it waits for a decision and says what is missing', async () => {
  const { host, clone, txn } = await squashed();
  await clone.git('remote', 'set-url', 'origin', `${host.dir}/gone`);
  const { code, stdout, stderr } = await clone.exec(REVERT, [txn]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^needs a decision/m);
  expect(stderr).toMatch(/^hint: [0-9a-f]{7,} and 1 more, which the agent made, could not be had/m);
  expect(await clone.git('status', '--porcelain')).toBe('');
});
