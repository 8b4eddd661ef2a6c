import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quote } from '../../../lib/capture/install/scripts/quote.ts';
import { spoolScript } from '../../../lib/capture/install/scripts/spool.ts';
import { type Place, placeOf } from '../../../lib/capture/place.ts';
import { parseSnapshot, takeSnapshot } from '../../../lib/capture/session/snapshot.ts';
import { clearSpool, MAX_PAYLOAD_BYTES, readSpool } from '../../../lib/capture/spool/spool.ts';
import { blobId } from '../../../lib/core/digest.ts';
import { unquotePath } from '../../../lib/git/diffs/quote-path.ts';
import { findRepository, type Repository } from '../../../lib/git/repository/repository.ts';
import { makeRepo, type Outcome, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let found: Repository;
let place: Place;
let script: string;
beforeEach(async () => {
  repo = await makeRepo();
  found = await findRepository({ cwd: repo.dir });
  place = placeOf(found);
  mkdirSync(place.spool, { recursive: true });
  mkdirSync(place.bin, { recursive: true });
  script = join(place.bin, 'spool');
  const paths = { dir: place.dir, node: '/bin/true', program: '/bin/true', userHooks: null };
  writeFileSync(script, spoolScript(paths));
  chmodSync(script, 0o755);
});
afterEach(() => repo.remove());

function spool(payload: unknown, ...args: string[]): Promise<Outcome> {
  const input = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return repo.exec('sh', [script, 'claude-code', ...args], { input });
}

describe('the spool script', () => {
  it('leaves the payload as it came, readable by the user alone, and says nothing', async () => {
    const payload = { session_id: 's', hook_event_name: 'Stop', text: 'é🐙 \\n $(id) `id` %s\n' };
    expect(await spool(payload)).toEqual({ code: 0, stdout: '', stderr: '' });
    const entries = await readSpool(place);
    const sent = { installedFor: 'claude-code', seen: null };
    expect(entries).toMatchObject([{ ...sent, payload, problem: null, snapshot: null }]);
    expect(statSync(join(place.spool, entries[0]?.file ?? '')).mode & 0o777).toBe(0o600);
    await clearSpool(place, entries);
    expect(readdirSync(place.spool)).toEqual([]);
  });

  it("tells whose environment it ran in, when another agent runs Claude Code's hooks", async () => {
    const input = JSON.stringify({ session_id: 's', hook_event_name: 'Stop' });
    const env = { COPILOT_PROJECT_DIR: repo.dir, seen: 'nobody' };
    await repo.exec('sh', [script, 'claude-code', 'look'], { input, env });
    const [entry] = await readSpool(place);
    expect(entry).toMatchObject({ installedFor: 'claude-code', seen: 'copilot-cli' });
    expect(entry?.snapshot?.top).toBe(repo.dir);
  });

  it('gives parallel events files of their own, and loses none', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => spool({ n: i }, ...(i % 4 === 0 ? ['look'] : []))),
    );
    const entries = await readSpool(place);
    expect(entries.map(({ payload }) => payload?.['n']).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 40 }, (_, i) => i),
    );
    expect(entries.filter(({ snapshot }) => snapshot !== null)).toHaveLength(10);
    expect(readdirSync(place.spool).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('writes through no symbolic link, neither folder nor file', async () => {
    const elsewhere = repo.path('elsewhere');
    mkdirSync(elsewhere);
    rmSync(place.spool, { recursive: true });
    symlinkSync(elsewhere, place.spool);
    expect(await spool({ a: 1 })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readdirSync(elsewhere)).toEqual([]);

    rmSync(place.spool);
    mkdirSync(place.spool);
    // A shell that is about to become the script knows the name it will ask for.
    const trap = `ln -s ${quote(join(elsewhere, 'a'))} ${quote(place.spool)}/$$-0.tmp
      ln -s ${quote(join(elsewhere, 'b'))} ${quote(place.spool)}/$$-1.claude-code.json
      exec sh ${quote(script)} claude-code look`;
    expect((await repo.exec('sh', ['-c', trap], { input: '{"a":1}' })).code).toBe(0);
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(await readSpool(place)).toMatchObject([
      { problem: 'unreadable', payload: null },
      { problem: null, payload: { a: 1 }, file: expect.stringMatching(/-2\./) },
    ]);
  });

  it('is silent where nothing was installed, or the folder is gone', async () => {
    rmSync(place.spool, { recursive: true });
    expect(await spool({ a: 1 }, 'look')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(existsSync(place.spool)).toBe(false);
  });

  const NAMES = [
    'plain',
    'with space',
    'quo"te',
    "apo'strophe",
    'new\nline',
    'tab\there',
    'back\\slash',
    '-dash',
    '$HOME',
    '`id`',
    'ümläut',
    '🐙',
    ' lead',
    'trail ',
    '*',
    '#x',
    '\u001bx',
    '? x',
    '1 .M N... x',
    'hashes',
  ];

  it.each([['look by the script'], ['takeSnapshot']])('hashes files of any name right: %s', async (how) => {
    await repo.commit(
      'base',
      Object.fromEntries(NAMES.filter((_, i) => i % 2 === 0).map((name) => [`d/${name}`, 'base'])),
    );
    await repo.commit('gone', { 'gone "x"\n': 'x', 'same.txt': 'same' });
    rmSync(repo.path('gone "x"\n'));
    for (const name of NAMES) await repo.write(`d/${name}`, `content of ${name}`);
    await repo.write('staged ü.txt', 'staged');
    await repo.git('add', 'staged ü.txt');
    let snapshot = await takeSnapshot(found);
    if (how !== 'takeSnapshot') {
      await repo.exec('sh', [script, 'claude-code', 'look'], { input: '{}', cwd: repo.path('d') });
      snapshot = (await readSpool(place))[0]?.snapshot ?? null;
    }
    const expected = new Map<string, string | null>(
      NAMES.map((name) => [`d/${name}`, blobId(Buffer.from(`content of ${name}`), 'sha1')]),
    );
    expected.set('gone "x"\n', null);
    expected.set('staged ü.txt', blobId(Buffer.from('staged'), 'sha1'));
    expect(snapshot?.files).toEqual(expected);
    expect(snapshot).toMatchObject({
      top: repo.dir,
      head: await repo.git('rev-parse', 'HEAD'),
      branch: 'main',
      cut: false,
    });
  });
});

