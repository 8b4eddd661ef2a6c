import { type GitPlace, runGit } from '../process/runner.ts';
import type { ObjectInfo } from './batch-output.ts';

/** Looks at many objects in one process. One that is not here is missing from the map. */
export async function objectInfos(
  place: GitPlace,
  oids: Iterable<string>,
): Promise<ReadonlyMap<string, ObjectInfo>> {
  const asked = [...new Set(oids)];
  if (asked.length === 0) return new Map();
  const { stdout } = await runGit(place, {
    args: ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'],
    stdin: `${asked.join('\n')}\n`,
  });
  const infos = new Map<string, ObjectInfo>();
  for (const line of stdout.toString('latin1').split('\n')) {
    const [oid = '', type = '', size = ''] = line.split(' ');
    if (size !== '') infos.set(oid, { type, size: Number(size) });
  }
  return infos;
}

/** Which of many names (`<commit>:<path>`, without line feeds) stand for an object that is here; in one process, by place. */
export async function areHere(place: GitPlace, names: readonly string[]): Promise<boolean[]> {
  if (names.length === 0) return [];
  const { stdout } = await runGit(place, {
    args: ['cat-file', '--batch-check=%(objectsize)'],
    stdin: `${names.join('\n')}\n`,
  });
  const answers = stdout.toString('latin1').split('\n');
  return names.map((_, i) => /^\d+$/.test(answers[i] ?? ''));
}
