import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { landedChange } from '../support/bundles.ts';
import { MR_URL, makeBank } from '../support/merge-request.ts';
import { repoAt, type TestRepo } from '../support/repo.ts';

/** Somebody who got a zip, and has git, ssh-keygen, coreutils and no tool of ours. */
async function auditorWith(zip: string): Promise<TestRepo> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-auditor-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const auditor = repoAt(root, root);
  const unzipped = await auditor.exec('python3', ['-m', 'zipfile', '-e', zip, join(root, 'bundle')]);
  expect(unzipped.code, unzipped.stderr).toBe(0);
  return repoAt(join(root, 'bundle'), root);
}

/** The steps of the README, in one go: what an auditor pastes into a terminal. */
async function followSteps(auditor: TestRepo): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = await auditor.read('README.md');
  const steps = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
  expect(steps.length).toBeGreaterThan(4);
  await writeFile(join(auditor.home, 'steps.sh'), steps.join('\n'));
  return auditor.exec('bash', [join(auditor.home, 'steps.sh')]);
}

describe('an auditor with only the zip', () => {
  it('verifies digests, the proof in the ledger, the seal, and approval and decision, by the steps in its README', async () => {
    const bank = await makeBank();
    const { head, txn } = await landedChange(bank);
    const zip = join(bank.john.repo.home, 'evidence.zip');
    const made = await bank.john.repo.run(['evidence', MR_URL, '-o', zip, '--sign']);
    expect(made.code, made.stderr).toBe(0);
    const auditor = await auditorWith(zip);
    const followed = await followSteps(auditor);
    expect(followed.code, `${followed.stdout}\n${followed.stderr}`).toBe(0);
    const { stdout } = followed;
    expect(stdout).toContain('digests: ok');
    expect(stdout).toContain('ledger: ok');
    expect(stdout).toContain('target: ok');
    expect(stdout).toMatch(new RegExp(`${head} names sha256:[0-9a-f]{64}: here`));
    expect(stdout).toContain('Good "agent-log" signature for olga@example.com');
    expect(stdout).toContain('Good "agent-log" signature for john@example.com');
    expect(stdout).toContain('Good "agent-log" signature for ci:merge_pipeline');
    expect(stdout).toContain('Good "bundle@git-agent-log" signature');
    expect(await auditor.read('manifest.json')).toContain(txn);
    console.log(made.stdout, await auditor.read('README.md'), stdout);
  });
});