describe('readSpool', () => {
  const put = (name: string, content: string | Buffer): void =>
    writeFileSync(join(place.spool, name), content);

  it('keeps what is no event for a person to look at, and reads no unfinished one', async () => {
    put('1-0.claude-code.json', '{"half": ');
    put('2-0.claude-code.json', '[1]');
    put('3-0.tmp', '{}');
    put('notes.txt', '{}');
    symlinkSync('/etc/passwd', join(place.spool, '4-0.claude-code.json'));
    const entries = await readSpool(place);
    expect(entries.map(({ file, problem }) => `${file} ${problem}`).sort()).toEqual([
      '1-0.claude-code.json unreadable',
      '2-0.claude-code.json unreadable',
      '4-0.claude-code.json unreadable',
    ]);
    await clearSpool(place, entries);
    expect(readdirSync(place.spool).sort()).toEqual(['3-0.tmp', 'notes.txt']);
    expect(readdirSync(place.rejected)).toEqual(
      expect.arrayContaining(['1-0.claude-code.json', '2-0.claude-code.json']),
    );
  });

  it('still tells whose call a payload was that is too large to parse', async () => {
    put(
      '1-0.claude-code.json',
      `{"session_id":"s1","hook_event_name":"PostToolUse","tool_use_id":"t1","tool_input":{"content":"${'x'.repeat(MAX_PAYLOAD_BYTES)}"}}`,
    );
    expect(await readSpool(place)).toMatchObject([
      {
        problem: 'too-large',
        payload: { session_id: 's1', hook_event_name: 'PostToolUse', tool_use_id: 't1' },
      },
    ]);
  });
});

describe('parseSnapshot', () => {
  it('never throws, whatever a file holds', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'top /x',
        '# branch.oid (initial)',
        '? "a',
        '1 .M N... 100644',
        'u UU',
        'hashes',
        '"',
        '1 D. N... 1 1 1 a b p',
      ),
    );
    fc.assert(fc.property(fc.array(line), (lines) => void parseSnapshot(lines.join('\n'))));
  });

  it('says unknown where a hash is missing', () => {
    const snapshot = parseSnapshot(`top /r\n? a\n? b\nhashes\n${'1'.repeat(40)}\n`);
    expect([...snapshot.files]).toEqual([
      ['a', '1'.repeat(40)],
      ['b', 'unknown'],
    ]);
    expect(snapshot.cut).toBe(true);
  });
});

describe('unquotePath', () => {
  it('undoes what git does to names of any bytes', async () => {
    const byte = fc.oneof(
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 255 }) },
      { weight: 1, arbitrary: fc.constantFrom(9, 10, 13, 34, 92, 32, 97, 48, 195, 164) },
    );
    const names = fc
      .sample(fc.array(byte, { minLength: 1, maxLength: 12 }), 300)
      .map((bytes) => Buffer.from(bytes.map((one) => (one === 47 ? 95 : one))));
    const blob = await repo.git('hash-object', '-w', 'README.md');
    const wanted = new Map(names.map((name, i) => [`f${i}/`, name]));
    const input = Buffer.concat(
      [...wanted].flatMap(([folder, name]) => [
        Buffer.from(`100644 ${blob}\t${folder}_`),
        name,
        Buffer.from('\0'),
      ]),
    );
    writeFileSync(repo.path('.git', 'input'), input);
    await repo.exec('sh', ['-c', 'git update-index -z --index-info <.git/input']);
    for (const setting of ['true', 'false']) {
      writeFileSync(repo.path('.git', 'out'), '');
      await repo.exec('sh', ['-c', `git -c core.quotePath=${setting} ls-files -s "f*" >.git/out`]);
      const listed = readFileSync(repo.path('.git', 'out'), 'utf8')
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => unquotePath(line.slice(line.indexOf('\t') + 1)));
      const expected = [...wanted].map(([folder, name]) => `${folder}_${name.toString('utf8')}`);
      // With core.quotePath=false the output itself is cut into lines of UTF-8: only names that are can come through.
      const comparable = setting === 'true' ? expected : expected.filter((name) => !name.includes('\ufffd'));
      expect(comparable.filter((name) => !listed.includes(name))).toEqual([]);
    }
  });

  it('gives back what is not quoted', () => {
    for (const path of ['a', 'a b', '"', 'a"', '"a']) expect(unquotePath(path)).toBe(path);
    expect(unquotePath('"\\303\\244\\"\\\\"')).toBe('ä"\\');
  });
});
