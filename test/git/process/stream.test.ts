import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { streamGit, tellGit } from '../../../lib/git/process/stream.ts';
import { makeRepo } from '../../support/repo.ts';

const run = promisify(execFile);

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
  it.each([
    ['is not there', null],
    ['can not', 'echo no >&2; exit 125'],
    ['says nothing and that all is well', 'exit 0'],
    ['says nothing, as git does that finds nothing', 'exit 1'],
    ['is there, and is given git', `[ "$1 $2" = '-o65536 git' ] && shift && echo through && exec "$@"`],
  ])('is told whether stdbuf %s', async (_, script) => {
    const repo = await makeRepo();
    try {
      const bin = join(repo.dir, '.git', 'bin');
      await mkdir(bin);
      await symlink((await run('sh', ['-c', 'command -v git'])).stdout.trim(), join(bin, 'git'));
      if (script !== null) await writeFile(join(bin, 'stdbuf'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const pieces: Buffer[] = [];
      const env = { PATH: bin };
      await tellGit({ cwd: repo.dir }, { args: ['rev-parse', 'HEAD'], env, okCodes: [1] }, (piece) =>
        pieces.push(piece),
      );
      const through = script?.includes('through') === true ? 'through\n' : '';
      expect(Buffer.concat(pieces).toString('utf8')).toBe(
        `${through}${await repo.git('rev-parse', 'HEAD')}\n`,
      );
    } finally {
      await repo.remove();
    }
  });

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
