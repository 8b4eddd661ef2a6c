import { expect, it } from 'vitest';
import { streamGit } from '../../../lib/git/process/stream.ts';
import { makeRepo } from '../../support/repo.ts';

it('git is told to write in blocks what it would write commit by commit', async () => {
  const repo = await makeRepo();
  try {
    const args = ['-c', 'alias.told=!printf %s "$GIT_FLUSH"', 'told'];
    const chunks: Buffer[] = [];
    for await (const chunk of streamGit({ cwd: repo.dir }, { args })) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString('utf8')).toBe('0');
  } finally {
    await repo.remove();
  }
});
