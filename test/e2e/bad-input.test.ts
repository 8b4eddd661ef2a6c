import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everythingIn } from '../support/everything.ts';
import { AGENT_ENV, agentCommit, asAgent, install, recorded, repoForTest } from '../support/recorded.ts';
import { type Outcome, PROGRAM, type TestRepo } from '../support/repo.ts';
import { expectHuman, expectSealed, noteOf, pathsOf, showOf, trailersOf } from '../support/seal.ts';
import { ask, payload, spool, toolWrites } from '../support/spool.ts';

const namesIn = (repo: TestRepo, folder: string): Promise<string[]> =>
  readdir(repo.path('.git/agent-log', folder)).catch(() => []);

async function doctor(repo: TestRepo): Promise<string> {
  const { stdout } = await repo.run(['doctor']);
  return stdout;
}

async function journal(repo: TestRepo): Promise<string> {
  return readFile(repo.path('.git/agent-log/journal.jsonl'), 'utf8').catch(() => '');
}

const NO_TRANSCRIPT =
  'claude-code: no transcript of this session was there at the commit, so model, usage and reason are unknown';

/** A session goes on after something bad was spooled: the commit goes through, and says what its good events told. */
async function goesOn(repo: TestRepo) {
  await ask(repo, 'Do what comes next');
  await toolWrites(repo, 'next.txt', 'next\n');
  await agentCommit(repo, 'Next');
  const shown = await expectSealed(repo);
  expect(shown.prompts).toMatchObject([{ text: 'Do what comes next' }]);
  expect(shown.files).toMatchObject([{ path: 'next.txt', by: 'agent' }]);
  expect(await namesIn(repo, 'spool')).toEqual([]);
  return shown;
}

async function refused(repo: TestRepo, count: number): Promise<void> {
  expect(await namesIn(repo, 'rejected')).toHaveLength(count);
  expect(await journal(repo)).toContain('no event of a known agent; kept in rejected/');
  expect(await doctor(repo)).toContain(`${count} that could not be read are in`);
}

