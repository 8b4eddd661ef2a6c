import { createHash } from 'node:crypto';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { LEDGER_REF, type Ledger, openLedger, readNote } from '../../../lib/ledger/ledger.ts';
import { type AppendOptions, appendToNotes, type NoteAppend } from '../../../lib/ledger/notes/append.ts';
import { listNotes } from '../../../lib/ledger/reading/scan.ts';
import { IDENTITY, storedBinding, storedExecution } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const OPTIONS: AppendOptions = { identity: IDENTITY, message: 'test\n' };
const REF = '--ref=agent-log';

let repo: TestRepo;
let ledger: Ledger;
beforeEach(async () => {
  repo = await makeRepo();
  ledger = openLedger(await findRepository({ cwd: repo.dir }));
});
afterEach(async () => {
  ledger.close();
  await repo.remove();
});

/** Ids spread as git's are, the same on every run. */
function ids(count: number, seed = ''): string[] {
  return Array.from({ length: count }, (_, i) => createHash('sha1').update(`${seed}${i}`).digest('hex'));
}

function line(text: string): string {
  return JSON.stringify({ schema: 'test', text });
}

function append(object: string, ...lines: string[]): NoteAppend {
  return { object, lines: () => lines };
}

async function paths(): Promise<string[]> {
  return (await repo.git('ls-tree', '-r', '--name-only', LEDGER_REF)).split('\n');
}

/** A blob that exists, for `git notes add` to put a note on. */
async function someObject(text: string): Promise<string> {
  return (await repo.exec('git', ['hash-object', '-w', '--stdin'], { input: text })).stdout.trim();
}

/** Writes a ledger with exactly these paths, as no careful writer would. */
async function writeTree(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  const lines: string[] = [];
  for (const [path, content] of Object.entries(files)) {
    writeFileSync(repo.path('blob.tmp'), content);
    lines.push(`100644 ${await repo.git('hash-object', '-w', 'blob.tmp')}\t${path}`);
  }
  const env = { GIT_INDEX_FILE: repo.path('.git', 'scratch-index') };
  await repo.tryGit(['update-index', '--add', '--index-info'], { env, input: `${lines.join('\n')}\n` });
  const tree = (await repo.tryGit(['write-tree'], { env })).stdout.trim();
  await repo.git('update-ref', LEDGER_REF, await repo.git('commit-tree', '-m', 'by hand', tree));
}

/**
 * git's own writer adds a note: it rewrites what it would lay out otherwise. Nothing of ours may move, and its own
 * note must lie where we would have put it.
 */
async function expectGitAgrees(): Promise<void> {
  const before = await paths();
  const object = await someObject(`one more, after ${before.length}`);
  await repo.git('notes', REF, 'add', '-m', 'by git', object);
  const after = await paths();
  const moved = after.filter((path) => !before.includes(path) && path.replaceAll('/', '') !== object);
  // The note git added may itself tip a folder over: then git and we agree that it must be split.
  if (moved.length > 0) {
    await repo.git('update-ref', LEDGER_REF, `${LEDGER_REF}~1`);
    await appendToNotes(ledger, [append(object, 'by git')], OPTIONS);
    expect(await paths()).toEqual(after);
  } else expect(after.filter((path) => path.replaceAll('/', '') !== object)).toEqual(before);
}

