import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { auditorWith, followSteps } from '../support/auditor.ts';
import { documentIn, filesIn, landedChange } from '../support/bundles.ts';
import { type GpgHome, gpgHome } from '../support/gpg.ts';
import { type Bank, MR_URL, makeBank } from '../support/merge-request.ts';

let gpg: GpgHome | null = null;
afterEach(async () => gpg?.close());

/** Olga signs with gpg, and the target says so. */
async function giveGpgKey({ olga, john }: Bank): Promise<void> {
  const { repo, key } = olga;
  gpg = await gpgHome(repo);
  await symlink(join(repo.home, 'gpg'), join(repo.home, '.gnupg'));
  const fingerprint = await gpg.make('Olga Doe <olga@example.com>');
  const armored = (await gpg.armored(fingerprint)).trimEnd().replaceAll('\n', '\n        ');
  await john.repo.git('pull', '-q', 'origin', 'main');
  const roster = await john.repo.read('.agent-log/sponsors.yaml');
  const changed = roster.replace(`keys: ["${key}"]`, `keys:\n      - |\n        ${armored}`);
  expect(changed).not.toBe(roster);
  await john.repo.commit('Olga signs with gpg', { '.agent-log/sponsors.yaml': changed });
  await john.repo.git('push', '-q', 'origin', 'main');
  await repo.git('config', 'gpg.format', 'openpgp');
  await repo.git('config', 'user.signingkey', fingerprint);
}

describe('an approval signed with gpg', () => {
  it('is in the bundle as gpg reads it, told as hers, and checked by the steps of the README', async () => {
    const bank = await makeBank();
    await giveGpgKey(bank);
    await bank.fetchAll(bank.john.repo, bank.olga.repo, bank.ci.repo, bank.agents);
    await landedChange(bank);
    const zip = join(bank.john.repo.home, 'evidence.zip');
    const made = await bank.john.repo.run(['evidence', MR_URL, '-o', zip]);
    expect(made.code, made.stderr).toBe(0);
    const auditor = await auditorWith(zip);
    const files = await filesIn(auditor.dir);
    const { approvals } = documentIn(files);
    const hers = approvals.filter(({ approval }) => approval.by?.email === 'olga@example.com');
    expect(hers.map(({ basis, signedBy }) => [basis, signedBy?.email])).toEqual([
      ['attested', 'olga@example.com'],
    ]);
    expect([...files.keys()].filter((path) => /\.(asc|pgp)$|keys\.gpg$/.test(path))).toHaveLength(3);
    const followed = await followSteps(auditor);
    expect(followed.code, `${followed.stdout}\n${followed.stderr}`).toBe(0);
    expect(followed.stdout).toContain('Good signature from "Olga Doe <olga@example.com>"');
    const verified = await bank.john.repo.run(['verify', zip, '--json']);
    expect(verified.code, verified.stdout).toBe(0);
    expect(verified.stdout).toContain('for gpg to check');
  });
});
