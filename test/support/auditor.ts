import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { repoAt, type TestRepo } from './repo.ts';

/** Somebody who got a zip, and has git, ssh-keygen, coreutils and no tool of ours. */
export async function auditorWith(zip: string): Promise<TestRepo> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-auditor-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const auditor = repoAt(root, root);
  const unzipped = await auditor.exec('python3', ['-m', 'zipfile', '-e', zip, join(root, 'bundle')]);
  expect(unzipped.code, unzipped.stderr).toBe(0);
  return repoAt(join(root, 'bundle'), root);
}

/** The steps of the README, in one go: what an auditor pastes into a terminal. */
export async function followSteps(
  auditor: TestRepo,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = await auditor.read('README.md');
  const steps = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
  expect(steps.length).toBeGreaterThan(4);
  await writeFile(join(auditor.home, 'steps.sh'), steps.join('\n'));
  return auditor.exec('bash', [join(auditor.home, 'steps.sh')]);
}
