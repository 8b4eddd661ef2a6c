import { readdir, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemsByFixture } from '../support/published-formats.ts';
import { agentCommit, install } from '../support/recorded.ts';
import { makeRepo, repoAt, type TestRepo } from '../support/repo.ts';

const TASK = 'Add the file nobody else may read of';

let repo: TestRepo;
let first = '';

interface Trace {
  readonly vcs: { revision: string };
  readonly files: { path: string; conversations: { ranges: object[]; contributor: { type: string } }[] }[];
  readonly metadata: Record<string, { txn: string; binding: string; record: string }>;
}

/** Two commits by a command, one by an agent's own environment, one by a person. */
beforeAll(async () => {
  repo = await makeRepo();
  await install(repo);
  const edits = [
    'printf "one\\ntwo\\n" > a.txt; git add -A; git commit -q -m One',
    'printf "zero\\none\\ntwo\\nthree\\n" > a.txt; printf "x\\0" > b.dat; git add -A; git commit -q -m Two',
  ].join('; ');
  await repo.run(['run', '--task', TASK, '--agent', 'my-agent', '--model', 'm-1', '--', 'sh', '-c', edits]);
  first = await repo.git('rev-parse', 'HEAD~1');
  await agentCommit(repo, 'By an agent', { 'c.txt': 'c\n' });
  await repo.commit('By hand', { 'a.txt': 'mine\n' });
});

afterAll(() => repo.remove());

const linesOf = (text: string): unknown[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);

describe('agent-trace', () => {
  test('has a line per recorded commit, with the lines that are the agent’s', async () => {
    const { stdout, stderr, code } = await repo.run(['export', 'agent-trace']);
    expect([stderr, code]).toEqual(['', 0]);
    const traces = linesOf(stdout) as Trace[];
    expect(traces).toHaveLength(3);
    const second = await repo.git('rev-parse', 'HEAD~2');
    expect(traces.find(({ vcs }) => vcs.revision === second)?.files).toEqual([
      {
        path: 'a.txt',
        conversations: [
          {
            contributor: { type: 'ai', model_id: 'm-1' },
            ranges: [
              { start_line: 1, end_line: 1 },
              { start_line: 4, end_line: 4 },
            ],
          },
        ],
      },
      { path: 'b.dat', conversations: [{ contributor: { type: 'ai', model_id: 'm-1' }, ranges: [] }] },
    ]);
  });

  test('leaves out, and says so, what is not shown to be its record’s work', async () => {
    const clone = repoAt(repo.path('../shallow'), repo.home);
    await repo.git('clone', '-q', '--depth', '1', `file://${repo.dir}`, clone.dir);
    await clone.git('fetch', '-q', '--depth', '1', 'origin', 'refs/notes/agent-log:refs/notes/agent-log');
    const { stdout, stderr, code } = await clone.run(['export', 'agent-trace']);
    expect([stdout, code]).toEqual(['', 0]);
    expect(stderr).toMatch(/^note: 3 commits left out/);
    expect(linesOf((await clone.run(['export', 'otel'])).stdout)).toHaveLength(3);
  });

  test('a note that was copied to another commit claims nothing for it', async () => {
    const clone = repoAt(repo.path('../copied'), repo.home);
    await repo.git('clone', '-q', '.', clone.dir);
    await clone.git('fetch', '-q', 'origin', 'refs/notes/agent-log:refs/notes/agent-log');
    const person = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
    await clone.git(...person, 'notes', '--ref=agent-log', 'copy', first, 'HEAD');
    const revisions = linesOf((await clone.run(['export', 'agent-trace'])).stdout).map(
      (trace) => (trace as Trace).vcs.revision,
    );
    expect(revisions).toHaveLength(3);
    expect(revisions).not.toContain(await clone.git('rev-parse', 'HEAD'));
  });
});

