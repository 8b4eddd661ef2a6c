import { spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM, type TestRepo } from '../../support/repo.ts';
import {
  cloneOf,
  entriesOf,
  expectZero,
  findLeaks,
  giveKeys,
  PAYLOADS,
  type Told,
  toldRepo,
  work,
} from '../../support/sealed-texts.ts';

/** Starts a command and kills it, with all it has started, after a while. */
async function killAfter(repo: TestRepo, args: readonly string[], ms: number): Promise<void> {
  const child = spawn(PROGRAM, args, { cwd: repo.dir, env: repo.env, detached: true, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await Promise.race([ended, sleep(ms)]);
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It was done by then.
  }
  await ended;
}

async function shownTask(repo: TestRepo, txn: string): Promise<string | undefined> {
  const { stdout } = await repo.run(['show', txn, '--json']);
  return (JSON.parse(stdout) as { commits: { task: { text?: string } }[] }).commits[0]?.task.text;
}

describe('a kill while texts are being stored', () => {
  let told: Told;

  beforeAll(async () => {
    told = await toldRepo('the first task');
  });

  afterAll(() => told.remove());

  it('loses nothing, doubles nothing, and leaves nothing the next command does not clear', async () => {
    const { repo } = told;
    const tasks = new Map<string, string>();
    for (let i = 0; i < 8; i++) {
      const secret = `the secret of round ${i}`;
      // Nobody is set: the text waits, and sync is what stores it.
      const recipient = await repo.git('config', '--get', 'agentLog.recipient');
      await repo.git('config', '--unset-all', 'agentLog.recipient');
      tasks.set(await work(repo, secret, `file-${i}`), secret);
      await repo.git('config', 'agentLog.recipient', recipient);
      await killAfter(repo, ['sync', '--fetch'], 60 + 60 * i);
    }
    await sleep(1500);
    await expectZero(repo.run(['sync']));
    const { holding, open } = await findLeaks(repo.path('.git'), 'the secret of round');
    expect(holding.filter((name) => !name.startsWith(join('agent-log', 'sessions')))).toEqual([]);
    expect(open).toEqual([]);
    expect(await leftOvers(repo)).toEqual([]);
    const clone = await cloneOf(told, 'after');
    await giveKeys(repo, clone);
    for (const [txn, secret] of tasks) {
      expect(await shownTask(clone, txn)).toBe(secret);
      const entries = (await entriesOf(clone, PAYLOADS)).filter(({ path }) => path.includes(txn));
      expect(entries, 'told twice it is stored once').toHaveLength(1);
    }
  });

  /** What a killed writer left: half-written files, locks, queues. */
  async function leftOvers(repo: TestRepo): Promise<string[]> {
    const names = await readdir(repo.path('.git', 'agent-log'), { recursive: true });
    const refs = (await repo.git('for-each-ref', '--format=%(refname)', 'refs/agent-log')).split('\n');
    return [
      ...names.filter((name) => name.endsWith('.tmp') || /unpacked\/(held\/)?[0-9a-f]{64}$/.test(name)),
      ...refs.filter((ref) => ref.includes('unborn')),
    ];
  }

  it('a key of which a killed writer left half: is gone after the next command', async () => {
    const { repo } = told;
    const folder = repo.path('.git', 'agent-log', 'payload-keys');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${told.txn}.123.abcdef.tmp`), '{"key":"half');
    await work(repo, 'one more');
    await expectZero(repo.run(['list']));
    expect(await leftOvers(repo)).toEqual([]);
  });
});
