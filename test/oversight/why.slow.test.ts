import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AgentLogError } from '../../lib/core/errors.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { openLedger } from '../../lib/ledger/ledger.ts';
import { explainLines } from '../../lib/oversight/why.ts';
import { type WhyDocument, whyDocument } from '../../lib/oversight/why-document.ts';
import { targetsOf } from '../../lib/oversight/why-target.ts';
import { makeRepo, repoAt, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

const ODD = ['a', 'a:3', '-d', ':(top)x', '*', 'with space', 'ünï.txt', '"q"', 'line\nfeed', '\u001b[31m'];

let repo: TestRepo;

beforeAll(async () => {
  repo = await makeRepo();
  await repo.run(['init', '--agents', 'none']);
  await repo.commit('By hand', {
    'src/a.js': 'one\ntwo\nthree\n',
    'old.js': 'gone\n',
    empty: '',
    'bin.dat': 'a\0b',
    ...Object.fromEntries(ODD.map((path) => [path, `${path.length}\nb\nc\n`])),
  });
  const agent = 'printf "four\\nfive\\n" >> src/a.js; git add -A; git commit -q -m "Add part two"';
  await repo.run([
    'run',
    '--task',
    'Add part two',
    '--agent',
    'my-agent',
    '--model',
    'm-1',
    '--',
    'sh',
    '-c',
    agent,
  ]);
  await repo.commit('Six\n\nCo-Authored-By: Claude <noreply@anthropic.com>', {
    'src/a.js': 'one\ntwo\nthree\nfour\nfive\nsix\n',
  });
  await repo.git('mv', 'src/a.js', 'src/b.js');
  await repo.git('rm', '-q', 'old.js');
  await repo.git('commit', '-q', '-m', 'Rename');
  await repo.write('src/b.js', 'one\ntwo\nthree\nfour\nfive\nsix\nseven');
  await repo.write('untracked', 'x\n');
});

afterAll(() => repo.remove());

async function why(
  given: string,
  revision: string | null = null,
  cwd: string = repo.dir,
): Promise<WhyDocument> {
  const ledger = openLedger(await findRepository({ cwd }));
  try {
    const document = whyDocument(await explainLines(ledger, given, { revision }), new Map());
    expect(schemaProblems(JSON.parse(JSON.stringify(document)))).toEqual([]);
    return document;
  } finally {
    ledger.close();
  }
}

async function refusal(given: string, revision: string | null = null, cwd?: string): Promise<string> {
  const error: unknown = await why(given, revision, cwd).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AgentLogError)) throw error ?? new Error(`${given} was explained`);
  expect(error.hints.length).toBeGreaterThan(0);
  return `${error.kind}: ${error.message}`;
}

describe('a whole file', () => {
  test('is summed up by transaction, author and what is not committed', async () => {
    const { groups, lines, asked } = await why('src/b.js');
    expect([lines, asked]).toEqual([7, null]);
    expect(groups.map((group) => [group.authorship, group.txn !== null, group.runs])).toEqual([
      ['human', false, [{ from: 1, to: 3 }]],
      ['agent', true, [{ from: 4, to: 5 }]],
      ['agent', false, [{ from: 6, to: 6 }]],
      ['uncommitted', false, [{ from: 7, to: 7 }]],
    ]);
    expect(groups[0]?.author).toBe('Jane Doe <jane@example.com>');
    expect(groups[2]?.commits[0]?.signals.map(({ agent }) => agent)).toEqual(['claude-code']);
  });

  test('lines are those git blame gives, whichever commit is asked', async () => {
    for (const revision of ['HEAD', 'HEAD~1', 'HEAD~2']) {
      const path = revision === 'HEAD' ? 'src/b.js' : 'src/a.js';
      const { groups } = await why(path, revision);
      const ours = groups
        .flatMap(({ commits }) => commits)
        .flatMap(({ commit, runs }) =>
          runs.flatMap(({ from, to }) => range(from, to).map((n) => `${n} ${commit}`)),
        );
      const blamed = await repo.git('blame', '-l', '-s', '--root', revision, '--', path);
      const theirs = blamed.split('\n').map((line, i) => `${i + 1} ${line.slice(0, 40)}`);
      expect(ours.sort()).toEqual(theirs.sort());
    }
  });
});

describe('a line', () => {
  test('leads to its transaction, under the name the file had then', async () => {
    const { groups, text } = await why('src/b.js:4');
    expect(text).toBe('four');
    expect(groups).toMatchObject([
      {
        authorship: 'agent',
        agent: { name: 'my-agent' },
        model: { name: 'm-1' },
        sponsor: { name: 'Jane Doe' },
        task: { size: 12 },
        commits: [{ subject: 'Add part two', path: 'src/a.js', by: 'shell', binding: 'exact', sealed: true }],
      },
    ]);
  });

  test('may be the last one, without a line feed', async () => {
    expect(await why('src/b.js:7')).toMatchObject({ text: 'seven', groups: [{ authorship: 'uncommitted' }] });
  });

  test('may be two, in either order', async () => {
    const [one, other] = [await why('src/b.js:3,6'), await why('src/b.js:6,3')];
    expect(one).toEqual(other);
    expect(one.text).toBe('three\nfour\nfive\nsix');
  });

  test('that only claims a record has no story', async () => {
    const message = await repo.git('log', '-1', '--format=%B', 'HEAD~2');
    const clone = repoAt(repo.path('../claims'), repo.home);
    await repo.git('clone', '-q', '.', clone.dir);
    await clone.git('fetch', '-q', 'origin', 'refs/notes/agent-log:refs/notes/agent-log');
    await clone.git('config', 'user.name', 'Max');
    await clone.git('config', 'user.email', 'max@example.com');
    const commit = await clone.commit(message, { 'new.js': 'x\n' });
    const document = await why('new.js:1', null, clone.dir);
    expect(document.groups).toMatchObject([
      { txn: null, sponsor: null, commits: [{ commit, binding: 'claimed' }] },
    ]);
  });
});

