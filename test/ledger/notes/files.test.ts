import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeFile } from '../../../lib/ledger/notes/files.ts';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agent-log-files-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

it('takes a file that is gone for removed', async () => {
  await writeFile(join(dir, 'a'), '');
  await removeFile(join(dir, 'a'));
  await removeFile(join(dir, 'a'));
});

it('says so when a file can not be removed, so that nothing stays open unseen', async () => {
  await writeFile(join(dir, 'a'), '');
  await expect(removeFile(join(dir, 'a', 'b'))).rejects.toMatchObject({ code: 'IO_FAILED', kind: 'system' });
});
