import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newUlid } from '../../lib/core/ulid.ts';
import { type Files, notePath, setLedger } from '../support/ledger-history.ts';
import { NOW, storedBinding, storedExecution } from '../support/records.ts';
import { makeRepo, type Outcome, repoAt, type TestRepo } from '../support/repo.ts';

const TXN = newUlid(NOW);

let repo: TestRepo;
beforeEach(async () => {
  repo = await makeRepo();
});
afterEach(() => repo.remove());

/** Notes with one record each, of one agent or another. */
function notes(count: number, depth = 1, algorithm = 'sha1'): Files {
  const files = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    const object = createHash(algorithm).update(`note ${i}`).digest('hex');
    const id = newUlid(NOW + i, () => Buffer.alloc(10, i % 250));
    const agent = { name: i % 3 === 0 ? 'codex' : 'claude-code', version: null, sessionId: null, chain: [] };
    const stored = storedExecution({ id, txn: i % 10 === 0 ? TXN : newUlid(NOW + i), agent });
    files.set(notePath(object, depth), `${stored.line}\n${storedBinding(stored, object).line}\n`);
  }
  return files;
}

function indexFiles(of: TestRepo = repo): string[] {
  return readdirSync(join(of.dir, '.git', 'agent-log', 'index'));
}

async function listed(...flags: string[]): Promise<string[]> {
  return lines(await repo.run(['list', '--json', ...flags]));
}

function lines({ code, stdout, stderr }: Outcome): string[] {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').filter(Boolean);
}

describe('the derived index', () => {
  it('may be brought up to date by many processes at once, while it is made, grows, shrinks and is deleted', async () => {
    const sizes = [300, 310, 120, 320];
    for (const [round, size] of sizes.entries()) {
      await setLedger(repo, notes(size, round % 3), round === 2);
      const runs = Array.from({ length: 6 }, () => listed('--agent', 'codex'));
      if (round === 3) rmSync(repo.path('.git', 'agent-log', 'index'), { recursive: true, force: true });
      const answers = await Promise.all(runs);
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(answers[0]).toHaveLength(Math.ceil(size / 3));
    }
    expect(indexFiles().filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(await listed('--agent', 'codex')).toHaveLength(107);
  });

  it('is asked while the ledger is being written, and never behind what was written before', async () => {
    for (let size = 1; size <= 12; size++) {
      await setLedger(repo, notes(size));
      const [one, other] = await Promise.all([listed(), listed('-n', '1')]);
      expect(one).toHaveLength(size);
      expect(other).toEqual(one.slice(0, 1));
    }
  });

  it('loses nothing when it is deleted', async () => {
    await setLedger(repo, notes(200));
    const before = await Promise.all([listed(), listed('--txn'), listed('--agent', 'codex', '-n', '5')]);
    rmSync(repo.path('.git', 'agent-log', 'index'), { recursive: true });
    expect(await Promise.all([listed(), listed('--txn'), listed('--agent', 'codex', '-n', '5')])).toEqual(
      before,
    );
  });

  it('is shared by linked worktrees', async () => {
    await setLedger(repo, notes(50));
    const path = join(repo.dir, '..', 'linked');
    await repo.git('worktree', 'add', '-q', '--detach', path);
    const linked = repoAt(path, repo.home);
    expect(lines(await linked.run(['list', '--json', '--agent', 'codex']))).toHaveLength(17);
    const { mtimeMs } = statSync(repo.path('.git', 'agent-log', 'index', 'head'));
    expect(await listed('--agent', 'codex')).toHaveLength(17);
    expect(statSync(repo.path('.git', 'agent-log', 'index', 'head')).mtimeMs).toBe(mtimeMs);
  });

  it('works with SHA-256', async () => {
    const other = await makeRepo({ objectFormat: 'sha256' });
    try {
      await setLedger(other, notes(50, 1, 'sha256'));
      expect(lines(await other.run(['list', '--json', '--agent', 'codex']))).toHaveLength(17);
      await setLedger(other, notes(60, 2, 'sha256'));
      expect(lines(await other.run(['list', '--json', '--agent', 'codex']))).toHaveLength(20);
      expect(indexFiles(other)).toHaveLength(2);
    } finally {
      await other.remove();
    }
  });

  it('is not there without a ledger, and goes with one that is gone', async () => {
    expect(await listed()).toEqual([]);
    await setLedger(repo, notes(5));
    expect(await listed()).toHaveLength(5);
    await repo.git('update-ref', '-d', 'refs/notes/agent-log');
    expect(await listed()).toEqual([]);
  });

  it('reads no note it read before when only the fan-out changes', async () => {
    await setLedger(repo, notes(300, 0));
    expect(await listed('--agent', 'codex')).toHaveLength(100);
    await setLedger(repo, notes(300, 2));
    const trace = repo.path('..', 'trace');
    const env = { GIT_TRACE: trace };
    expect(lines(await repo.run(['list', '--json', '--agent', 'nobody'], { env }))).toEqual([]);
    const { stdout } = await repo.exec('cat', [trace]);
    expect(stdout).toContain('git diff-tree');
    expect(stdout).not.toContain('git grep');
  });

  it('lists by risk class, and says which there are', async () => {
    const stored = storedExecution({
      files: [{ path: 'package.json', change: 'modified', blob: 'a'.repeat(40), by: 'agent' }],
    });
    await setLedger(repo, new Map([...notes(20), [notePath('f'.repeat(40), 1), `${stored.line}\n`]]));
    expect(await listed('--class', 'dependency-manifest')).toHaveLength(1);
    expect(await listed('--class', 'iam')).toEqual([]);
    const bad = await repo.run(['list', '--class', 'nonsense']);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('dependency-manifest');
  });
});
