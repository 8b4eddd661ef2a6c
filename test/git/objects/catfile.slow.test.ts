import { hash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobId } from '../../../lib/core/digest.ts';
import { type ObjectReader, openObjectReader, readMany } from '../../../lib/git/objects/catfile.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
const blobs = new Map<string, Buffer>();
const readers: ObjectReader[] = [];

beforeAll(async () => {
  repo = await makeRepo();
  for (const size of [0, 1, 2, 4095, 4096, 65_535, 65_536, 65_537, 200_000, 9_000_000]) {
    const content = randomBytes(size);
    await writeFile(repo.path(`blob-${size}`), content);
    blobs.set(await repo.git('hash-object', '-w', `blob-${size}`), content);
  }
});
afterAll(async () => {
  for (const reader of readers) reader.close();
  await repo.remove();
});

function open(): ObjectReader {
  const reader = openObjectReader({ cwd: repo.dir });
  readers.push(reader);
  return reader;
}

/** So many times the id of the empty blob: few objects are read one by one. */
function empty(count: number): string[] {
  return Array.from({ length: count }, () => blobs.keys().next().value ?? '');
}

/** The cat-file processes this process has started, as Linux tells them. */
function children(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return (
          Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('cat-file')
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('openObjectReader', () => {
  it.each([
    ['a few', 0],
    ['many', 200],
  ])(
    'reads %s at once in the order they are asked for, byte for byte, and says what is not there',
    async (_name, more) => {
      const reader = open();
      const oids = [...blobs.keys(), '0'.repeat(40), 'HEAD', `${'0'.repeat(40)}\nflush`];
      const asked = Array.from({ length: 100 }, (_, i) => oids[(i * 7 + (i % 3)) % oids.length] ?? '');
      const parts = [asked.slice(0, 60), asked.slice(60), []];
      const given = await Promise.all(
        parts.map(async (part) => {
          const found = new Map<number, Buffer | null>();
          await readMany(reader, [...part, ...empty(more)], (object, at) =>
            found.set(at, object && Buffer.from(object.content)),
          );
          return part.map((_, at) => found.get(at));
        }),
      );
      const alone = await reader.read('HEAD^{tree}');
      for (const [i, content] of given.flat().entries()) {
        const expected = blobs.get(asked[i] ?? '') ?? null;
        expect(expected === null ? content : content?.equals(expected), asked[i]).toBe(
          expected === null ? null : true,
        );
      }
      expect([given.flat().length, alone?.type]).toEqual([100, 'tree']);
    },
  );

  it('gives what an id is the digest of, where it reads many', async () => {
    const ids = new Map<string, string>();
    const names = ['HEAD', 'HEAD^{tree}', ...blobs.keys()];
    const oids = await Promise.all(names.map((name) => repo.git('rev-parse', name)));
    await readMany(open(), [...oids, ...empty(200)], (object) => {
      if (object !== null) ids.set(object.oid, hash('sha1', object.named ?? ''));
    });
    expect([...ids.keys()]).toEqual([...ids.values()]);
    expect(ids.size).toBe(new Set(oids).size);
  });

  it('that ends while many are read says so to each who waits, and to whoever asks later', async () => {
    const reader = open();
    const [oid = ''] = blobs.keys();
    await readMany(reader, [oid], () => undefined);
    const large = [...blobs].flatMap(([id, content]) => (content.length > 1_000_000 ? [id] : []));
    const waiting = [1, 2].map(() => readMany(reader, [...large, ...empty(200)], () => undefined));
    for (const pid of children()) process.kill(pid, 'SIGKILL');
    const ends = await Promise.allSettled([...waiting, readMany(reader, [oid], () => undefined)]);
    expect(ends.map(({ status }) => status)).toContain('rejected');
    await expect(readMany(reader, [oid], () => undefined)).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('answers interleaved reads each with its own object, byte for byte', async () => {
    const reader = open();
    const names = [...blobs.keys(), 'missing', 'HEAD^{commit}', 'HEAD^{tree}', '0'.repeat(40)];
    const asked = Array.from({ length: 200 }, (_, i) => names[(i * 7 + (i % 3)) % names.length] ?? '');
    const answers = await Promise.all(asked.map((name) => reader.read(name)));
    for (const [i, name] of asked.entries()) {
      const expected = blobs.get(name);
      if (expected) expect(answers[i]?.content.equals(expected), name).toBe(true);
      else if (name === 'HEAD^{commit}') expect(answers[i]?.type).toBe('commit');
      else if (name === 'HEAD^{tree}') expect(answers[i]?.type).toBe('tree');
      else expect(answers[i], name).toBeNull();
    }
  });

  it('has no answer for what is no name of one object', async () => {
    const reader = open();
    const line = `${'a'.repeat(40)} blob 3`;
    for (const name of [
      '',
      'a\nHEAD',
      'HEAD\0',
      line,
      'no such',
      'HEAD:none',
      '-s',
      '--batch',
      'x'.repeat(70_000),
      'é 🐙',
    ])
      expect(await reader.read(name), JSON.stringify(name.slice(0, 50))).toBeNull();
    expect((await reader.read('HEAD'))?.type).toBe('commit');
  });

  it('has no answer for an ambiguous prefix, and stays in step', async () => {
    const reader = open();
    const found = new Map<string, Buffer>();
    let prefix: string | null = null;
    for (let i = 0; prefix === null; i++) {
      const content = Buffer.from(`ambiguous ${i}`);
      const short = blobId(content, 'sha1').slice(0, 4);
      const other = found.get(short);
      if (other) {
        for (const one of [content, other])
          await repo.exec('git', ['hash-object', '-w', '--stdin'], { input: one.toString() });
        prefix = short;
      }
      found.set(short, content);
    }
    const [none, head] = await Promise.all([reader.read(prefix), reader.read('HEAD')]);
    expect(none).toBeNull();
    expect(head?.type).toBe('commit');
  });

  it('sees what was written after it was started', async () => {
    const reader = open();
    await reader.read('HEAD');
    const oid = await repo.commit('later', { 'later.txt': 'x' });
    expect((await reader.read('HEAD'))?.oid).toBe(oid);
    await repo.git('gc', '-q');
    expect((await reader.read('HEAD:later.txt'))?.content.toString()).toBe('x');
  });

  it('rejects what waits when its process is killed, and what is asked after', async () => {
    for (const reader of readers.splice(0)) reader.close();
    const reader = open();
    await reader.read('HEAD');
    const waiting = [...blobs.keys()].map((name) => reader.read(name));
    for (const pid of children()) process.kill(pid, 'SIGKILL');
    const outcomes = await Promise.allSettled(waiting);
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed[0]).toHaveProperty('reason.code', 'GIT_FAILED');
    await expect(reader.read('HEAD')).rejects.toMatchObject({ code: 'GIT_FAILED' });
  }, 5000);

  it('rejects, and does not hang, where there is no git to start', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      await expect(open().read('HEAD')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    } finally {
      process.env['PATH'] = path;
    }
  }, 5000);

  it('rejects where there is no repository', async () => {
    const reader = openObjectReader({ cwd: '/', foreign: true });
    readers.push(reader);
    await expect(reader.read('HEAD')).rejects.toMatchObject({ code: 'GIT_FAILED' });
  }, 5000);

  it('can be closed before, between and after reads', async () => {
    const reader = open();
    reader.close();
    expect((await reader.read('HEAD'))?.type).toBe('commit');
    const last = reader.read('HEAD');
    reader.close();
    reader.close();
    expect((await last)?.type).toBe('commit');
  });
});
