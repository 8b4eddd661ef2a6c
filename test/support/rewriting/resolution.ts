import type { Scene } from './scene.ts';

/**
 * Gives the record an agent's resolution of a conflict got a name. Its trailers stand below those of what it resolved:
 * the last one counts.
 */
export async function noteResolution({ repo, works }: Scene, revision = 'HEAD'): Promise<void> {
  const [commit = '', ...lines] = (await repo.git('log', '-1', '--format=%H%n%B', revision)).split('\n');
  const of = (key: string): string =>
    lines.findLast((line) => line.startsWith(`${key}: `))?.slice(key.length + 2) ?? '';
  works.push({ name: 'resolution', commit, record: of('Agent-Record'), txn: of('Agent-Txn') });
}
