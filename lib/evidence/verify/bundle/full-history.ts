import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '../../../git/runner.ts';
import { LEDGER_REF } from '../../../ledger/ledger.ts';
import type { Report } from '../report.ts';
import type { BundleManifest } from './manifest.ts';
import type { Proof } from './proof.ts';
import type { BundleSource } from './source.ts';

const FILE = 'history.bundle';
const LIMIT_MS = 120_000;

/** Whether a full history is complete, and leads to what the manifest names. git checks the rest when somebody fetches from it. */
export async function checkFullHistory(
  source: BundleSource,
  manifest: BundleManifest,
  { ledger }: Proof,
  report: Report,
): Promise<void> {
  const bytes = await source.read(FILE);
  if (bytes === null) return;
  report.checked('full-history');
  const path = join(ledger.repo.gitDir, FILE);
  await writeFile(path, bytes, { mode: 0o600 });
  const place = { cwd: ledger.repo.gitDir, foreign: true };
  const ask = (verb: string): ReturnType<typeof runGit> =>
    runGit(place, { args: ['bundle', verb, path], okCodes: [1, 128, 143], limit: LIMIT_MS });
  const verified = await ask('verify');
  if (verified.code !== 0)
    return report.fails('full-history', FILE, "git can't read it, or it is not complete");
  const heads = new Map(
    (await ask('list-heads')).stdout
      .toString('utf8')
      .split('\n')
      .filter(Boolean)
      .map((line): [string, string] => {
        const [oid = '', ...ref] = line.split(' ');
        return [ref.join(' '), oid];
      }),
  );
  const tip = heads.get(LEDGER_REF) ?? null;
  if (tip !== manifest.ledger.tip)
    report.fails(
      'full-history',
      LEDGER_REF,
      `it leads to ${tip ?? 'nothing'}, and the manifest to ${manifest.ledger.tip ?? 'none'}`,
    );
  const target = manifest.repository.target?.commit;
  if (target !== undefined && ![...heads.values()].includes(target))
    report.fails('full-history', target, 'the target as the manifest names it is none of its heads');
}
