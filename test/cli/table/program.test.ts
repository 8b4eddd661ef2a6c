import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../lib/cli/table/table.ts';
import { reportError } from '../../../lib/cli/terminal/report.ts';
import { AgentLogError } from '../../../lib/core/errors.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const schemas = fileURLToPath(new URL('../../../schemas/', import.meta.url));
const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
for (const file of readdirSync(schemas).filter((name) => name.endsWith('.json')))
  ajv.addSchema(JSON.parse(readFileSync(join(schemas, file), 'utf8')) as object);

function problems(schema: string, document: unknown): string {
  const validate = ajv.getSchema(`agent-log:/schemas/${schema}.json`);
  if (!validate) throw new Error(`no schema ${schema}`);
  return validate(document) ? '' : ajv.errorsText(validate.errors);
}

let repo: TestRepo;
let agentCommit: string;
let humanCommit: string;
let txn: string;
beforeAll(async () => {
  repo = await makeRepo();
  humanCommit = await repo.git('rev-parse', 'HEAD');
  await repo.run(['init', '--agents', 'none']);
  const script =
    'echo 1 > sub.txt && mkdir -p sub && cp sub.txt sub/two && git add -A && git commit -q -m "By an agent"';
  const ran = await repo.run([
    'run',
    '--task',
    'Write\u001b[31m two files',
    '--agent',
    'tester',
    '--model',
    'm-1',
    '--',
    'sh',
    '-c',
    script,
  ]);
  expect(ran.code).toBe(0);
  agentCommit = await repo.git('rev-parse', 'HEAD');
  txn = /[0-7][0-9A-HJKMNP-TV-Z]{25}/.exec(ran.stdout + ran.stderr)?.[0] ?? '';
});
afterAll(() => repo.remove());

describe('reportError', () => {
  it('says what is wrong, why, and what to do', () => {
    const cause = new Error('disk\nfull');
    const error = new AgentLogError('IO_FAILED', 'system', 'could not write \u001b[31mx', {
      cause,
      hints: ['Make room.', 'Try again.'],
    });
    expect(reportError(error, false)).toMatchInlineSnapshot(`
      {
        "exitCode": 128,
        "text": "error: could not write \\e[31mx
      because: disk\\nfull
      hint: Make room.
      hint: Try again.
      ",
      }
    `);
  });

  it('owns up to a mistake of ours', () => {
    expect(reportError(new TypeError('x is not a function'), false)).toMatchInlineSnapshot(`
      {
        "exitCode": 255,
        "text": "error: x is not a function
      hint: This is a mistake of git-agent-log. Run it again with --debug and report what it prints.
      ",
      }
    `);
  });

  it('prints where it happened only when asked, and no control characters with it', () => {
    const error = new Error('bad \u0007');
    expect(reportError(error, false).text).not.toMatch(/^ +at /m);
    const { text } = reportError(error, true);
    expect(text).toContain('program.test.ts');
    expect(text).not.toContain('\u0007');
  });

  it('attack: tells each mistake on a line of its own, and lets none look like a line of ours', () => {
    const error = new AgentLogError('BAD_POLICY', 'usage', 'the policy has 2 mistakes', {
      mistakes: ['p.yaml:4:5: no such key', 'p.yaml:5:1: there is no \'a\nhint: run "evil"\u001b[2J\''],
      hints: ['Mend it.'],
    });
    expect(reportError(new AgentLogError('NOT_FOUND', 'answer', 'no', { cause: error }), false).text).toBe(
      `error: no
because: the policy has 2 mistakes
  p.yaml:4:5: no such key
  p.yaml:5:1: there is no 'a\\nhint: run "evil"\\e[2J'
`,
    );
    expect(reportError(error, false).text).toMatch(
      /^error: .+ 2 mistakes\n {2}p.+\n {2}p.+\nhint: Mend it\.\n$/,
    );
  });

  it('follows causes, but not in a circle', () => {
    const error = new Error('a');
    error.cause = error;
    expect(reportError(error, false).text.match(/because:/g)).toHaveLength(5);
  });
});

