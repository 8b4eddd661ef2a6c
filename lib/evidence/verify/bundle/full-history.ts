import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeEmpty } from '../../../git/objects/scratch.ts';
import { runGit } from '../../../git/process/runner.ts';
import { LEDGER_REF } from '../../../ledger/ledger.ts';
import type { Report } from '../report.ts';
import type { BundleManifest } from './manifest.ts';
import { type PackProblem, packProblem } from './pack-limits.ts';
import type { Proof } from './proof.ts';
import type { BundleSource } from './source.ts';

const FILE = 'history.bundle';
const LIMIT_MS = 120_000;

/** Whether a full history is complete, object by object, and leads to what the manifest names. */
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
  const problem = await historyProblem(bytes, manifest.repository.format);
  if (problem?.isTooMuch === true) report.unknown('full-history', FILE, problem.says);
  else if (problem !== null) return report.fails('full-history', FILE, problem.says);
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

/** `git bundle verify` reads no further than the header: here the pack is unpacked, and all that its heads lead to looked for. */
async function historyProblem(bytes: Buffer, format: 'sha1' | 'sha256'): Promise<PackProblem | null> {
  const end = bytes.indexOf('\n\n');
  if (end < 0) return { says: 'it has no pack', isTooMuch: false };
  const pack = bytes.subarray(end + 2);
  const over = packProblem(pack, format === 'sha256' ? 32 : 20);
  if (over !== null) return over;
  const heads = bytes
    .toString('latin1', 0, end)
    .split('\n')
    .flatMap((line) => /^([0-9a-f]{40,64}) /.exec(line)?.[1] ?? []);
  const cwd = await makeEmpty(format);
  const ask = async (args: readonly string[], stdin: string | Buffer): Promise<boolean> =>
    (await runGit({ cwd, foreign: true }, { args, stdin, okCodes: [1, 128, 137, 143], limit: LIMIT_MS }))
      .code === 0;
  try {
    if (!(await ask(['-c', 'pack.threads=1', 'index-pack', '--stdin'], pack)))
      return { says: "git can't read its pack", isTooMuch: false };
    const all = ['rev-list', '--objects', '--quiet', '--stdin'];
    return (await ask(all, heads.map((oid) => `${oid}\n`).join('')))
      ? null
      : { says: 'objects that its heads lead to are not in it', isTooMuch: false };
  } finally {
    await rm(cwd, { recursive: true, force: true, maxRetries: 3 });
  }
}
