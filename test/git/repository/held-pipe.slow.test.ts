import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Batch } from '../../../lib/git/objects/catfile.ts';
import { HeldPipe } from '../../../lib/git/repository/held-pipe.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
/** Object id -> content: some larger than any pipe. */
const blobs = new Map<string, string>();
beforeAll(async () => {
  repo = await makeRepo();
  for (const size of [0, 1, 100, 5000, 70_000, 300_000]) {
    const content = `${size}\n`.repeat(size).slice(0, size);
    await repo.write('blob', content);
    blobs.set(await repo.git('hash-object', '-w', 'blob'), content);
  }
});
afterAll(() => repo.remove());

let count = 0;

/** Two pipes with a program at their other ends. Whoever opens one to read and write waits for nobody. */
async function held(
  program: string,
  args: readonly string[],
): Promise<{ pipe: HeldPipe; child: ChildProcess }> {
  const [answers, questions] = ['answers', 'questions'].map((name) => repo.path('..', `${name}-${count}`));
  count++;
  await repo.exec('mkfifo', [answers ?? '', questions ?? '']);
  const [from, to] = [openSync(answers ?? '', 'r+'), openSync(questions ?? '', 'r+')];
  const [theirFrom, theirTo] = [openSync(questions ?? '', 'r'), openSync(answers ?? '', 'w')];
  const child = spawn(program, args, { cwd: repo.dir, env: repo.env, stdio: [theirFrom, theirTo, 'ignore'] });
  for (const end of [theirFrom, theirTo]) closeSync(end);
  // Opened anew to read alone: it ends when the program does.
  const readOnly = openSync(answers ?? '', 'r');
  closeSync(from);
  return { pipe: new HeldPipe({ answers: readOnly, questions: to }), child };
}

describe('HeldPipe', () => {
  it('hears what commands said first, in whatever pieces, and then objects', async () => {
    const [oid = ''] = [...blobs.keys()].slice(2);
    const script = `printf 'one\\n'; sleep 0.05; printf '\\0\\0'; sleep 0.05; printf '0\\ntwo\\0\\0\\0'; sleep 0.05; printf '128\\n'; exec git cat-file --batch-command --buffer`;
    const { pipe } = await held('sh', ['-c', script]);
    const results = pipe.results(2);
    expect(results.map(({ code, stdout }) => [code, stdout.toString()])).toEqual([
      [0, 'one\n'],
      [128, 'two\0'],
    ]);
    const batch = new Batch(pipe);
    expect((await batch.read(oid))?.content.toString()).toBe(blobs.get(oid));
    batch.close();
  });

  it('asks for no more at once than git can take in while nobody reads what it says', async () => {
    const { pipe } = await held('git', ['cat-file', '--batch-command', '--buffer']);
    const batch = new Batch(pipe);
    const names = Array.from({ length: 120 }, () => [...blobs.keys(), `none-${'é'.repeat(600)}`]).flat();
    const read = await Promise.all(names.map((name) => batch.read(name)));
    expect(read.map((object) => object?.content.toString())).toEqual(names.map((name) => blobs.get(name)));
    const [largest = ''] = [...blobs.keys()].slice(-1);
    expect(await batch.look(largest)).toEqual({ type: 'blob', size: 300_000 });
    batch.close();
    batch.close();
  });

  it('says so to whoever waits when git ends, and to whoever asks later', async () => {
    const { pipe } = await held('sh', ['-c', 'printf "x\\0\\0000\\n"; read -r _; printf 1111']);
    expect(pipe.results(1)[0]?.code).toBe(0);
    const batch = new Batch(pipe);
    await expect(batch.read('HEAD')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await expect(batch.read('HEAD')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    batch.close();
  });

  it('throws where it was left nothing', () => {
    expect(() => new HeldPipe({ answers: 987, questions: 988 }).results(1)).toThrow('EBADF');
  });
});
