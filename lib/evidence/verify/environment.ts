import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listRefs } from '../../git/refs/refs.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Report } from './report.ts';

const MOST_NAMED = 10;

/** What could show somebody else another history. Nothing here is read through it; that it is there is said. */
export async function checkEnvironment(
  report: Report,
  repo: Repository,
  shallow: ReadonlySet<string>,
): Promise<void> {
  report.checked('environment');
  const replaced = await listRefs(repo, 'refs/replace/');
  if (replaced.length > 0) {
    const names = replaced.slice(0, MOST_NAMED).map(({ name }) => name);
    report.says(
      'environment',
      `${replaced.length} objects are replaced for other readers, not for this one: ${names.join(', ')}`,
    );
  }
  const grafts = await readFile(join(repo.commonDir, 'info', 'grafts'), 'utf8').catch(() => '');
  if (grafts.trim() !== '')
    report.says('environment', 'info/grafts shows other readers another history; it is not heeded here');
  if (shallow.size > 0)
    report.unknown('environment', null, `the clone is shallow: it ends at ${shallow.size} commits`);
}
