import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { regenerateRules } from '../../../lib/revert/kinds/regenerate-rules.ts';
import type { Regenerator } from '../../../lib/revert/kinds/remake.ts';
import { type Files, lines, type Scene, scene, ten } from '../../support/revert.ts';
import { everyByte, REVERT } from '../../support/revert-outcome.ts';
import { schemaProblems } from '../../support/schema.ts';

const yes = (): Promise<boolean> => Promise.resolve(true);

/** npm without a registry: all it installs lies in the tree. The cache is beside the worktree, and goes with it. */
const NPM =
  'npm install --package-lock-only --ignore-scripts --offline --no-audit --no-fund --cache "$PWD/../npm-cache"';

function regenerator(rules: Readonly<Record<string, string>>, limit = 60_000): { regenerator: Regenerator } {
  const config = Object.entries(rules).map(([name, text]): [string, string] => [
    `agentlog.${name}.regenerate`,
    text,
  ]);
  return { regenerator: { rules: regenerateRules(new Map(config)), limit, hear: () => undefined } };
}

const LIBRARIES = ['alpha', 'beta', 'gamma', 'delta'];

function manifest(asked: readonly string[], askedToBuild: readonly string[]): string {
  const from = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, `file:libs/${name}`]));
  const scripts = { build: 'true', lint: 'true', test: 'true' };
  const all = { name: 'demo', version: '1.0.0', dependencies: from(asked), scripts };
  return `${JSON.stringify({ ...all, devDependencies: from(askedToBuild) }, null, 2)}\n`;
}

const libraries: Files = Object.fromEntries(
  LIBRARIES.map((name) => [`libs/${name}/package.json`, `{"name":"${name}","version":"1.0.0"}\n`]),
);

const known = new Map<string, Files>();

/** A manifest, and the lockfile npm makes for it; once for each. */
async function locked(
  made: Scene,
  asked: readonly string[],
  askedToBuild: readonly string[],
): Promise<Files> {
  const text = manifest(asked, askedToBuild);
  const files = known.get(text) ?? (await lockedByNpm(made, text));
  known.set(text, files);
  return files;
}

async function lockedByNpm({ repo }: Scene, text: string): Promise<Files> {
  for (const [path, content] of Object.entries(libraries)) await repo.write(path, content);
  await writeFile(join(repo.dir, 'package.json'), text);
  const { code, stderr } = await repo.exec('sh', ['-c', NPM.replace('$PWD/..', '$HOME')]);
  expect(stderr).not.toContain('npm error');
  expect(code).toBe(0);
  const lock = await readFile(join(repo.dir, 'package-lock.json'), 'utf8');
  await repo.git('clean', '-fdq');
  await repo.git('reset', '-q', '--hard');
  return { 'package.json': text, 'package-lock.json': lock };
}

/** An agent asks for one library, a person for another right after: their lines in the lockfile meet. */
async function lockScene(): Promise<Scene & { readonly wanted: string; readonly by: string }> {
  const made = await scene();
  await made.person({ ...libraries, ...(await locked(made, ['alpha'], [])) });
  await made.agent(await locked(made, ['alpha', 'beta'], []));
  const by = await made.person(await locked(made, ['alpha', 'beta'], ['delta']));
  const wanted = (await locked(made, ['alpha'], ['delta']))['package-lock.json'] ?? '';
  return { ...made, wanted, by };
}