describe('the fan-out', () => {
  // All 300 one by one are in e2e/fan-out: a hundred show the first two levels.
  it("is git's own at every size, written one by one", async () => {
    const objects = ids(100);
    for (const [i, object] of objects.entries()) {
      expect(await appendToNotes(ledger, [append(object, line(object))], OPTIONS)).toEqual([object]);
      if (![1, 50, 100].includes(i + 1)) continue;
      const tip = await repo.git('rev-parse', LEDGER_REF);
      await expectGitAgrees();
      await repo.git('update-ref', LEDGER_REF, tip);
    }
    const listed = await repo.git('notes', REF, 'list');
    expect(listed.split('\n').map((one) => one.slice(41))).toEqual([...objects].sort());
    expect((await paths()).some((path) => path.includes('/'))).toBe(true);
  });

  it.each([1, 50, 100, 300, 2000])(
    'is the same for %i notes written at once, and git reads every one',
    async (count) => {
      const objects = ids(count);
      await appendToNotes(
        ledger,
        objects.map((object) => append(object, line(object))),
        OPTIONS,
      );
      const listed = new Map(
        (await repo.git('notes', REF, 'list')).split('\n').map((one) => [one.slice(41), one.slice(0, 40)]),
      );
      expect([...listed.keys()].sort()).toEqual([...objects].sort());
      const texts = await repo.exec('git', ['cat-file', '--batch'], {
        input: `${objects.map((o) => listed.get(o)).join('\n')}\n`,
      });
      expect(texts.stdout.split('\n').filter((one) => one.startsWith('{'))).toEqual(objects.map(line));
      for (const object of objects.slice(0, 20))
        expect((await readNote(ledger, object))?.text).toBe(`${line(object)}\n`);
      await expectGitAgrees();
    },
  );

  it.each([40, 60, 100, 300, 2000])(
    'of %i notes in uneven steps is that of git writing them',
    async (count) => {
      const source = await someObject('source');
      const objects = [source, ...ids(count, 'steps')];
      for (let at = 0, step = 1; at < objects.length; at += step, step = step * 3 + 1) {
        const part = objects.slice(at, at + step);
        await appendToNotes(
          ledger,
          part.map((object) => append(object, line(object))),
          OPTIONS,
        );
      }
      await repo.git('notes', '--ref=native', 'add', '-m', 'x', source);
      const input = objects.slice(1).map((object) => `${source} ${object}\n`);
      await repo.exec('git', ['notes', '--ref=native', 'copy', '--stdin'], { input: input.join('') });
      expect(await paths()).toEqual(
        (await repo.git('ls-tree', '-r', '--name-only', 'refs/notes/native')).split('\n'),
      );
    },
  );
});