describe('hostile names', () => {
  test.each(ODD)('%j is a name', async (path) => {
    const document = await why(path);
    expect(document).toMatchObject({ file: path, asked: null, lines: 3 });
    expect(document.groups[0]?.commits[0]?.path).toBe(path);
    expect(await why(`${path}:1`)).toMatchObject({ file: path, text: String(path.length) });
  });

  test('a file called a:3 comes before line 3 of a', async () => {
    expect(await why('a:3')).toMatchObject({ file: 'a:3', asked: null });
    expect(await why('a:2')).toMatchObject({ file: 'a', asked: { from: 2, to: 2 } });
  });

  test('reach a terminal escaped', async () => {
    const { stdout, code } = await repo.run(['why', '--', '\u001b[31m:2']);
    expect(code).toBe(1);
    expect(stdout).toContain('\\e[31m');
    expect(stdout).not.toContain('\u001b');
  });

  test('a revision that looks like an option is none', async () => {
    expect(await refusal('a', '--contents=/etc/passwd')).toMatch(/^answer: no commit is called/);
  });

  test('a text converter that the repository asks for never runs', async () => {
    const clone = repoAt(repo.path('../conv'), repo.home);
    await repo.git('clone', '-q', '.', clone.dir);
    await clone.git('config', 'diff.evil.textconv', `touch ${clone.path('ran')}; cat`);
    await clone.write('.gitattributes', '* diff=evil\n');
    await why('a', null, clone.dir);
    await why('a', 'HEAD', clone.dir);
    await expect(clone.read('ran')).rejects.toThrow();
  });

  test('any text is one or two targets, the first of them the whole text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(99_999), (name, line) => {
        expect(targetsOf(name)[0]).toEqual({ path: name, lines: null });
        expect(targetsOf(`${name}:${line}`)[1]).toEqual({ path: name, lines: { from: line, to: line } });
      }),
    );
  });
});

describe('what has no lines says so, and what to do', () => {
  test.each([
    ['empty', 'answer: empty is empty: it has no lines'],
    ['bin.dat', 'answer: bin.dat is binary: it has no lines'],
    ['src', 'answer: src is a folder'],
    ['.', 'answer: . is a folder'],
    ['nothing', 'answer: there is no file nothing'],
    ['nothing:3', 'answer: there is no file nothing'],
    ['old.js', 'answer: there is no file old.js any more'],
    ['untracked', 'answer: untracked is not under version control'],
    ['src/b.js:8', 'answer: src/b.js ends at line 7; there is no line 8'],
    ['src/b.js:0', 'usage: lines are counted from 1'],
    ['../x', 'answer: ../x is outside this repository'],
    ['/etc/passwd', 'answer: /etc/passwd is outside this repository'],
  ])('%s', async (given, message) => {
    expect(await refusal(given)).toBe(message);
  });

  test('a file that another commit has', async () => {
    expect(await refusal('src/b.js', 'HEAD~1')).toBe('answer: there is no file src/b.js in HEAD~1');
  });

  test('a repository without a commit, and one without a worktree', async () => {
    const fresh = await makeRepo({ firstCommit: false });
    try {
      await fresh.write('a', 'a\n');
      expect(await refusal('a', null, fresh.dir)).toBe('answer: nothing is committed yet');
    } finally {
      await fresh.remove();
    }
    const bare = repo.path('../bare.git');
    await repo.git('clone', '-q', '--bare', '.', bare);
    expect(await refusal('a', null, bare)).toBe('answer: this repository has no worktree');
    expect(await why('src/b.js:4', 'HEAD', bare)).toMatchObject({ text: 'four' });
  });

  test('a submodule and a file in it', async () => {
    const outer = repoAt(repo.path('../outer'), repo.home);
    await repo.git('clone', '-q', '.', outer.dir);
    await outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo.dir, 'sub');
    expect(await refusal('sub', null, outer.dir)).toMatch(/^answer: sub is a submodule/);
    expect(await refusal('sub/a', null, outer.dir)).toMatch(/^answer: sub\/a is in another repository: /);
  });
});

test('a shallow clone says where its knowledge ends', async () => {
  const shallow = repo.path('../shallow');
  await repo.git('clone', '-q', '--depth', '1', `file://${repo.dir}`, shallow);
  const { groups } = await why('src/b.js:1', null, shallow);
  expect(groups).toMatchObject([{ commits: [{ subject: 'Rename', shallow: true }] }]);
  expect((await why('src/b.js:1')).groups[0]?.commits[0]?.shallow).toBe(false);
});

test('paths are seen from the folder one is in, and may be absolute', async () => {
  expect(await why('b.js:4', null, repo.path('src'))).toMatchObject({ file: 'src/b.js', text: 'four' });
  expect(await why('../a', null, repo.path('src'))).toMatchObject({ file: 'a' });
  expect(await why(repo.path('src/b.js'))).toMatchObject({ file: 'src/b.js' });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
