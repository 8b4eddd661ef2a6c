import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { BundleManifest } from '../../lib/core/generated/bundle-v1.types.ts';
import type { EvidenceDocument } from '../../lib/core/generated/evidence-v1.types.ts';
import { type Bank, bumpDependency, checked, MR_URL } from './merge-request.ts';
import type { TestRepo } from './repo.ts';

/** A bundle as files, whichever way it was written. */
export type Files = ReadonlyMap<string, Buffer>;

export async function unzipped(path: string): Promise<Files> {
  const entries = Object.entries(unzipSync(await readFile(path)));
  return new Map(entries.map(([name, bytes]) => [name, Buffer.from(bytes)]));
}

export async function filesIn(folder: string): Promise<Files> {
  const names = await readdir(folder, { recursive: true });
  const found = new Map<string, Buffer>();
  for (const name of names.sort())
    if ((await stat(join(folder, name))).isFile()) found.set(name, await readFile(join(folder, name)));
  return found;
}

export function manifestIn(files: Files): BundleManifest {
  return JSON.parse(files.get('manifest.json')?.toString('utf8') ?? '{}') as BundleManifest;
}

export function documentIn(files: Files): EvidenceDocument {
  return JSON.parse(files.get('evidence.json')?.toString('utf8') ?? '{}') as EvidenceDocument;
}

/** Runs the command, and gives the files of the bundle. Throws unless it exits with 0. */
export async function bundleOf(
  repo: TestRepo,
  args: readonly string[],
  path = `bundle-${Math.random()}.zip`,
): Promise<Files> {
  const file = join(repo.dir, '..', path);
  const { code, stderr } = await repo.run(['evidence', ...args, '-o', file]);
  if (code !== 0) throw new Error(`evidence exited with ${code}: ${stderr}`);
  return path.endsWith('.zip') ? unzipped(file) : filesIn(file);
}

/** A dependency bumped by an agent: told of, denied, sponsored, approved, passed, and merged into main. */
export async function landedChange(bank: Bank): Promise<{ readonly head: string; readonly txn: string }> {
  const head = await bumpDependency(bank);
  await bank.fetchAll(bank.ci.repo);
  await bank.ci.repo.run(['mr', 'open', MR_URL, '--head', 'origin/bump', '--target', 'main']);
  const atMr = ['origin/bump', '--stage', 'mr', '--target', 'main', '--mr', MR_URL, '--sign'];
  await checked(bank.ci, atMr);
  await bank.ci.repo.run(['sync']);
  await bank.fetchAll(bank.john.repo, bank.olga.repo);
  const listed = await bank.john.repo.run(['list', '--txn', '--json']);
  const txn = listed.stdout.split('"txn":"')[1]?.slice(0, 26) ?? '';
  const about = ['--target', 'main', '--mr', MR_URL, '--sign'];
  await bank.john.repo.run(['sponsor', txn, ...about]);
  await bank.olga.repo.run(['approve', 'origin/bump', ...about]);
  await bank.fetchAll(bank.john.repo, bank.olga.repo, bank.ci.repo);
  await checked(bank.ci, atMr);
  await bank.ci.repo.git('checkout', '-q', 'main');
  await bank.ci.repo.git('merge', '-q', '--no-ff', '-m', 'Merge bump', 'origin/bump');
  await bank.ci.repo.git('push', '-q', 'origin', 'main');
  await bank.ci.repo.run(['sync']);
  await bank.fetchAll(bank.john.repo, bank.olga.repo);
  return { head, txn };
}