describe('every format', () => {
  test.each(['agent-trace', 'otel', 'in-toto', 'oscal', 'csv'])(
    '%s: the same bytes twice, in a clone, and in a file',
    async (format) => {
      const { stdout } = await repo.run(['export', format]);
      expect((await repo.run(['export', format])).stdout).toBe(stdout);
      const clone = repoAt(repo.path(`../clone-${format}`), repo.home);
      await repo.git('clone', '-q', '.', clone.dir);
      await clone.git('fetch', '-q', 'origin', 'refs/notes/agent-log:refs/notes/agent-log');
      expect((await clone.run(['export', format])).stdout).toBe(stdout);
      const { stdout: said } = await clone.run(['export', format, '-o', 'out.jsonl']);
      expect(said).toBe('');
      expect(await clone.read('out.jsonl')).toBe(stdout);
    },
  );

  test.each(['agent-trace', 'otel'])('%s: no text is exported, nor its size or salt', async (format) => {
    const { stdout } = await repo.run(['export', format]);
    expect(stdout).not.toContain(TASK);
    expect(stdout).not.toContain('printf');
    expect(stdout).not.toMatch(/"(text|salt|size)"/);
    expect(stdout).toContain('hmac-sha256:');
  });

  test.each(['agent-trace', 'otel'])('%s: only what a range has', async (format) => {
    const { stdout } = await repo.run(['export', format, 'HEAD~2..HEAD']);
    expect(linesOf(stdout)).toHaveLength(1);
    expect((await repo.run(['export', format, 'HEAD~1..HEAD'])).stdout).toBe('');
  });

  test('a file that can’t be written is left as it was, and so is its folder', async () => {
    const { code, stderr } = await repo.run(['export', 'otel', '-o', 'nowhere/out.jsonl']);
    expect(code).toBe(128);
    expect(stderr).toMatch(/^error: .*nowhere\/out\.jsonl can't be written\n.*\nhint: /);
    const clone = repoAt(repo.path('../broken'), repo.home);
    await repo.git('clone', '-q', '.', clone.dir);
    await clone.git('fetch', '-q', 'origin', 'refs/notes/agent-log:refs/notes/agent-log');
    const blob = await clone.git('rev-parse', `${first}:a.txt`);
    await rm(clone.path('.git/objects', blob.slice(0, 2), blob.slice(2)));
    await clone.write('out/old', 'old\n');
    const bad = await clone.run(['export', 'agent-trace', '-o', 'out/old']);
    expect(bad.code).toBe(128);
    expect(await readdir(clone.path('out'))).toEqual(['old']);
    expect(await clone.read('out/old')).toBe('old\n');
  });

  test.each(['in-toto', 'oscal', 'csv'])('%s: no text is exported, nor its salt', async (format) => {
    const { stdout } = await repo.run(['export', format]);
    const decoded = stdout.replaceAll(/"payload":"([^"]*)"/g, (_all, base64: string) =>
      Buffer.from(base64, 'base64').toString('utf8'),
    );
    expect(decoded).toContain('my-agent');
    expect(decoded).not.toContain(TASK);
    expect(decoded).not.toContain('printf');
    expect(decoded).not.toMatch(/"(text|salt)"/);
  });

  test('in-toto has an unsigned statement per record, each on a commit of the repository', async () => {
    const { stdout, stderr, code } = await repo.run(['export', 'in-toto']);
    expect([stderr, code]).toEqual(['', 0]);
    const statements = (linesOf(stdout) as { payload: string; signatures: object[] }[]).map((line) => {
      expect(line.signatures).toEqual([]);
      return JSON.parse(Buffer.from(line.payload, 'base64').toString('utf8')) as {
        subject: { digest: { gitCommit: string } }[];
      };
    });
    const commits = statements.map(({ subject }) => subject[0]?.digest.gitCommit ?? '');
    expect(new Set(commits)).toEqual(new Set((await repo.git('rev-list', 'HEAD~1', '^HEAD~4')).split('\n')));
    expect((await repo.run(['export', 'in-toto', 'HEAD~1..HEAD'])).stdout).toBe('');
  });

  test('csv tells each row how many there are, and at which commit of the ledger', async () => {
    const { stdout, code } = await repo.run(['export', 'csv']);
    expect(code).toBe(0);
    expect(stdout.endsWith('\r\n')).toBe(true);
    const [header = '', ...rows] = stdout.trimEnd().split('\r\n');
    expect(header).toMatch(/^row,of,ledger_tip,record,/);
    const tip = await repo.git('rev-parse', 'refs/notes/agent-log');
    expect(rows.map((row) => row.split(',').slice(0, 3))).toEqual([
      ['1', '3', tip],
      ['2', '3', tip],
      ['3', '3', tip],
    ]);
  });

  test('oscal is one JSON document, the same again', async () => {
    const first = await repo.run(['export', 'oscal']);
    expect(first.code).toBe(0);
    const { 'assessment-results': results } = JSON.parse(first.stdout) as {
      'assessment-results': { results: { observations: object[] }[] };
    };
    expect(results.results[0]?.observations).toHaveLength(3);
    const problems = problemsByFixture('oscal/assessment-results.excerpt.json');
    expect(problems(JSON.parse(first.stdout))).toEqual([]);
    expect((await repo.run(['export', 'oscal'])).stdout).toBe(first.stdout);
  });

  test('attack: oscal of a ledger whose last commit is of a time that there is not', async () => {
    const clone = repoAt(repo.path('../far'), repo.home);
    await repo.git('clone', '-q', '.', clone.dir);
    await clone.git('fetch', '-q', 'origin', 'refs/notes/agent-log:refs/notes/agent-log');
    const [tree, parent] = (
      await clone.git('rev-parse', 'refs/notes/agent-log^{tree}', 'refs/notes/agent-log')
    ).split('\n');
    const who = 'x <x@example.com> 99999999999999 +0000';
    await clone.write('far', `tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\n\nfar\n`);
    const far = await clone.git('hash-object', '-t', 'commit', '-w', '--literally', 'far');
    await clone.git('update-ref', 'refs/notes/agent-log', far);
    const { stdout, code } = await clone.run(['export', 'oscal']);
    expect(code).toBe(0);
    expect(problemsByFixture('oscal/assessment-results.excerpt.json')(JSON.parse(stdout))).toEqual([]);
    expect(stdout).toContain('"last-modified":"2999-12-31T23:59:59.000Z"');
  });

  test.each([
    [
      'in_toto',
      /^error: no export format is called 'in_toto'\nhint: There are: agent-trace, otel, in-toto, oscal, csv/,
    ],
    ['nonsense', /^error: no export format is called 'nonsense'\nhint: /],
  ])('%s is refused', async (format, message) => {
    const { code, stderr, stdout } = await repo.run(['export', format]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});
