import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { lines, scene, ten } from '../../support/revert.ts';

describe('files of other kinds than text', () => {
  it('R54 merge=union in the tree makes no garbage clean: it stays a conflict', async () => {
    const { agent, person, plan } = await scene();
    await person({ '.gitattributes': '*.log merge=union\n', 'a.log': ten() });
    await agent({ 'a.log': ten({ 5: 'agent' }) });
    const by = await person({ 'a.log': ten({ 5: 'person' }) });
    expect((await plan()).plan).toMatchObject({ verdict: 'needs-decision', blockers: [{ commit: by }] });
  });

  it.each(['-merge', 'binary', 'merge=union', 'merge=ours'])(
    'R55 far lines of a lockfile marked %s are not merged by lines',
    async (rule) => {
      const { agent, person, plan } = await scene();
      await person({ 'sub/.gitattributes': `*.lock ${rule}\n`, 'sub/a.lock': ten() });
      await agent({ 'sub/a.lock': ten({ 1: 'agent' }) });
      await person({ 'sub/a.lock': ten({ 1: 'agent', 9: 'person' }) });
      const { plan: planned } = await plan();
      expect(planned).toMatchObject({ verdict: 'needs-decision', resultTree: null });
      expect(planned.why.join()).toContain('sub/a.lock is not to be merged by lines');
    },
  );

  it('R55 one nobody has touched since goes back whole', async () => {
    const { agent, person, plan } = await scene();
    await person({ '.gitattributes': '*.lock -merge\n', 'a.lock': ten() });
    await agent({ 'a.lock': ten({ 1: 'agent' }) });
    await person({ f: 'x' });
    expect((await plan()).plan.verdict).toBe('clean');
  });

  it('R56 a binary file untouched since goes back; changed since it is a conflict', async () => {
    const { repo, agent, person, plan } = await scene();
    const binary = (byte: number): Buffer => Buffer.from([0, 1, 2, byte, 0, 255]);
    await writeFile(repo.path('a.bin'), binary(1));
    await person({});
    await writeFile(repo.path('a.bin'), binary(2));
    await agent({});
    await person({ f: 'x' });
    expect((await plan()).plan.verdict).toBe('clean');
    await writeFile(repo.path('a.bin'), binary(3));
    const by = await person({});
    expect((await plan()).plan).toMatchObject({
      verdict: 'needs-decision',
      blockers: [{ commit: by, paths: ['a.bin'], reason: 'changed the same binary file' }],
    });
  });

  it('R57 a pointer of git-lfs goes back, and it is said that its content is not here', async () => {
    const { repo, agent, person, plan } = await scene();
    const oid = (letter: string): string => letter.repeat(64);
    const pointer = (letter: string): string =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${oid(letter)}\nsize 12\n`;
    await person({ 'a.psd': pointer('a') });
    await agent({ 'a.psd': pointer('b') });
    await person({ f: 'x' });
    const planned = await plan();
    expect(planned.plan.verdict).toBe('clean');
    expect(await planned.file('a.psd')).toBe(pointer('a'));
    expect(planned.plan.warnings).toMatchObject([{ kind: 'large-file', paths: ['a.psd'] }]);
    const folder = repo.path('.git/lfs/objects/aa/aa');
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/${oid('a')}`, 'the content');
    expect((await plan()).plan.warnings).toEqual([]);
  });

  it('R58 a submodule goes back when nobody moved it since; else it is a conflict, never silently back', async () => {
    const { repo, agent, person, plan } = await scene();
    const move = (letter: string): Promise<string> =>
      repo.git('update-index', '--add', '--cacheinfo', `160000,${letter.repeat(40)},sub`);
    // `git add -A` would take away a submodule that is not checked out.
    await mkdir(repo.path('sub'));
    await move('a');
    await repo.git('commit', '-q', '-m', 'Add it');
    await repo.git('update-index', '--skip-worktree', 'sub');
    await repo.git('update-index', '--no-skip-worktree', 'sub');
    await move('b');
    const made = await agent({});
    expect(await repo.git('rev-parse', `${made}:sub`)).toBe('b'.repeat(40));
    await person({ f: 'x' });
    const planned = await plan();
    expect(planned.plan).toMatchObject({
      verdict: 'clean',
      files: [{ path: 'sub' }],
      warnings: [{ kind: 'submodule', paths: ['sub'] }],
    });
    await move('c');
    const by = await person({});
    expect((await plan()).plan).toMatchObject({
      verdict: 'needs-decision',
      blockers: [{ commit: by, reason: 'moved the same submodule' }],
    });
  });

  it('R59 the mode goes back and an edit of the content since stays', async () => {
    const { repo, agent, person, plan } = await scene();
    await person({ 'run.sh': ten() });
    await chmod(repo.path('run.sh'), 0o755);
    await agent({});
    await person({ 'run.sh': ten({ 5: 'person' }) });
    const planned = await plan();
    expect(planned.plan.verdict).toBe('clean');
    expect(await planned.file('run.sh')).toBe(ten({ 5: 'person' }));
    await planned.apply();
    expect(await repo.git('ls-files', '-s', 'run.sh')).toMatch(/^100644 /);
  });

  it('R60 a link that was replaced by a file is a conflict', async () => {
    const { repo, agent, person, plan } = await scene();
    await person({ target: 'one\n', other: 'two\n' });
    await symlink('target', repo.path('link'));
    await person({});
    await rm(repo.path('link'));
    await symlink('other', repo.path('link'));
    await agent({});
    await rm(repo.path('link'));
    const by = await person({ link: 'a file now\n' });
    expect((await plan()).plan).toMatchObject({ verdict: 'needs-decision', blockers: [{ commit: by }] });
  });

  it('R61 a file that was turned into a folder is a conflict', async () => {
    const { repo, agent, person, plan } = await scene();
    await person({ thing: ten() });
    await agent({ thing: ten({ 5: 'agent' }) });
    await rm(repo.path('thing'));
    const by = await person({ 'thing/inside': 'x\n' });
    expect((await plan()).plan).toMatchObject({ verdict: 'needs-decision', blockers: [{ commit: by }] });
  });

  it('R62 no line feed at the end, and names with spaces and other letters', async () => {
    const { repo, agent, person, plan } = await scene();
    const names = ['with space.txt', 'größe – 日本.txt', 'tab\there', '-dash'];
    const all = (text: string): Record<string, string> =>
      Object.fromEntries(names.map((name) => [name, text]));
    await person(all(ten().trimEnd()));
    await agent(all(ten({ 2: 'agent' }).trimEnd()));
    await person(all(ten({ 2: 'agent', 9: 'person' }).trimEnd()));
    const planned = await plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', files: { length: 4 } });
    for (const name of names) expect(await planned.file(name)).toBe(ten({ 9: 'person' }).trimEnd());
    await planned.apply();
    expect(await repo.read('größe – 日本.txt')).toBe(ten({ 9: 'person' }).trimEnd());
    expect(await repo.git('status', '--porcelain')).toBe('');
  });

  it('R63 a rename in case alone is clean, and it is said where that is not seen', async () => {
    const { repo, agent, person, plan } = await scene();
    await person({ 'readme.txt': ten() });
    await repo.git('mv', 'readme.txt', 'ReadMe.txt');
    await agent({});
    await person({ 'ReadMe.txt': ten({ 5: 'person' }) });
    const planned = await plan();
    expect(planned.plan).toMatchObject({
      verdict: 'clean',
      warnings: [{ kind: 'letter-case', paths: ['ReadMe.txt', 'readme.txt'] }],
    });
    expect(await planned.file('readme.txt')).toBe(ten({ 5: 'person' }));
  });
});