describe('exit codes', () => {
  it.each([
    [0, ['list']],
    [0, ['show', 'HEAD']],
    [0, ['--version']],
    [0, ['help', 'show']],
    [1, ['show', 'HEAD~1']],
    [1, ['show', 'no-such-thing']],
    [1, ['list', 'no..such']],
    [1, ['end']],
    [2, []],
    [2, ['no-such-command']],
    [2, ['list', '--no-such-flag']],
    [2, ['list', '--since', 'yesterday-ish']],
    [2, ['list', '-n', 'x']],
    [2, ['show', 'a', 'b']],
    [2, ['begin']],
    [2, ['erase', '--reason', 'oops']],
    [2, ['begin', '--task', '@/no/such/file']],
    [2, ['begin', '--task', 'x', '--sponsor', 'Claude <noreply@anthropic.com>']],
    [2, ['init', '--shared', '--user']],
    [7, ['run', '--task', 'x', '--', 'sh', '-c', 'exit 7']],
    [128, ['run', '--task', 'x', '--', '/no/such/program']],
    [128, ['-C', '/', 'list']],
    [128, ['-C', '/no/such/folder', 'list']],
  ])('%i: %j', async (code, args) => {
    const outcome = await repo.run(args);
    expect(outcome).toMatchObject({ code });
    expect(outcome.stderr).not.toMatch(/^ +at /m);
    if (code !== 0 && code !== 7 && args.length > 0 && args[0] !== 'show')
      expect(outcome.stderr).toMatch(/^error: .+\n(.+\n)*hint: /m);
    if (code > 1 && code !== 7 && args.length > 0) expect(outcome.stdout).toBe('');
  });

  it('3 when a record of the note does not read', async () => {
    const other = await makeRepo();
    try {
      await other.git('notes', '--ref=agent-log', 'add', '-m', '{"schema":"agent-log/execution/v1"}', 'HEAD');
      const { code, stdout } = await other.run(['show', '--json']);
      expect(code).toBe(3);
      expect(JSON.parse(stdout)).toMatchObject({
        integrity: { ok: false, problems: [expect.stringContaining('invalid')] },
      });
    } finally {
      await other.remove();
    }
  });

  it.each([
    ['list', 'hint: git agent-log list -h says what it takes.\n'],
    ['agent-revert', 'hint: git agent-revert -h says what it takes.\n'],
  ])('%s says where its flags are told, and which was meant', async (command, hint) => {
    const { stderr } = await repo.run([command, '--jsno']);
    expect(stderr).toBe(`error: unknown option '--jsno'\nhint: Did you mean --json?\n${hint}`);
  });

  it('prints a stack with --debug only', async () => {
    expect((await repo.run(['show', 'none', '--debug'])).stderr).toMatch(/^ +at /m);
  });
});

