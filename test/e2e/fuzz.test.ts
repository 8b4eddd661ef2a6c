import { readdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { repoForTest } from '../support/recorded.ts';

const RUN = fileURLToPath(new URL('../fuzz/run.mjs', import.meta.url));

/** Fuzzes one target, in a folder where it can leave what it found. */
async function fuzz(
  target: string,
  ...args: string[]
): Promise<{ code: number; out: string; found: string }> {
  const repo = await repoForTest({ firstCommit: false });
  const found = repo.path('found');
  const flags = ['--target', target, '--seconds', '12', '--seed', '7', '--found', found, ...args];
  const { code, stdout, stderr } = await repo.exec(process.execPath, [RUN, ...flags]);
  const [file = ''] = await readdir(found).catch(() => []);
  return { code, out: stdout + stderr, found: file };
}

describe('the fuzzer', () => {
  it.each([
    ['crash', '384'],
    ['hang', '384'],
    // Little, so that it is used up soon.
    ['memory', '80'],
  ])('finds a %s, ends it, and keeps the input', async (bug, heap) => {
    const { code, out, found } = await fuzz(`self:${bug}`, '--heap', heap);
    expect(out).toContain(`  ${bug}: `);
    expect(out).toContain('--replay');
    expect({ code, found }).toEqual({
      code: 1,
      found: expect.stringMatching(new RegExp(`^self_${bug}-${bug}-`)),
    });
  });

  it("takes the project's own error for an answer", async () => {
    const { code, out } = await fuzz('self:refusal', '--seconds', '2');
    expect(out).not.toContain('BAD');
    expect(code).toBe(0);
  });

  it('plays an input again', async () => {
    const repo = await repoForTest({ firstCommit: false });
    await repo.write('bad', '{"__proto__":1}');
    const args = [RUN, '--target', 'self:crash', '--replay', repo.path('bad')];
    const { code, stdout } = await repo.exec(process.execPath, args);
    expect(stdout).toContain('TypeError: planted');
    expect(code).toBe(1);
    await rm(repo.path('bad'));
  });
});