describe('what others wrote', () => {
  it('stays, where git notes made the ledger', async () => {
    const objects: string[] = [];
    for (let i = 0; i < 5; i++) objects.push(await someObject(`object ${i}`));
    for (const object of objects) await repo.git('notes', REF, 'add', '-m', `Reviewed ${object}`, object);
    const [first = '', second = ''] = objects;
    const record = storedExecution();
    await appendToNotes(ledger, [append(first, record.line)], OPTIONS);
    expect(await repo.git('notes', REF, 'show', first)).toBe(`Reviewed ${first}\n${record.line}`);
    expect(await repo.git('notes', REF, 'show', second)).toBe(`Reviewed ${second}`);
    expect((await readNote(ledger, first))?.lines).toMatchObject([
      { problem: 'not-json' },
      { digest: record.digest },
    ]);
  });

  it('stays byte for byte: no UTF-8, no line feed at the end, CRLF, NUL', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x0a, 0x80, 0x0d, 0x0a, 0x00, 0xc3]);
    const [object = ''] = ids(1);
    await writeTree({ [object]: bytes });
    await appendToNotes(ledger, [append(object, line('é 🐙'))], OPTIONS);
    writeFileSync(repo.path('expected'), Buffer.concat([bytes, Buffer.from(`\n${line('é 🐙')}\n`)]));
    expect(await repo.git('rev-parse', `${LEDGER_REF}:${object}`)).toBe(
      await repo.git('hash-object', 'expected'),
    );
    expect(await appendToNotes(ledger, [append(object, line('é 🐙'))], OPTIONS)).toEqual([]);
  });

  it('is found at any depth, in one tree', async () => {
    const [flat = '', one = '', two = ''] = ids(3, 'mixed');
    const at = {
      [flat]: 'flat\n',
      [`${one.slice(0, 2)}/${one.slice(2)}`]: 'one\n',
      [`${two.slice(0, 2)}/${two.slice(2, 4)}/${two.slice(4)}`]: 'two\n',
    };
    await writeTree(at);
    expect((await readNote(ledger, flat))?.text).toBe('flat\n');
    expect((await readNote(ledger, two))?.text).toBe('two\n');
    expect((await listNotes(ledger)).map(({ object }) => object).sort()).toEqual([flat, one, two].sort());
    await appendToNotes(
      ledger,
      [flat, one, two].map((object) => append(object, 'more')),
      OPTIONS,
    );
    for (const [object, text] of [
      [flat, 'flat'],
      [one, 'one'],
      [two, 'two'],
    ] as const) {
      expect(
        (await repo.git('notes', REF, 'show', '--', object).catch(() => null)) ??
          (await readNote(ledger, object))?.text,
      ).toContain(`${text}\nmore`);
      expect((await readNote(ledger, object))?.paths).toHaveLength(1);
    }
  });

  it('at two paths is read as one note, and brought to one by the next append', async () => {
    const [object = '', beside = ''] = ids(2, 'twice');
    const deep = `${object.slice(0, 2)}/${object.slice(2)}`;
    await writeTree({
      [object]: `${line('a')}\n${line('b')}`,
      [deep]: `${line('b')}\n${line('c')}\n`,
      [beside]: 'x\n',
    });
    const note = await readNote(ledger, object);
    expect(note?.paths).toEqual([object, deep]);
    expect(note?.text).toBe(`${line('a')}\n${line('b')}\n${line('b')}\n${line('c')}\n`);
    expect(await appendToNotes(ledger, [append(object, line('d'))], OPTIONS)).toEqual([object]);
    const repaired = await readNote(ledger, object);
    expect(repaired?.paths).toHaveLength(1);
    for (const text of ['a', 'b', 'c', 'd']) expect(repaired?.text).toContain(line(text));
    expect((await paths()).filter((path) => path.replaceAll('/', '') === object)).toHaveLength(1);
    expect((await readNote(ledger, beside))?.text).toBe('x\n');
  });

  it('that is no note at all is left alone', async () => {
    const [object = ''] = ids(1, 'foreign');
    await writeTree({ README: 'hello\n', 'docs/x': 'y\n', 'zz/top': 'z\n', [object]: 'n\n' });
    await appendToNotes(
      ledger,
      ids(40, 'more').map((one) => append(one, line(one))),
      OPTIONS,
    );
    expect(await paths()).toEqual(expect.arrayContaining(['README', 'docs/x', 'zz/top']));
    expect(await repo.git('cat-file', '-p', `${LEDGER_REF}:docs/x`)).toBe('y');
  });
});