describe('lockfiles that are made again', () => {
  it('R51 is what npm makes of the manifest without the work, byte for byte, and clean once a command has passed', async () => {
    const { plan, wanted } = await lockScene();
    const options = { regenerate: true, ...regenerator({ 'package-lock.json': NPM }) };
    const made = await plan({ ...options, verify: yes });
    expect(made.plan).toMatchObject({
      verdict: 'clean',
      verified: true,
      why: [],
      blockers: [],
      regenerated: [{ path: 'package-lock.json', command: NPM }],
    });
    expect(schemaProblems(made.plan)).toEqual([]);
    expect(await made.file('package-lock.json')).toBe(wanted);
    expect(await made.file('package.json')).toBe(manifest(['alpha'], ['delta']));
    // Nobody has looked at it: then it is for a person to say.
    expect((await plan(options)).plan).toMatchObject({ verdict: 'needs-decision', verified: null });
    const failed = await plan({ ...options, verify: async () => false });
    expect(failed.plan).toMatchObject({ verdict: 'needs-decision', resultTree: null });
    expect(failed.plan.why).toContain('with --regenerate the verify command fails');
  });

  it('R51 no command runs before somebody asks for it: the way is only offered, and nothing changes', async () => {
    const { plan, by, repo } = await lockScene();
    await repo.git('config', 'agentLog.package-lock.json.regenerate', 'touch "$HOME/ran"; false');
    const before = await everyByte(repo);
    const { plan: planned } = await plan(regenerator({ 'package-lock.json': 'false' }));
    expect(planned).toMatchObject({
      verdict: 'needs-decision',
      resultTree: null,
      blockers: [{ commit: by }],
    });
    const [offered] = planned.options;
    expect(offered).toEqual({
      flag: '--regenerate',
      verdict: 'needs-decision',
      adds: [],
      regenerates: ['package-lock.json'],
    });
    const one = planned.units[0]?.commit ?? '';
    const { stdout } = await repo.exec(REVERT, ['--plan', one]);
    expect(stdout).toContain('--regenerate                 yours to look at, makes 1 file again');
    expect(await everyByte(repo)).toEqual(before);
    expect((await repo.exec('ls', [repo.env['HOME'] ?? ''])).stdout).not.toContain('ran');
  });

  it('R51 without a rule nothing runs, whatever the tree says: it names the setting that would', async () => {
    const { plan, agent } = await lockScene();
    // npm takes the program it calls for git from here, scripts off or not.
    await agent({ '.npmrc': 'git=./evil.sh\n' }, 'other');
    for (const regenerate of [false, true]) {
      const { plan: planned } = await plan({ regenerate, regenerator: regenerator({}).regenerator });
      expect(planned).toMatchObject({ verdict: 'needs-decision', resultTree: null });
      expect(planned.options.some(({ flag }) => flag === '--regenerate')).toBe(false);
      expect(planned.why).toContain(
        "a tool can make package-lock.json again, with --regenerate, once you say so: git config agentLog.package-lock.json.regenerate 'npm install --package-lock-only --ignore-scripts --git=git'",
      );
    }
  });

  it('R52 one that git merges and that does not fit its manifest is made to fit', async () => {
    const made = await scene();
    await made.person({ ...libraries, ...(await locked(made, ['alpha'], [])) });
    const { 'package-lock.json': lock = '' } = await locked(made, ['alpha', 'beta'], []);
    await made.agent({ 'package-lock.json': lock });
    await made.person({ 'package.json': manifest(['alpha', 'beta'], []) });
    const options = { regenerate: true, verify: yes, ...regenerator({ 'package-lock.json': NPM }) };
    const planned = await made.plan(options);
    expect(planned.plan).toMatchObject({ verdict: 'noop', resultTree: null });
    const without = await made.plan(regenerator({ 'package-lock.json': NPM }));
    expect(without.plan.why).toEqual(['package-lock.json would not fit package.json any more']);
  });

  it('R55 one marked binary, with far lines, is made again', async () => {
    const made = await scene();
    const attributes = { '.gitattributes': 'package-lock.json binary\n' };
    await made.person({ ...attributes, ...libraries, ...(await locked(made, ['alpha'], [])) });
    await made.agent(await locked(made, ['alpha', 'beta'], []));
    await made.person(await locked(made, ['alpha', 'beta'], ['delta']));
    const options = { regenerate: true, verify: yes, ...regenerator({ 'package-lock.json': NPM }) };
    expect((await made.plan(options)).plan).toMatchObject({ verdict: 'clean', why: [] });
  });

  it('in a folder of its own is made there, and another beside it stays as it is', async () => {
    const { agent, person, plan } = await scene();
    const lock = (text: string): Files => ({
      'a/package-lock.json': `${text}\n`,
      'b/package-lock.json': 'b\n',
    });
    await person({ 'a/package.json': '{"version":"1"}\n', ...lock('one') });
    await agent(lock('two'));
    await person(lock('three'));
    const rules = regenerator({
      'package-lock.json': 'echo "$1 made in $(basename "$PWD")" > package-lock.json',
    });
    const made = await plan({ regenerate: true, verify: yes, ...rules });
    expect(made.plan.files.map(({ path }) => path)).toEqual(['a/package-lock.json']);
    expect(await made.file('a/package-lock.json')).toBe('./package-lock.json made in a\n');
  });
});

