import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { auditorWith, followSteps } from '../support/auditor.ts';
import { filesIn, landedChange } from '../support/bundles.ts';
import { MR_URL, makeBank } from '../support/merge-request.ts';
import type { TestRepo } from '../support/repo.ts';

interface Tampering {
  readonly what: string;
  readonly change: (bundle: TestRepo) => Promise<void>;
  /** Whoever made the bundle can also make the digests. */
  readonly again: boolean;
}

const TAMPERINGS: readonly Tampering[] = [
  { what: 'a digest', change: (bundle) => edit(bundle, 'diffs', '+', '-'), again: false },
  { what: 'a line', change: (bundle) => edit(bundle, 'records', 'claude-code', 'codex-cli'), again: true },
  { what: 'a signed line', change: (bundle) => edit(bundle, 'signatures', 'olga@', 'mona@'), again: true },
  { what: 'a key', change: (bundle) => edit(bundle, 'signatures', 'AAAAC3Nza', 'AAAAC3Nzb'), again: true },
  {
    what: 'a key of somebody else',
    again: true,
    change: async (bundle) => {
      const keys = await bundle.read('signatures/allowed_signers');
      const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIGJgZDJmYzM0NzY1NDMyMTA5ODc2NTQzMjEwOTg3NjU0';
      await bundle.write(
        'signatures/allowed_signers',
        `${keys}mallory@example.com namespaces="agent-log" ssh-ed25519 ${other}\n`,
      );
    },
  },
  { what: 'policy', change: (bundle) => edit(bundle, 'target', 'version', 'Version'), again: true },
  {
    what: 'an object',
    again: true,
    change: async (bundle) => {
      const pack = await readFile(bundle.path('proof.pack'));
      pack[pack.length >> 1] = (pack[pack.length >> 1] ?? 0) ^ 1;
      await writeFile(bundle.path('proof.pack'), pack);
    },
  },
];

/** Changes a text wherever it stands in the files of a folder. */
async function edit(bundle: TestRepo, folder: string, from: string, to: string): Promise<void> {
  let changed = 0;
  for (const [name, bytes] of await filesIn(bundle.path(folder))) {
    const text = bytes.toString('latin1');
    if (!text.includes(from)) continue;
    changed++;
    await writeFile(bundle.path(folder, name), Buffer.from(text.replaceAll(from, to), 'latin1'));
  }
  expect(changed, from).toBeGreaterThan(0);
}

async function sumAgain(bundle: TestRepo): Promise<void> {
  const script =
    "find . -type f ! -name SHA256SUMS ! -name '*.json.sig' -printf '%P\\0' | xargs -0 sha256sum > SHA256SUMS";
  const { code } = await bundle.exec('bash', ['-c', script]);
  expect(code).toBe(0);
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
    expect(followed.stderr).toBe('');
    const { stdout } = followed;
    expect(stdout).toContain('digests: ok');
    expect(stdout).toContain('all steps: ok');
    expect(stdout).toContain('ledger: ok');
    expect(stdout).toContain('target: ok');
    expect(stdout).toMatch(new RegExp(`${head} names sha256:[0-9a-f]{64}: here`));
    expect(stdout).toContain('Good "agent-log" signature for olga@example.com');
    expect(stdout).toContain('Good "agent-log" signature for john@example.com');
    expect(stdout).toContain('Good "agent-log" signature for ci:merge_pipeline');
    expect(stdout).toContain('Good "bundle@git-agent-log" signature');
    expect(await auditor.read('manifest.json')).toContain(txn);
    // Pasted into a shell that somebody goes on with.
    const typed = join(auditor.home, 'typed.sh');
    const steps = await readFile(join(auditor.home, 'steps.sh'), 'utf8');
    await auditor.write('diffs/other', 'x');
    await auditor.write('SHA256SUMS', `${'0'.repeat(64)}  diffs/other\n`);
    await writeFile(typed, `${steps}\necho "$- \${GIT_DIR:-none} \${GNUPGHOME:-none}: still here"\n`);
    const after = await auditor.exec('bash', [typed]);
    expect(after.stdout).toContain('a step FAILED');
    expect(after.stdout).toMatch(/^[^eu ]* none none: still here$/m);
    const long = made.stdout.split('\n').filter((line) => line.length > 80);
    expect(long.filter((line) => !line.includes(zip))).toEqual([]);
    for (const { what, change, again } of TAMPERINGS) {
      const victim = await auditorWith(zip);
      await change(victim);
      if (again) await sumAgain(victim);
      expect((await followSteps(victim)).code, what).not.toBe(0);
    }
  });
});