describe('a spool entry', () => {
  it.each([
    ['that was cut short', '{"session_id":"98ba7ee1-54c8-47bb-b1fc-899fbd63f387","hook_event_na'],
    ['that is not JSON', 'once upon a time'],
    ['that is empty', ''],
    ['that is a JSON list', '[1,2,3]'],
    ['that is null', 'null'],
    ['of an agent nobody knows', '{"what":"ever"}'],
    ['that is not UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0x41]).toString('latin1')],
  ])('%s is kept apart, and the commit goes on', async (_, text) => {
    const repo = await recorded();
    expect((await spool(repo, text)).code).toBe(0);
    await goesOn(repo);
    await refused(repo, 1);
  });

  it('of 50 MB is named as a gap', async () => {
    const repo = await recorded();
    const call = { tool_name: 'Write', tool_use_id: 'toolu_big', tool_input: { content: 'x'.repeat(50e6) } };
    expect((await spool(repo, payload(repo, 'PostToolUse', call))).code).toBe(0);
    const shown = await goesOn(repo);
    expect(shown.gaps).toContain('a call-end payload was too large to keep');
  });

  it('of 50 MB that tells nothing is kept apart', async () => {
    const repo = await recorded();
    expect((await spool(repo, 'x'.repeat(50e6))).code).toBe(0);
    await goesOn(repo);
    await refused(repo, 1);
  });

  it.each([
    ['a small file', 10],
    ['a large file', 9e6],
  ])('that is a symbolic link to %s is not followed', async (_, size) => {
    const repo = await recorded();
    const target = join(repo.home, 'private.json');
    await writeFile(target, JSON.stringify(payload(repo, 'UserPromptSubmit', { prompt: 's'.repeat(size) })));
    await symlink(target, repo.path('.git/agent-log/spool/1-0.claude-code.json'));
    const shown = await goesOn(repo);
    expect(shown.gaps).toEqual([NO_TRANSCRIPT]);
    await refused(repo, 1);
    expect(await readFile(target, 'utf8')).toContain('sss');
  });

  it('does not follow a symbolic link that waits where the next one is written', async () => {
    const repo = await recorded();
    const target = join(repo.home, 'precious');
    await writeFile(target, 'precious\n');
    await rm(repo.path('.git/agent-log/spool'), { recursive: true });
    await mkdir(repo.path('.git/agent-log/elsewhere'));
    await symlink('elsewhere', repo.path('.git/agent-log/spool'));
    expect((await spool(repo, payload(repo, 'SessionStart'))).code).toBe(0);
    await writeFile(
      repo.path('.git/agent-log/elsewhere/1-0.claude-code.json'),
      JSON.stringify(payload(repo, 'UserPromptSubmit', { prompt: 'forged' })),
    );
    await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    const shown = await expectSealed(repo);
    expect(shown.prompts).toEqual([]);
    expect(await namesIn(repo, 'elsewhere')).toEqual(['1-0.claude-code.json']);
    expect(await doctor(repo)).toMatch(/spool.*is no folder of its own/);
  });
});

const HOSTILE: [string, string, object][] = [
  ['every field of another type', 'PostToolUse', { cwd: 7, tool_name: [], tool_use_id: {}, tool_input: 'x' }],
  ['tool_input null', 'PreToolUse', { tool_name: 'Write', tool_use_id: 't', tool_input: null }],
  ['tool_input a list', 'PostToolUse', { tool_name: 'Edit', tool_use_id: 't', tool_input: [1, 2] }],
  [
    'edits that are no edits',
    'PostToolUse',
    {
      tool_name: 'MultiEdit',
      tool_use_id: 't',
      tool_input: { file_path: 'a.txt', edits: [null, 1, 'x'] },
      tool_response: { originalFile: 'a' },
    },
  ],
  ['a duration without end', 'PostToolUse', { tool_name: 'Bash', tool_use_id: 't', duration_ms: 1e300 }],
  ['a duration of an age', 'PostToolUse', { tool_name: 'Bash', tool_use_id: 't', duration_ms: 1e14 }],
  ['a negative duration', 'PostToolUse', { tool_name: 'Bash', tool_use_id: 't', duration_ms: -1 }],
  ['an id that is a line separator', 'PostToolUse', { tool_name: '\u2028', tool_use_id: '\u2028' }],
  ['a prompt that is an object', 'UserPromptSubmit', { prompt: { text: 'x' } }],
  ['a prompt of lone surrogates', 'UserPromptSubmit', { prompt: '\ud800\udc00\ud800' }],
  ['a model that is a number', 'SessionStart', { model: 4, source: {} }],
  [
    'a path with NUL',
    'PostToolUse',
    { tool_name: 'Write', tool_use_id: 't', tool_input: { file_path: 'a\0b', content: 'x' } },
  ],
  [
    'a path up and away',
    'PostToolUse',
    { tool_name: 'Write', tool_use_id: 't', tool_input: { file_path: '../../../etc/passwd', content: 'x' } },
  ],
  [
    'a path of 100 kB',
    'PostToolUse',
    { tool_name: 'Write', tool_use_id: 't', tool_input: { file_path: 'x/'.repeat(50_000), content: 'x' } },
  ],
  [
    'a path that is a folder',
    'PostToolUse',
    { tool_name: 'Write', tool_use_id: 't', tool_input: { file_path: '.git', content: 'x' } },
  ],
  ['an event nobody knows', 'PostToolBatch', { tool_calls: 'none' }],
  ['an agent_id that is a list', 'SubagentStop', { agent_id: [], agent_type: 3 }],
  ['a transcript that is a device', 'Stop', { transcript_path: '/dev/zero' }],
  [
    'a Read of nothing',
    'PostToolUse',
    { tool_name: 'Read', tool_use_id: 't', tool_response: { file: null } },
  ],
  [
    'a fetch of no address',
    'PostToolUse',
    { tool_name: 'WebFetch', tool_use_id: 't', tool_input: { url: '\u0000' } },
  ],
];

describe('a payload with', () => {
  it.each(HOSTILE)('%s', async (_, event, fields) => {
    const repo = await recorded();
    expect((await spool(repo, payload(repo, event, fields))).code).toBe(0);
    await ask(repo, 'Do what comes next');
    await toolWrites(repo, 'next.txt', 'next\n');
    await agentCommit(repo, 'Next');
    const shown = await expectSealed(repo);
    expect(shown.prompts.map(({ text }) => text)).toContain('Do what comes next');
    expect(shown.files).toMatchObject([{ path: 'next.txt', by: 'agent' }]);
    expect(await namesIn(repo, 'spool')).toEqual([]);
    expect(await journal(repo)).toBe('');
  });

  it.each([
    ['lines that are not JSON', 'assistant "assistant" {\n'],
    [
      'parts that are null',
      '{"type":"assistant","message":{"model":"m","content":[null,1,"x"],"usage":null}}\n',
    ],
    [
      'usage of other types',
      '{"type":"assistant","message":{"id":7,"model":"m","usage":{"input_tokens":1e308,"output_tokens":"x"}}}\n',
    ],
    ['a line without end', `{"type":"assistant","message":{"model":"${'m'.repeat(1e6)}`],
  ])('a transcript of %s', async (_, transcript) => {
    const repo = await recorded();
    await writeFile(join(repo.home, 'transcript.jsonl'), transcript);
    await goesOn(repo);
    expect(await journal(repo)).toBe('');
  });
});

describe('a note', () => {
  async function withLine(line: string): Promise<TestRepo> {
    const repo = await recorded();
    await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    await expectSealed(repo);
    await repo.git('notes', '--ref=agent-log', 'append', '-m', line);
    return repo;
  }

  it.each([
    ['that is not JSON', 'not a record', 'not-json'],
    [
      'of a newer version',
      '{"schema":"agent-log/execution/v9","id":"x"}',
      'newer-version (agent-log/execution/v9: written by a newer version of git-agent-log)',
    ],
    ['of a schema nobody knows', '{"schema":"else/where","id":"x"}', 'unknown-schema'],
    ['that does not meet its schema', '{"schema":"agent-log/execution/v1","id":7}', 'invalid'],
    ['with __proto__ in it', '{"__proto__":{"schema":"agent-log/execution/v1"}}', 'unknown-schema'],
  ])('with a line %s still gives its record, and names the line', async (_, line, problem) => {
    const repo = await withLine(line);
    const { code, stdout } = await repo.run(['show', '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ binding: 'exact', sealed: true, authorship: 'agent' });
    expect(stdout).toContain(`a line of the note can't be read: ${problem}`);
    expect((await repo.run(['show'])).stdout).toContain('Problems');
    expect((await repo.run(['show', '--raw'])).stdout).toContain(line);
    expect((await repo.run(['list'])).code).toBe(0);
    await agentCommit(repo, 'More', { 'b.txt': 'b\n' });
    await expectSealed(repo);
    expect(await noteOf(repo, 'HEAD^')).toContain(line);
  });

  it('copied to another commit proves nothing', async () => {
    const repo = await recorded();
    const first = await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    await expectSealed(repo);
    const second = await repo.commit('By hand', { 'b.txt': 'b\n' });
    await repo.git('notes', '--ref=agent-log', 'copy', first, second);
    expect(await showOf(repo, second)).toMatchObject({
      authorship: 'unknown',
      binding: 'claimed',
      sealed: false,
    });
    expect((await repo.run(['show', second])).code).not.toBe(0);
    await expectSealed(repo, first);
  });

  it('copied to a commit of the very same patch elsewhere is still not its own', async () => {
    const repo = await recorded();
    const first = await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    await expectSealed(repo);
    await repo.git('checkout', '-q', '-b', 'other', 'HEAD^');
    const second = await repo.commit('By hand', { 'a.txt': 'a\n', 'b.txt': 'b\n' });
    await repo.git('notes', '--ref=agent-log', 'copy', first, second);
    expect(await showOf(repo, second)).toMatchObject({ authorship: 'unknown', binding: 'claimed' });
  });
});

describe('trailers', () => {
  it.each([
    ['before it was bound', false],
    ['after it was bound', true],
  ])("of another commit's record, forged %s, are a claim", async (_, bind) => {
    const repo = await recorded();
    await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    if (bind) await showOf(repo);
    const trailers = (await trailersOf(repo)).join('\n');
    await repo.commit(`By hand\n\n${trailers}`, { 'b.txt': 'b\n' });
    const shown = await showOf(repo);
    expect(shown).toMatchObject({ authorship: 'unknown', binding: 'claimed' });
    expect(await noteOf(repo)).toBe('');
    const { code, stdout } = await repo.run(['show']);
    expect(code).toBe(1);
    expect(stdout).toContain('claimed: a trailer without proof');
    await expectSealed(repo, 'HEAD^');
  });

  it('of a record nobody has are a claim, with a problem that says so', async () => {
    const repo = await recorded();
    await repo.commit(
      `By hand\n\nAgent-Txn: 01JD2M0Y5V9Z8K7Q3C4N6T1RWE\nAgent-Record: sha256:${'0'.repeat(64)}`,
    );
    const shown = await showOf(repo);
    expect(shown).toMatchObject({ authorship: 'unknown', binding: 'claimed', record: null });
    expect(shown.integrity.problems).toEqual([
      `the message names sha256:${'0'.repeat(64)}, which is in no ledger here`,
    ]);
  });

  it("typed into an agent's message give way to the true ones", async () => {
    const repo = await recorded();
    const forged = `Agent-Txn: 01JD2M0Y5V9Z8K7Q3C4N6T1RWE\nAgent-Record: sha256:${'0'.repeat(64)}`;
    await agentCommit(repo, `Work\n\n${forged}\nAgent-Sponsor: Somebody <else@example.com>`, {
      'a.txt': 'a\n',
    });
    await expectSealed(repo);
  });

  it('doubled by a hook are read once', async () => {
    const repo = await recorded();
    await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    const message = await repo.git('log', '-1', '--format=%B');
    await repo.git('commit', '-q', '--amend', '-m', `${message}\n${(await trailersOf(repo)).join('\n')}`);
    const shown = await showOf(repo);
    expect(shown).toMatchObject({ authorship: 'agent', binding: 'exact', sealed: true, others: [] });
    expect(shown.integrity.ok).toBe(true);
  });

  it('beside those of a record nobody has: the true one counts, the other is named', async () => {
    const repo = await recorded();
    await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    await showOf(repo);
    const message = await repo.git('log', '-1', '--format=%B');
    await repo.git('commit', '-q', '--amend', '-m', `${message}\nAgent-Record: sha256:${'0'.repeat(64)}`);
    const { code, stdout } = await repo.run(['show', '--json']);
    expect(code === 0 || code === 3).toBe(true);
    expect(JSON.parse(stdout)).toMatchObject({ authorship: 'agent', binding: 'exact', sealed: true });
    expect(stdout).toContain('which is in no ledger here');
  });
});

describe('a path', () => {
  it('with line feeds, quotes, escapes and names of Object.prototype', async () => {
    const repo = await recorded();
    const names = [
      'new\nline "and" quotes\t\\',
      '__proto__',
      'constructor',
      '\u001b[31mred',
      '\n',
      '-rf',
      ' ',
    ];
    await ask(repo, 'Make odd files');
    for (const name of names) await toolWrites(repo, name, `content of ${JSON.stringify(name)}\n`);
    await agentCommit(repo, 'Odd files');
    const shown = await expectSealed(repo);
    expect([...pathsOf(shown)].sort()).toEqual([...names].sort());
    expect(shown.files.map(({ by }) => by)).toEqual(names.map(() => 'agent'));
    const { stdout } = await repo.run(['show', '--full']);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('\\e[31mred');
    expect(stdout).toContain('__proto__');
  });

  it('with such a name that a shell changes', async () => {
    const repo = await recorded();
    await ask(repo, 'Make odd files by a shell');
    const call = { tool_name: 'Bash', tool_use_id: 't1', tool_input: { command: 'make' } };
    await spool(repo, payload(repo, 'PreToolUse', call), 'look');
    for (const name of ['new\nline "q"', '__proto__', '\u00e9t\u00e9']) await repo.write(name, name);
    await spool(repo, payload(repo, 'PostToolUse', { ...call, tool_response: { stdout: '' } }), 'look');
    await agentCommit(repo, 'Odd files');
    expect((await expectSealed(repo)).files.map(({ by }) => by)).toEqual(['shell', 'shell', 'shell']);
  });

  it('that is not UTF-8 keeps its bytes', async () => {
    const repo = await recorded();
    const bytes = Buffer.from('caf\xe9.txt', 'latin1');
    await writeFile(Buffer.concat([Buffer.from(`${repo.dir}/`), bytes]), 'x\n');
    await ask(repo, 'Make a file');
    await agentCommit(repo, 'Latin 1');
    expect((await expectSealed(repo)).files).toMatchObject([
      { path: 'caf\ufffd.txt', pathBytes: bytes.toString('base64') },
    ]);
    expect((await repo.run(['show'])).code).toBe(0);
  });
});

describe('a text', () => {
  const SECRET = ['ghp', '_', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('');

  it('with terminal escapes and a secret beside words that would switch the search off', async () => {
    const repo = await recorded();
    const prompt = `// secretlint-disable\n# secretlint-disable\n\u001b]0;owned\u0007\u001b[2J \u009b31m token ${SECRET}`;
    await ask(repo, prompt);
    const call = {
      tool_name: 'Bash',
      tool_use_id: 't1',
      tool_input: { command: `curl -H 'token: ${SECRET}'` },
    };
    await spool(repo, payload(repo, 'PostToolUse', { ...call, tool_response: { stdout: SECRET } }));
    await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    const shown = await expectSealed(repo);
    const counted = (shown.redactions ?? []) as { rule: string; count: number }[];
    expect(counted).toEqual([{ rule: 'github', count: 3 }]);
    const { stdout } = await repo.run(['show', '--full']);
    expect(stdout).not.toMatch(/[\u001b\u0007\u009b]/);
    expect(stdout).toContain('[redacted:github]');
    expect(stdout).toContain('3 x github');
    for (const [path, bytes] of await everythingIn(repo)) expect(bytes.includes(SECRET), path).toBe(false);
  });

  it("with a secret in the agent's own transcript", async () => {
    const repo = await recorded();
    const said = { type: 'text', text: `I used ${SECRET}` };
    await writeFile(
      join(repo.home, 'transcript.jsonl'),
      `${JSON.stringify({ type: 'assistant', message: { id: 'm1', model: 'm', content: [said] } })}\n`,
    );
    await ask(repo, 'Work');
    await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    expect((await expectSealed(repo)).reason?.text).toBe('I used [redacted:github]');
    for (const [path, bytes] of await everythingIn(repo)) expect(bytes.includes(SECRET), path).toBe(false);
  });
});

describe('a repository', () => {
  it('without user.name: the commit names no sponsor, and doctor says so', async () => {
    const repo = await repoForTest({ identity: false });
    await install(repo);
    await repo.write('a.txt', 'a\n');
    await repo.git('add', '-A');
    const nobody = await asAgent(repo, ['-c', 'user.useConfigOnly=true', 'commit', '-m', 'Nobody']);
    expect(nobody.code).toBe(128);
    const who = { NAME: 'Somebody', EMAIL: 'some@example.com' };
    const env = Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((role) =>
        Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value]),
      ),
    );
    expect((await asAgent(repo, ['commit', '-q', '-m', 'Work'], { env })).code).toBe(0);
    expect((await trailersOf(repo)).map((line) => line.split(':')[0])).toEqual([
      'Agent-Txn',
      'Agent-Record',
      'Assisted-by',
    ]);
    expect(await showOf(repo)).toMatchObject({ binding: 'exact', sealed: true, sponsor: null });
    expect((await repo.run(['show'])).stdout).toContain('nobody is named');
    expect(await doctor(repo)).toContain('agent commits will name no accountable human');
  });

  it('whose hook program is gone', async () => {
    const repo = await repoForTest();
    const copy = await ownProgram(repo);
    expect((await repo.exec(copy, ['init'])).code).toBe(0);
    await rename(join(copy, '../../dist'), join(copy, '../../dist-gone'));
    await repo.write('a.txt', 'a\n');
    await repo.git('add', '-A');
    const half = await asAgent(repo, ['commit', '-q', '-m', 'Half gone']);
    expect(half.code).toBe(0);
    expect(half.stderr).toBe('git-agent-log: the program is gone; run git agent-log init again\n');
    await rm(join(copy, '../..'), { recursive: true });
    await repo.write('a.txt', 'b\n');
    const gone = await asAgent(repo, ['commit', '-q', '-a', '-m', 'Gone']);
    expect(gone.code).toBe(0);
    expect(gone.stderr).toBe('git-agent-log: the program is gone; run git agent-log init again\n');
    expect((await spool(repo, payload(repo, 'SessionStart'), 'stop')).code).toBe(0);
    await expectHuman(repo);
    expect(await doctor(repo)).toContain('not there any more');
    await repo.commit('By hand', { 'b.txt': 'b\n' });
    await install(repo);
    await agentCommit(repo, 'Back again', { 'c.txt': 'c\n' });
    await expectSealed(repo);
  });
});

/** A program of the repository's own, that can be taken away without taking it from anybody else. */
async function ownProgram(repo: TestRepo): Promise<string> {
  const source = join(PROGRAM, '../..');
  const folder = join(repo.home, 'program');
  for (const part of ['bin', 'dist', 'schemas', 'package.json'])
    await cp(join(source, part), join(folder, part), { recursive: true });
  await symlink(join(source, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'bin/git-agent-log');
}

const AS_NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];
const cantBeNobody =
  process.getuid?.() !== 0 || spawnSync('setpriv', [...AS_NOBODY, process.execPath, '-e', '']).status !== 0;

describe.skipIf(cantBeNobody)('without the right to write', () => {
  /** The same repository, handed to a user who is not root and for whom rights count. */
  async function ofNobody(): Promise<TestRepo> {
    const repo = await recorded();
    await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    await repo.exec('chown', ['-R', '65534:65534', join(repo.dir, '..')]);
    return repo;
  }

  const asNobody = (repo: TestRepo, command: string, env = {}): Promise<Outcome> =>
    repo.exec('setpriv', [...AS_NOBODY, 'sh', '-c', command], { env });

  it('a read-only .git can be looked at, and git itself says why nothing can be committed', async () => {
    const repo = await ofNobody();
    await repo.exec('chmod', ['-R', 'a-w', repo.path('.git')]);
    const shown = await asNobody(repo, `${PROGRAM} show --json`);
    expect(shown.code, shown.stderr).toBe(0);
    expect(JSON.parse(shown.stdout)).toMatchObject({ authorship: 'agent', binding: 'exact', sealed: true });
    for (const command of ['list', 'doctor', 'show'])
      expect((await asNobody(repo, `${PROGRAM} ${command}`)).stderr).not.toMatch(/\n\s+at /);
    const { code, stderr } = await asNobody(repo, 'git commit --allow-empty -m x', AGENT_ENV);
    expect(code).toBe(128);
    expect(stderr).not.toMatch(/\n\s+at /);
    await repo.exec('chmod', ['-R', 'u+w', repo.path('.git')]);
  });

  it('a read-only .git/agent-log keeps nobody from committing', async () => {
    const repo = await ofNobody();
    await asNobody(repo, `${PROGRAM} show`);
    await repo.exec('chmod', ['-R', 'a-w', repo.path('.git/agent-log')]);
    const commit = await asNobody(repo, 'git commit -q --allow-empty -m Unrecorded', AGENT_ENV);
    expect(commit.code).toBe(0);
    expect(commit.stderr).toContain('the commit goes on; see git agent-log doctor');
    expect(commit.stderr).not.toMatch(/\n\s+at /);
    expect(await asNobody(repo, 'git log -1 --format=%B')).toMatchObject({ stdout: 'Unrecorded\n\n' });
    const event = JSON.stringify(payload(repo, 'SessionStart'));
    const hook = await asNobody(repo, `echo '${event}' | .git/agent-log/bin/spool claude-code look`);
    expect(hook).toMatchObject({ code: 0, stdout: '' });
    expect((await asNobody(repo, `${PROGRAM} doctor`)).stdout).toMatch(/folders +can't be written/);
    await repo.exec('chmod', ['-R', 'u+w', repo.path('.git/agent-log')]);
    const again = await asNobody(repo, 'git commit -q --allow-empty -m Recorded', AGENT_ENV);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect((await asNobody(repo, `${PROGRAM} show --json`)).stdout).toContain('"sealed":true');
  });

  it('a ledger ref that cannot be written leaves the record waiting, and says so', async () => {
    const repo = await ofNobody();
    await asNobody(repo, `${PROGRAM} show`);
    await repo.exec('chmod', ['-R', 'a-w', repo.path('.git/refs/notes')]);
    const commit = await asNobody(repo, 'git commit -q --allow-empty -m Waiting', AGENT_ENV);
    expect(commit).toMatchObject({ code: 0, stderr: '' });
    const shown = await asNobody(repo, `${PROGRAM} show --json`);
    expect(JSON.parse(shown.stdout)).toMatchObject({ binding: 'exact', sealed: true });
    expect(shown.stderr).toContain('warning: what agents did last could not be taken in');
    expect((await asNobody(repo, `${PROGRAM} doctor`)).stdout).toContain('1 sealed, whose commit');
    await repo.exec('chmod', ['-R', 'u+w', repo.path('.git/refs/notes')]);
    const bound = await asNobody(repo, `${PROGRAM} show --json`);
    expect(bound.stderr).toBe('');
    expect((await asNobody(repo, 'git notes --ref=agent-log show HEAD')).code).toBe(0);
  });
});

it('a session of more than a record can hold is recorded with less, not left out', async () => {
  const repo = await recorded();
  await ask(repo, 'Do very much');
  const big = { tool_name: 'x'.repeat(200), tool_input: {}, tool_response: {} };
  const events = Array.from({ length: 8000 }, (_, i) =>
    JSON.stringify(payload(repo, 'PostToolUse', { ...big, tool_use_id: `toolu_${i}_${'y'.repeat(180)}` })),
  );
  for (const [i, event] of events.entries()) {
    // As the hook does it: what takes the spool in meanwhile never finds half of an event.
    const path = repo.path(`.git/agent-log/spool/9-${i}`);
    await writeFile(`${path}.tmp`, event);
    await rename(`${path}.tmp`, `${path}.claude-code.json`);
  }
  expect((await spool(repo, payload(repo, 'Stop'), 'stop')).code).toBe(0);
  await expect.poll(() => namesIn(repo, 'spool'), { timeout: 60_000 }).toEqual([]);
  await agentCommit(repo, 'Very much', { 'a.txt': 'a\n' });
  const shown = await expectSealed(repo);
  expect(shown.toolCalls).toHaveLength(4000);
  expect(shown.gaps).toEqual([NO_TRANSCRIPT, 'toolCalls: 4000 did not fit into the record']);
});
