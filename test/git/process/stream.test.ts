import { describe, expect, it } from 'vitest';
import { streamGit, tellGit } from '../../../lib/git/process/stream.ts';
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

describe('what git says, told piece by piece', () => {
  it('is all of it', async () => {
    const repo = await makeRepo();
    try {
      const args = ['-c', 'alias.told=!seq 1 100000', 'told'];
      const pieces: Buffer[] = [];
      await tellGit({ cwd: repo.dir }, { args }, (piece) => pieces.push(piece));
      expect(Buffer.concat(pieces).toString('utf8').split('\n').length).toBe(100_001);
    } finally {
      await repo.remove();
    }
  });

  it('ends with what its reader throws, or with that git failed', async () => {
    const repo = await makeRepo();
    try {
      const endless = ['-c', 'alias.told=!yes', 'told'];
      const thrower = (): void => {
        throw new Error('enough');
      };
      await expect(tellGit({ cwd: repo.dir }, { args: endless }, thrower)).rejects.toThrow('enough');
      const failing = tellGit({ cwd: repo.dir }, { args: ['cat-file', 'blob', 'x'] }, () => undefined);
      await expect(failing).rejects.toMatchObject({ code: 'GIT_FAILED' });
    } finally {
      await repo.remove();
    }
  });
});