/** `cat src/*.txt` makes `all.gen.txt`; an agent and a person changed neighbouring lines of it, each by another source. */
async function generatedScene(): Promise<Scene> {
  const made = await scene();
  const [a, b, c] = ['1', '2', '3'];
  await made.person({ 'src/a.txt': lines(['1']), 'src/b.txt': lines(['2']), 'all.gen.txt': lines([a, b]) });
  await made.agent({ 'src/a.txt': lines(['1', 'one']), 'all.gen.txt': lines([a, 'one', b]) });
  await made.person({ 'src/b.txt': lines(['two', '3']), 'all.gen.txt': lines([a, 'one', 'two', c]) });
  return made;
}

const CAT = 'cat src/*.txt > all.gen.txt';

describe('generated files', () => {
  it('R53 are made again on the result and not merged; the plan, the message and the record say so', async () => {
    const { plan, repo, ledger } = await generatedScene();
    const made = await plan({ regenerate: true, verify: yes, ...regenerator({ '*.gen.txt': CAT }) });
    expect(made.plan).toMatchObject({
      verdict: 'clean',
      regenerated: [{ path: 'all.gen.txt', command: CAT }],
    });
    expect(await made.file('all.gen.txt')).toBe(lines(['1', 'two', '3']));
    const { commit, record } = await made.apply();
    expect(record).toMatchObject({ verdict: 'relaxed', regenerated: ['all.gen.txt'], verified: true });
    expect(schemaProblems(record)).toEqual([]);
    const message = await repo.git('log', '-1', '--format=%B', commit ?? '');
    expect(message).toContain('Made again, not merged: all.gen.txt\n');
    expect(message).toContain('Revert-Verdict: relaxed');
    expect(ledger.repo.top).toBe(repo.dir);
    // No merge leads there: the record of it counts.
    expect((await plan()).plan.verdict).toBe('already-reverted');
  });

  it('R53 lines git could merge are not merged where a command makes the file', async () => {
    const { agent, person, plan } = await scene();
    await person({ 'far.gen.txt': ten() });
    await agent({ 'far.gen.txt': ten({ 1: 'agent' }) });
    await person({ 'far.gen.txt': ten({ 1: 'agent', 10: 'person' }) });
    const rules = regenerator({ '*.gen.txt': 'echo made > far.gen.txt' });
    const { plan: planned } = await plan(rules);
    expect(planned).toMatchObject({ verdict: 'needs-decision', resultTree: null });
    expect(planned.why).toEqual([
      "far.gen.txt is made by 'echo made > far.gen.txt', and no merge of two versions of it",
    ]);
    expect(planned.options.map(({ flag }) => flag)).toEqual(['--regenerate', '--worktree']);
    expect((await plan({ relaxed: true, verify: yes, ...rules })).plan.resultTree).toBeNull();
    const made = await plan({ regenerate: true, verify: yes, ...rules });
    expect(await made.file('far.gen.txt')).toBe('made\n');
  });

  it('R53 one that is only marked as generated is named, with the setting that would make it again', async () => {
    const { agent, person, plan } = await scene();
    await person({ '.gitattributes': 'far.ts linguist-generated\n', 'far.ts': ten() });
    await agent({ 'far.ts': ten({ 1: 'agent' }) });
    await person({ 'far.ts': ten({ 1: 'agent', 10: 'person' }) });
    const { plan: planned } = await plan();
    expect(planned).toMatchObject({ verdict: 'clean', warnings: [{ kind: 'generated', paths: ['far.ts'] }] });
    expect(planned.warnings[0]?.text).toContain("git config agentLog.far.ts.regenerate '<command>'");
  });

  it('R53 what nobody changed since goes back whole, and no command runs', async () => {
    const { agent, person, plan } = await scene();
    await person({ 'all.gen.txt': 'one\n' });
    await agent({ 'all.gen.txt': 'two\n' });
    const made = await plan({ regenerate: true, ...regenerator({ '*.gen.txt': 'false' }) });
    expect(made.plan.verdict).toBe('clean');
    expect(made.plan.regenerated).toBeUndefined();
    expect(await made.file('all.gen.txt')).toBe('one\n');
  });

  it('of what a command does only the files of its rule count, new ones and deleted ones too', async () => {
    const { plan, repo } = await generatedScene();
    const command = `${CAT}; echo new > gen/new.gen.txt; echo x > src/a.txt; echo y > stray.txt`;
    const rules = regenerator({ '*.gen.txt': `mkdir gen; ${command}` });
    const made = await plan({ regenerate: true, verify: yes, ...rules });
    expect(await made.files()).toEqual([
      'README.md',
      'all.gen.txt',
      'gen/new.gen.txt',
      'src/a.txt',
      'src/b.txt',
    ]);
    expect(await made.file('src/a.txt')).toBe('1\n');
    expect((await repo.git('status', '--porcelain')).trim()).toBe('');
  });

  it('goes, where the work brought it, whatever was written into it since', async () => {
    const { agent, person, plan } = await scene();
    await person({ 'src/a.txt': '1\n' });
    await agent({ 'src/b.txt': '2\n', 'all.gen.txt': '1\n2\n' });
    await person({ 'src/a.txt': '0\n', 'all.gen.txt': '0\n2\n' });
    const made = await plan({ regenerate: true, verify: yes, ...regenerator({ '*.gen.txt': CAT }) });
    expect(made.plan.verdict).toBe('clean');
    expect(await made.files()).toEqual(['README.md', 'src/a.txt']);
  });
});