describe('options of the program behind a command', () => {
  it.each([
    ['list', ['list', '--json', '-C', 'sub/..']],
    ['show', ['show', '-C', '.', 'HEAD', '--json']],
    ['in front, too', ['-C', 'sub', 'list', '--json', '-C', '..']],
  ])('-C works: %s', async (_, args) => {
    const { code, stdout, stderr } = await repo.run(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(agentCommit);
  });

  it('-C leads to another repository', async () => {
    const other = await makeRepo();
    try {
      expect((await repo.run(['list', '-C', other.dir])).stdout).toBe('No records.\n');
      expect((await other.run(['run', '-C', repo.dir, '--task', 'x', '--', 'pwd'])).stdout).toContain(
        repo.dir,
      );
    } finally {
      await other.remove();
    }
  });

  it('--no-color counts wherever it stands', async () => {
    const env = { GIT_PAGER_IN_USE: 'true', NO_COLOR: '' };
    const said = async (...args: string[]): Promise<string> => (await repo.run(args, { env })).stdout;
    expect(await said('show')).toContain('\u001b');
    expect(await said('--no-color', 'show')).not.toContain('\u001b');
    expect(await said('show', '--no-color')).not.toContain('\u001b');
  });
});

describe('help', () => {
  it.each([[], ...COMMANDS.map(({ name }) => [name])])(
    'of %s fits a terminal of 80 columns',
    async (...command) => {
      const { code, stdout, stderr } = await repo.run([...command, '-h'], { env: { COLUMNS: '80' } });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect(stdout).toContain('Usage: git agent-log');
    },
  );

  it.each(COMMANDS.map(({ name, description }) => [name, description.join(' ')]))(
    'of %s fills its lines',
    async (name, description) => {
      const { stdout } = await repo.run([name, '-h'], { env: { COLUMNS: '80' } });
      const lines = stdout.split('\n\n')[1]?.split('\n') ?? [];
      expect(lines.join(' ')).toBe(description);
      for (const [i, line] of lines.slice(0, -1).entries())
        expect(`${line} ${lines[i + 1]?.split(' ')[0]}`.length).toBeGreaterThan(80);
    },
  );
});

describe('show', () => {
  it.each([['HEAD'], ['HEAD~1']])('--json of %s is of its schema', async (revision) => {
    const { stdout } = await repo.run(['show', revision, '--json']);
    const document = JSON.parse(stdout) as object;
    expect(problems('show-v1', document)).toBe('');
    if (revision === 'HEAD')
      expect(document).toMatchObject({
        commit: agentCommit,
        authorship: 'agent',
        binding: 'exact',
        sealed: true,
        txn,
        agent: { name: 'tester' },
        model: { name: 'm-1' },
        task: { text: 'Write\u001b[31m two files' },
      });
    else
      expect(document).toMatchObject({
        commit: humanCommit,
        authorship: 'unknown',
        binding: 'none',
        record: null,
      });
  });

  it('finds a transaction by a part of its name, in any case, from a folder below', async () => {
    const { code, stdout } = await repo.run(['show', txn.slice(0, 12).toLowerCase(), '--json'], {
      cwd: repo.path('sub'),
    });
    expect(code).toBe(0);
    const { commits } = JSON.parse(stdout) as { commits: unknown[] };
    expect(commits).toMatchObject([{ commit: agentCommit }]);
    for (const commit of commits) expect(problems('show-v1', commit)).toBe('');
  });

  it('--raw is what git notes show', async () => {
    expect((await repo.run(['show', '--raw'])).stdout.trimEnd()).toBe(
      await repo.git('notes', '--ref=agent-log', 'show', 'HEAD'),
    );
  });

  it('sends no control character of a task to a terminal', async () => {
    const { stdout } = await repo.run(['show']);
    expect(stdout).toContain('Write\\e[31m two files');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('list', () => {
  it('--json is one document of its schema a line', async () => {
    const { stdout } = await repo.run(['list', '--json', '--agent', 'tester']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([
      {
        commit: agentCommit,
        txn,
        agent: 'tester',
        model: 'm-1',
        sponsor: { name: 'Jane Doe' },
        sealed: true,
        subject: 'By an agent',
      },
    ]);
    for (const line of lines) expect(problems('list-v1', line)).toBe('');
  });

  it('--txn --json is one transaction a line', async () => {
    const { stdout } = await repo.run(['list', '--txn', '--json']);
    for (const line of stdout.trim().split('\n')) expect(problems('list-txn-v1', JSON.parse(line))).toBe('');
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ txn, records: 1 });
  });

  it.each([
    ['--sponsor', 'JANE', 1],
    ['--sponsor', 'nobody', 0],
    ['--model', 'm-1', 1],
    ['--agent', 'other', 0],
    ['--since', '2020-01-01', 1],
    ['--until', '2020-01-01', 0],
    ['-n', '0', 0],
  ])('%s %s leaves %i', async (flag, value, count) => {
    const { stdout } = await repo.run(['list', '--json', flag, value]);
    expect(stdout.split('\n').filter(Boolean)).toHaveLength(count);
  });

  it('keeps to a range', async () => {
    expect((await repo.run(['list', 'HEAD~1'])).stdout).toBe('No records.\n');
    expect((await repo.run(['list', '--json', 'HEAD~1..HEAD'])).stdout).toContain(agentCommit);
  });
});

describe('a transaction without a commit', () => {
  it('is closed without a word of how to see it', async () => {
    await repo.run(['begin', '--task', 'x']);
    expect((await repo.run(['end'])).stderr).toBe('Closed. No commit was recorded in it.\n');
    const { stderr } = await repo.run(['run', '--task', 'x', '--', 'true']);
    expect(stderr).toMatch(/^transaction \S+\nNo commit was recorded in it so far\.\n$/);
  });

  it('one that run made, with a commit, is named', async () => {
    const other = await makeRepo();
    try {
      await other.run(['init', '--agents', 'none']);
      const args = ['--', 'git', 'commit', '-q', '--allow-empty', '-m', 'By an agent'];
      const { stderr } = await other.run(['run', '--task', 'x', ...args]);
      expect(stderr).toMatch(/^transaction (\S+)\nSee it with `git agent-log show \1`\.\n$/);
    } finally {
      await other.remove();
    }
  });

  it('one with a commit is named, and a list of transactions fits 80 columns', async () => {
    const other = await makeRepo();
    try {
      await other.run(['init', '--agents', 'none']);
      await other.run(['begin', '--task', 'x', '--agent', 'an-agent-with-a-name']);
      await other.commit('In it', { a: 'a\n' });
      const { stdout, stderr } = await other.run(['end']);
      expect(stderr).toBe(`Closed. See it with \`git agent-log show ${stdout.trim()}\`.\n`);
      const listed = await other.run(['list', '--txn'], { env: { COLUMNS: '80' } });
      expect(listed.stdout).toContain('Jane Doe');
      expect(listed.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    } finally {
      await other.remove();
    }
  });
});