describe('text that was changed as a whole since', () => {
  const crlf = (text: string): string => text.replaceAll('\n', '\r\n');

  it('R46 other line ends: a conflict by lines, taken back with the line ends it has now', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 3: 'agent' }) });
    const by = await person({ f: crlf(ten({ 3: 'agent' })) });
    await person({ f: crlf(ten({ 3: 'agent', 8: 'person' })) });
    expect((await plan()).plan).toMatchObject({ verdict: 'needs-decision', blockers: [{ commit: by }] });
    const relaxed = await plan({ relaxed: true, verify: () => Promise.resolve(true) });
    expect(relaxed.plan).toMatchObject({ verdict: 'clean', warnings: [{ kind: 'refined', paths: ['f'] }] });
    expect(await relaxed.file('f')).toBe(crlf(ten({ 8: 'person' })));
  });

  it('R45 reformatted: the formatter is named; with one configured all sides are formatted, then merged', async () => {
    const { agent, person, plan } = await scene();
    const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');
    await person({ f: ten() });
    await agent({ f: ten({ 3: 'agent' }) });
    const by = await person({ f: indented(ten({ 3: 'agent' })) });
    await person({ f: indented(ten({ 3: 'agent', 8: 'person' })) });
    expect((await plan()).plan.blockers).toMatchObject([{ commit: by, paths: ['f'] }]);
    const formatter = {
      command: 'for f in "$@"; do sed -i -e "s/^ *//" -e "s/^/  /" "$f"; done',
      limit: 10_000,
      hear: () => undefined,
    };
    const relaxed = await plan({ relaxed: true, formatter });
    expect(relaxed.plan.warnings).toMatchObject([
      { kind: 'refined', text: 'f was merged after all sides were formatted alike' },
    ]);
    expect(await relaxed.file('f')).toBe(indented(ten({ 8: 'person' })));
    const failing = await plan({ relaxed: true, formatter: { ...formatter, command: 'exit 1' } });
    expect(failing.plan.warnings).toEqual([]);
  });

  it('R48 of blocks that are all alike the right one goes', async () => {
    const { agent, person, plan } = await scene();
    const block = (name: string): string[] => [`begin ${name}`, '  x = 1', '  y = 2', 'end'];
    const same = ['begin', '  x = 1', '  y = 2', 'end'];
    const far = ['far', 'farther'];
    await person({ f: lines([...block('a'), ...far, ...same, ...same, ...far, ...block('b')]) });
    await agent({ f: lines([...block('a'), ...far, ...same, ...same, ...same, ...far, ...block('b')]) });
    await person({ f: lines([...block('a1'), ...far, ...same, ...same, ...same, ...far, ...block('b1')]) });
    const planned = await plan();
    expect(planned.plan.verdict).toBe('clean');
    expect(await planned.file('f')).toBe(
      lines([...block('a1'), ...far, ...same, ...same, ...far, ...block('b1')]),
    );
  });
});