describe('appendToNotes', () => {
  it('adds a line once, and makes no commit when there is nothing to add', async () => {
    const [object = ''] = ids(1);
    expect(
      await appendToNotes(ledger, [append(object, 'a', 'b', 'a'), append(object, 'b', 'c')], OPTIONS),
    ).toEqual([object]);
    expect((await readNote(ledger, object))?.text).toBe('a\nb\nc\n');
    const tip = await repo.git('rev-parse', LEDGER_REF);
    expect(await appendToNotes(ledger, [append(object, 'a', 'c')], OPTIONS)).toEqual([]);
    expect(await appendToNotes(ledger, [], OPTIONS)).toEqual([]);
    expect(await repo.git('rev-parse', LEDGER_REF)).toBe(tip);
  });

  it('asks for the lines with what is there', async () => {
    const [object = ''] = ids(1);
    await appendToNotes(ledger, [append(object, 'é')], OPTIONS);
    const seen: string[][] = [];
    const lines = (present: readonly string[]): string[] => {
      seen.push([...present]);
      return [];
    };
    await appendToNotes(ledger, [{ object, lines }], OPTIONS);
    expect(seen).toEqual([['é']]);
  });

  it('commits as who it is told, with the message as it is', async () => {
    const message = 'agent-log: sübject\n\nbody with $HOME `x` "q"\n';
    await appendToNotes(ledger, [append(ids(1)[0] ?? '', 'a')], {
      identity: 'Jörg <j@x> 1795348800 +0130',
      message,
    });
    const raw = await repo.git('cat-file', '-p', LEDGER_REF);
    expect(raw).toContain('author Jörg <j@x> 1795348800 +0130\ncommitter Jörg <j@x> 1795348800 +0130\n\n');
    expect(`${raw.slice(raw.indexOf('\n\n') + 2)}\n`).toBe(message);
    await appendToNotes(ledger, [append(ids(1)[0] ?? '', 'b')], OPTIONS);
    expect(await repo.git('rev-list', '--count', '--first-parent', LEDGER_REF)).toBe('2');
    expect(await repo.git('fsck', '--strict', '--no-dangling')).toBe('');
  });

  it('takes over a lock that was left behind, and waits for one that is held', async () => {
    const [object = ''] = ids(1);
    const lock = repo.path('.git', `${LEDGER_REF}.lock`);
    mkdirSync(repo.path('.git', 'refs', 'notes'), { recursive: true });
    writeFileSync(lock, '');
    utimesSync(lock, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
    expect(await appendToNotes(ledger, [append(object, 'a')], OPTIONS)).toEqual([object]);

    writeFileSync(lock, '');
    const start = performance.now();
    setTimeout(() => void repo.exec('rm', [lock]), 300);
    expect(await appendToNotes(ledger, [append(object, 'b')], OPTIONS)).toEqual([object]);
    expect(performance.now() - start).toBeGreaterThan(250);
    expect((await readNote(ledger, object))?.text).toBe('a\nb\n');
  });

  it('gives up in time when the lock stays held, says what to do, and has written nothing', async () => {
    const [object = ''] = ids(1);
    await appendToNotes(ledger, [append(object, 'a')], OPTIONS);
    writeFileSync(repo.path('.git', `${LEDGER_REF}.lock`), '');
    const start = performance.now();
    await expect(
      appendToNotes(ledger, [append(object, 'b')], { ...OPTIONS, patience: 300 }),
    ).rejects.toMatchObject({
      code: 'NOT_APPENDED',
      hints: [expect.stringContaining('git agent-log doctor')],
    });
    expect(performance.now() - start).toBeLessThan(3000);
    expect((await readNote(ledger, object))?.text).toBe('a\n');
  });

  it('gives up at once when git cannot write and nobody is in the way', async () => {
    writeFileSync(repo.path('.git', 'refs', 'notes'), 'a file where a folder belongs');
    const start = performance.now();
    await expect(appendToNotes(ledger, [append(ids(1)[0] ?? '', 'a')], OPTIONS)).rejects.toMatchObject({
      code: 'NOT_APPENDED',
    });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('loses nothing when many append at once from one process', async () => {
    const objects = ids(4, 'race');
    const writers = Array.from({ length: 12 }, (_, i) =>
      appendToNotes(ledger, [append(objects[i % 4] ?? '', line(`writer ${i}`))], OPTIONS),
    );
    await Promise.all(writers);
    const texts = await Promise.all(
      objects.map(async (object) => (await readNote(ledger, object))?.text ?? ''),
    );
    for (let i = 0; i < 12; i++) expect(texts.join('').split(line(`writer ${i}`))).toHaveLength(2);
  });

  it('keeps a record and its binding readable together', async () => {
    const commit = await repo.git('rev-parse', 'HEAD');
    const record = storedExecution();
    const binding = storedBinding(record, commit);
    await appendToNotes(ledger, [append(commit, record.line, binding.line)], OPTIONS);
    expect((await readNote(ledger, commit))?.lines).toMatchObject([
      { digest: record.digest },
      { digest: binding.digest },
    ]);
    const { stdout } = await repo.exec('sh', [
      '-c',
      `git notes ${REF} show HEAD | head -1 | tr -d '\\n' | sha256sum`,
    ]);
    expect(`sha256:${stdout.slice(0, 64)}`).toBe(record.digest);
  });
});