describe('a command that fails', () => {
  const failing: readonly (readonly [string, string, string, number])[] = [
    [
      'exits with 1',
      'for i in 1 2 3 4 5 6 7; do echo line $i; done; exit 1',
      'line 3 / line 4 / line 5 / line 6 / line 7',
      60_000,
    ],
    ['takes too long', 'echo begun; sleep 60', 'begun / ended after 0.4 seconds', 400],
    ['prints control characters', 'printf "\\033[2Jred\\nto\\rhere"; exit 2', 'red / to / here', 60_000],
    ['prints without end', 'yes | head -c 3000000; echo; echo last; exit 1', 'y / y / y / y / last', 60_000],
  ];
  it.each(failing)('%s: it needs a decision, with its last lines', async (_, command, last, limit) => {
    const { plan } = await generatedScene();
    const { plan: planned } = await plan({
      regenerate: true,
      verify: yes,
      ...regenerator({ '*.gen.txt': command }, limit),
    });
    expect(planned).toMatchObject({ verdict: 'needs-decision', resultTree: null });
    const why = planned.why.join('\n');
    expect(why).toContain(`with --regenerate '${command}' could not make all.gen.txt again: `);
    expect(why).toContain(last);
  });

  it('makes a link where a file was: that is none', async () => {
    const { plan } = await generatedScene();
    const rules = regenerator({ '*.gen.txt': 'ln -sf /etc/passwd all.gen.txt' });
    const { plan: planned } = await plan({ regenerate: true, verify: yes, ...rules });
    expect(planned.resultTree).toBeNull();
    expect(planned.why).toContain('with --regenerate all.gen.txt would be no regular file');
  });

  it('a file that is called like a flag or a command is neither', async () => {
    const { agent, person, plan } = await scene();
    const name = '-rf $(touch evil).gen.txt';
    await person({ [name]: 'one\n' });
    await agent({ [name]: 'two\n' });
    await person({ [name]: 'three\n' });
    const rules = regenerator({ '*.gen.txt': 'for f; do echo made > "$f"; done; ls > list.gen.txt' });
    const made = await plan({ regenerate: true, verify: yes, ...rules });
    expect(await made.file(name)).toBe('made\n');
    expect(await made.file('list.gen.txt')).toBe(`${name}\nREADME.md\nlist.gen.txt\n`);
  });
});
