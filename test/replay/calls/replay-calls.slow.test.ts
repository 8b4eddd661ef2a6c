import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { blobId } from '../../../lib/core/digest.ts';
import type { ToolCall } from '../../../lib/core/generated/execution-v1.types.ts';
import { openObjectReader } from '../../../lib/git/objects/catfile.ts';
import { openScratch } from '../../../lib/git/objects/scratch.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { type RecordedCall, recordedRoot, replayCalls } from '../../../lib/replay/calls/replay-calls.ts';
import { callsCoverage, callsVerdict } from '../../../lib/replay/calls/verdict.ts';
import { findContainment, giveAway } from '../../../lib/replay/containment/containment.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../lib/replay/containment/limits.ts';
import { treeAfter } from '../../../lib/replay/tree-after.ts';
import { makeWorkplace } from '../../../lib/replay/workplace.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const ROOT = '/home/jane/project';

interface Replayed {
  readonly verdict: string;
  readonly said: readonly string[];
  readonly tree: string;
  readonly files: Readonly<Record<string, string | null>>;
  readonly coverage: ReturnType<typeof callsCoverage>;
}

const containment = await findContainment();
if (containment === null) process.stderr.write('SKIPPED: calls done again: nothing contains commands here\n');

describe.skipIf(containment === null)('calls done again', () => {
  let repo: TestRepo;
  let base: string;
  let n = 0;

  beforeAll(async () => {
    repo = await makeRepo();
    await repo.commit('Begin', { 'src/a.txt': 'one\ntwo\n', 'run.sh': 'echo tested\n' });
    base = await repo.git('rev-parse', 'HEAD');
  });

  afterEach(async () => {
    await repo.git('reset', '-q', '--hard', base);
  });

  afterAll(() => repo.remove());

  function recorded(
    name: string,
    args: object,
    more: Partial<ToolCall> & { said?: string } = {},
  ): RecordedCall {
    const { said, ...rest } = more;
    const call: ToolCall = {
      id: `toolu_${++n}`,
      name,
      status: 'ok',
      args: null,
      result: null,
      endedAt: null,
      ...rest,
    };
    const result =
      said === undefined ? null : JSON.stringify({ stdout: said, stderr: '', interrupted: false });
    return { call, args: JSON.stringify(args), result };
  }

  const wrote = (path: string, content: string): { files: NonNullable<ToolCall['files']> } => ({
    files: [{ path, blob: blobId(Buffer.from(content), 'sha1') }],
  });
  const write = (path: string, content: string): RecordedCall =>
    recorded('Write', { file_path: `${ROOT}/${path}`, content }, wrote(path, content));
  const sh = (command: string, said: string | undefined, more: Partial<ToolCall> = {}): RecordedCall =>
    recorded('Bash', { command }, { ...more, ...(said === undefined ? {} : { said }) });

  /** Replays, and compares with the tree that files on top of the base make. */
  async function replay(
    calls: readonly RecordedCall[],
    expected: Record<string, string> | null,
    reads: readonly string[] = [],
    limited: Partial<Limits> = {},
  ): Promise<Replayed> {
    let tree = '';
    if (expected !== null) {
      await repo.commit('Expected', expected);
      tree = await repo.git('rev-parse', 'HEAD^{tree}');
      await repo.git('reset', '-q', '--hard', base);
    }
    const found = await findRepository({ cwd: repo.dir });
    const reader = openObjectReader(found);
    const scratch = await openScratch(found);
    const beginning = { repo: found, base, branch: 'main', root: recordedRoot(calls) };
    if (containment === null) throw new Error('nothing contains commands here');
    const limits = { ...DEFAULT_LIMITS, milliseconds: 10_000, ...limited };
    const place = await makeWorkplace(beginning, { containment, limits, reads });
    try {
      await giveAway(place.folder);
      const outcomes = await replayCalls(place, found, reader, calls);
      const after = await treeAfter(place, scratch, base);
      const said = outcomes.map(
        ({ name, outcome, why }) => `${name} ${outcome}${why === null ? '' : `: ${why}`}`,
      );
      const files: Record<string, string | null> = {};
      for (const path of ['src/a.txt', 'new.txt'])
        files[path] = await readFile(join(place.folder, path), 'utf8').catch(() => null);
      const coverage = callsCoverage(calls.length, outcomes);
      return { verdict: callsVerdict(outcomes, after === tree), said, tree: after, files, coverage };
    } finally {
      reader.close();
      await scratch.close();
      await rm(place.folder, { recursive: true, force: true });
    }
  }

  it('ten calls: writes, edits, commands, a test run and the commit come to the same tree', async () => {
    const edited = 'one\n2\n';
    const log = await repo.git('log', '--format=%h %s');
    const calls = [
      recorded('Read', { file_path: `${ROOT}/src/a.txt` }),
      recorded('Grep', { pattern: 'two' }),
      write('new.txt', 'new\n'),
      write('deep/er/b.txt', 'b\n'),
      recorded(
        'Edit',
        { file_path: `${ROOT}/src/a.txt`, old_string: 'two', new_string: '2' },
        wrote('src/a.txt', edited),
      ),
      sh('cd src && pwd', `${ROOT}/src`),
      sh('cat a.txt', 'one\n2'),
      sh(`cd ${ROOT} && sh run.sh`, 'tested'),
      sh('git log --format="%h %s" && git status --short', `${log}\n M src/a.txt\n?? deep/\n?? new.txt`),
      sh('git add -A && git commit -m "Change"', undefined, { status: 'running' }),
    ];
    const { verdict, said, coverage } = await replay(calls, {
      'src/a.txt': edited,
      'new.txt': 'new\n',
      'deep/er/b.txt': 'b\n',
    });
    expect(said.filter((one) => !/ (same|looked)$/.test(one))).toEqual([]);
    expect(verdict).toBe('identical');
    expect(coverage).toEqual({ callsTotal: 10, executed: 8, stubbed: 0, skipped: 2 });
  });

  it('a command that prints the time: it is that call that differs', async () => {
    const calls = [sh('date +%s%N', '1770000000000000000'), write('new.txt', 'x')];
    const { verdict, said } = await replay(calls, { 'new.txt': 'x' });
    expect(verdict).toBe('divergent');
    expect(said[0]).toBe('Bash differs: it printed something else');
  });

  it('a command that writes the time: the file it left differs', async () => {
    const { verdict, said } = await replay(
      [sh('date +%s%N > new.txt', '', wrote('new.txt', '1770000000000000000\n'))],
      { 'new.txt': '1770000000000000000\n' },
    );
    expect(verdict).toBe('divergent');
    expect(said).toEqual(['Bash differs: new.txt is not what it left']);
  });

  it('an edit whose text is not there fails at that call, and nothing comes after it', async () => {
    const args = { file_path: `${ROOT}/src/a.txt`, old_string: 'three', new_string: '3' };
    const calls = [recorded('Edit', args, wrote('src/a.txt', '3')), write('new.txt', 'x')];
    const { verdict, said, coverage } = await replay(calls, { 'new.txt': 'x' });
    expect(verdict).toBe('failed');
    expect(said).toEqual(['Edit failed: src/a.txt: the text it replaced is not there']);
    expect(coverage).toEqual({ callsTotal: 2, executed: 1, stubbed: 0, skipped: 1 });
  });

  it('what reaches out is not done: what is recorded of it stands in, and that is said', async () => {
    const calls = [sh('curl -s https://example.com', 'a page'), write('new.txt', 'x')];
    const { verdict, said, coverage } = await replay(calls, { 'new.txt': 'x' });
    expect(said[0]).toBe('Bash stubbed: what it ran reaches beyond the worktree');
    expect(coverage.stubbed).toBe(1);
    expect(verdict).toBe('identical');
  });

  it('what reached out and left files: the record has them, and nothing is proven by that', async () => {
    const blob = await repo.exec('sh', ['-c', 'printf lock > l && git hash-object -w l && rm l']);
    const files = [{ path: 'new.txt', blob: blob.stdout.trim() }];
    const { verdict, files: after } = await replay([sh('npm install', 'added', { files })], {
      'new.txt': 'lock',
    });
    expect(after['new.txt']).toBe('lock');
    expect(verdict).toBe('inconclusive');
  });

  it('calls without their texts: which, and no verdict', async () => {
    const { call } = write('new.txt', 'x');
    const { verdict, said } = await replay([{ call, args: null, result: null }], { 'new.txt': 'x' });
    expect(verdict).toBe('inconclusive');
    expect(said[0]).toContain('its arguments are not kept');
  });

  it('one that ends otherwise than it did, fails; one that takes for ever, tells nothing', async () => {
    expect((await replay([sh('exit 3', '')], {})).verdict).toBe('failed');
    expect((await replay([sh('true', '', { status: 'error' })], {})).verdict).toBe('failed');
    expect((await replay([sh('exit 1', undefined, { status: 'running' })], {})).verdict).toBe('inconclusive');
    const { verdict, said } = await replay([sh('sleep 86359', '')], {});
    expect([verdict, said[0]]).toEqual(['inconclusive', 'Bash limit: it took too long']);
  }, 60_000);

  it('a program that is not in sight: no verdict, until its folder is named', async () => {
    const tools = await mkdtemp(join(tmpdir(), 'agent-log-tools-'));
    const tool = join(tools, 'bin', 'our-linter');
    await repo.exec('sh', [
      '-c',
      `mkdir ${tools}/bin && printf '#!/bin/sh\\necho fine\\n' > ${tool}; chmod -R 755 ${tools}`,
    ]);
    const calls = [sh('our-linter', 'fine')];
    const { verdict, said } = await replay(calls, {});
    expect([verdict, said[0]]).toEqual(['inconclusive', expect.stringContaining('agentLog.replayReads')]);
    expect((await replay(calls, {}, [tools])).said).toEqual(['Bash same']);
    await rm(tools, { recursive: true });
  });

  it('a commit of a tree that nothing made: the worktree counts', async () => {
    await repo.commit('Expected', { 'new.txt': 'never written' });
    const tree = await repo.git('rev-parse', 'HEAD^{tree}');
    await repo.git('reset', '-q', '--hard', base);
    const forge = `printf 'tree ${tree}\\nparent ${base}\\nauthor A <a@b> 1 +0000\\ncommitter A <a@b> 1 +0000\\n\\nx\\n' | git hash-object -t commit -w --stdin > .git/forged; git update-ref HEAD $(cat .git/forged)`;
    const { tree: after } = await replay([sh(forge, '')], null);
    expect(after).not.toBe(tree);
  });

  it('calls without end: each has its time, and all of them together', async () => {
    const calls = Array.from({ length: 20 }, () => sh('sleep 1', ''));
    const { verdict, said } = await replay(calls, {}, [], { totalMilliseconds: 2500 });
    expect([verdict, said.at(-1)]).toEqual(['inconclusive', expect.stringMatching(/^Bash limit: /)]);
    expect(said.length).toBeLessThan(5);
  }, 60_000);

  const committed = `echo x > new.txt; git add -A; git commit -q -m 'Made'`;
  it.each([
    ['a pipe in the place of an index', 'p=.git/objects/pack/pack-1; echo > $p.pack; mkfifo $p.idx'],
    ['a pipe in the place of alternates', 'mkfifo .git/objects/info/alternates'],
    ['a link in the place of a pack', 'ln -s /dev/zero .git/objects/pack/pack-1.idx'],
    ['a link in the place of all objects', 'mv .git/objects .git/o; ln -s o .git/objects'],
    ['alternates that lead out', 'mkdir -p .git/objects/info; echo /tmp > .git/objects/info/alternates'],
  ])(
    'attack: %s: git does not read it, and the worktree counts',
    async (_, trap) => {
      const { verdict, files } = await replay([sh(`${committed}; ${trap}`, '')], { 'new.txt': 'x\n' });
      expect([verdict, files['new.txt']]).toEqual(['identical', 'x\n']);
    },
    60_000,
  );

  it('attack: a commit of a tree that only alternates have, which a command wrote: the worktree counts', async () => {
    const lent = await mkdtemp(join(tmpdir(), 'agent-log-lent-'));
    const make = `cd ${lent} && git init -q && echo never written > new.txt && git add -A && git write-tree && chmod -R 755 .`;
    const tree = (await repo.exec('sh', ['-c', make])).stdout.trim();
    const plant = `mkdir -p .git/objects/info; echo ${lent}/.git/objects > .git/objects/info/alternates`;
    const call = sh(
      `${plant}; git update-ref HEAD $(git commit-tree -m x ${tree}); git cat-file -t HEAD:`,
      'tree',
    );
    const { said, tree: after, files } = await replay([call], null, [lent]);
    expect([said, files['new.txt']]).toEqual([['Bash same'], null]);
    expect(after).toBe(await repo.git('rev-parse', 'HEAD^{tree}'));
    await rm(lent, { recursive: true });
  }, 60_000);

  it('a repository whose objects lie in an alternate: the calls come to the same, and nothing is written there', async () => {
    const lent = join(repo.home, 'lent');
    const objects = repo.path('.git', 'objects');
    const calls = [
      sh('cat src/a.txt', 'one\ntwo'),
      sh('test ! -e .git/objects/info/alternates', ''),
      sh(committed, ''),
    ];
    await repo.commit('Expected', { 'new.txt': 'x\n' });
    const tree = await repo.git('rev-parse', 'HEAD^{tree}');
    await repo.git('reset', '-q', '--hard', base);
    await rename(objects, lent);
    await mkdir(join(objects, 'info'), { recursive: true });
    await writeFile(join(objects, 'info', 'alternates'), `${lent}\n`);
    const look = async (): Promise<string> =>
      (await repo.exec('sh', ['-c', `cd ${repo.home} && find lent ${objects} -type f | sort`])).stdout;
    const before = await look();
    try {
      const { said, tree: after } = await replay(calls, null);
      expect(said).toEqual(['Bash same', 'Bash same', 'Bash same']);
      expect(after).toBe(tree);
      expect(await look()).toBe(before);
    } finally {
      await rm(objects, { recursive: true });
      await rename(lent, objects);
    }
  }, 60_000);

  it('pipes and repositories in the worktree: they are in no tree', async () => {
    const { verdict } = await replay(
      [sh('mkfifo pipe; git init -q empty; echo y > empty/file; echo x > new.txt', '')],
      { 'new.txt': 'x\n' },
    );
    expect(verdict).toBe('identical');
  }, 60_000);

  it('a link out of the worktree: nothing is written where it leads, nor given away', async () => {
    const target = join(repo.home, 'victim');
    await repo.exec('sh', [
      '-c',
      `mkdir -p ${target} && echo mine > ${target}/file && chmod 600 ${target}/file`,
    ]);
    const before = await repo.exec('stat', ['-c', '%U %a %Y', `${target}/file`]);
    const link = sh(`ln -s ${target} out; ln -s ${target}/file direct; rm -rf src; ln -s ${target} src`, '');
    for (const path of ['out/file', 'direct', 'src/a.txt']) {
      const { verdict, said } = await replay([link, write(path, 'theirs')], {});
      expect([verdict, said.at(-1)]).toEqual(['failed', `Write failed: ${path} can not be written`]);
    }
    expect(await readFile(`${target}/file`, 'utf8')).toBe('mine\n');
    expect((await repo.exec('stat', ['-c', '%U %a %Y', `${target}/file`])).stdout).toBe(before.stdout);
  });

  it('settings, hooks and filters that a command leaves behind: none of them runs outside its cell', async () => {
    const mark = join(repo.home, 'ran');
    const trap = `printf '#!/bin/sh\\ntouch ${mark}\\n' > .git/trap; chmod +x .git/trap
git config core.fsmonitor .git/trap; git config filter.x.clean "touch ${mark}; cat"; git config core.hooksPath .git
echo '* filter=x' > .gitattributes; cp .git/trap .git/pre-commit; cp .git/trap .git/post-index-change`;
    await replay([sh(trap, ''), write('new.txt', 'x')], {});
    await expect(readFile(mark)).rejects.toThrow();
  });

  it('leaves the repository and the home as they were', async () => {
    const look = async (): Promise<string> =>
      (
        await repo.exec('sh', [
          '-c',
          `cd ${repo.dir} && git count-objects -v && git for-each-ref && git status --porcelain && ls -A ${repo.home}`,
        ])
      ).stdout;
    const before = await look();
    await replay([sh('git gc -q; git branch x; rm -rf ~ / 2>/dev/null; echo > ~/x', '')], null);
    expect(await look()).toBe(before);
  });
});
