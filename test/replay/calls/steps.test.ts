import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ToolCall } from '../../../lib/core/generated/execution-v1.types.ts';
import { applyEdits } from '../../../lib/replay/calls/edits.ts';
import { isOutsideCommand } from '../../../lib/replay/calls/purity.ts';
import { matchResult } from '../../../lib/replay/calls/results.ts';
import { isInside, rootOf, stepOf } from '../../../lib/replay/calls/step.ts';

const ROOT = '/home/jane/project';

function call(name: string, ...paths: string[]): ToolCall {
  const files = paths.map((path) => ({ path, blob: null }));
  return { id: 'toolu_1', name, status: 'ok', args: null, result: null, endedAt: null, files };
}

function step(name: string, args: unknown, ...paths: string[]): ReturnType<typeof stepOf> {
  return stepOf(call(name, ...paths), JSON.stringify(args), ROOT);
}

describe('what a recorded call comes to', () => {
  it('a write, an edit, several edits, a command, a read', () => {
    const file = `${ROOT}/src/a.ts`;
    expect(step('Write', { file_path: file, content: 'x' }, 'src/a.ts')).toEqual({
      kind: 'write',
      path: 'src/a.ts',
      content: 'x',
    });
    expect(step('Edit', { file_path: file, old_string: 'x', new_string: 'y' })).toEqual({
      kind: 'edit',
      path: 'src/a.ts',
      edits: [{ before: 'x', after: 'y', all: false }],
    });
    expect(
      step('MultiEdit', {
        file_path: file,
        edits: [{ old_string: 'x', new_string: 'y', replace_all: true }],
      }),
    ).toMatchObject({ edits: [{ all: true }] });
    expect(step('Bash', { command: 'npm test' })).toEqual({
      kind: 'command',
      command: 'npm test',
      folder: null,
    });
    expect(step('Read', { file_path: file, offset: 3, limit: 2 })).toEqual({
      kind: 'read',
      path: 'src/a.ts',
      from: 3,
      count: 2,
    });
  });

  it('what reaches out, what only looks, and what nobody knows', () => {
    expect(step('WebFetch', { url: 'https://example.com' }).kind).toBe('outside');
    expect(step('mcp__jira__create', {}).kind).toBe('outside');
    expect(step('Bash', { command: 'cd x && git push origin main' }).kind).toBe('outside');
    expect(step('Grep', { pattern: 'x' }).kind).toBe('look');
    expect(step('Read', { file_path: '/etc/passwd' }).kind).toBe('look');
    expect(step('constructor', {}).kind).toBe('unable');
    expect(step('Bash', { command: 'x', run_in_background: true }).kind).toBe('unable');
  });

  it('without arguments, or with something taken out of them: it is not done by guess', () => {
    expect(stepOf(call('Bash'), null, ROOT)).toMatchObject({ kind: 'unable' });
    expect(step('Bash', { command: 'echo [redacted:aws-key]' })).toMatchObject({ kind: 'unable' });
    expect(stepOf(call('Bash'), '{"command":"tru', ROOT)).toMatchObject({ kind: 'unable' });
    expect(stepOf(call('Write'), '[]', ROOT)).toMatchObject({ kind: 'unable' });
  });

  it('a path that climbs out, or is of git itself: nothing is written', () => {
    for (const file of [
      '/etc/passwd',
      `${ROOT}/../x`,
      '../x',
      'a/../../x',
      '.git/config',
      'a/.GIT/hooks/x',
      '',
    ])
      expect(step('Write', { file_path: file, content: '' }).kind, file).toBe('unable');
    expect(isInside('a/.gitignore')).toBe(true);
  });

  it('whatever the arguments are, it tells something', () => {
    fc.assert(
      fc.property(fc.constantFrom('Write', 'Edit', 'MultiEdit', 'Bash', 'Read'), fc.json(), (name, args) => {
        const found = stepOf(call(name), args, ROOT);
        if ('path' in found) expect(isInside(found.path)).toBe(true);
      }),
    );
  });

  it('knows where the worktree was when the calls agree on it', () => {
    const at = (root: string): { call: ToolCall; args: string } => ({
      call: call('Write', 'src/a.ts'),
      args: JSON.stringify({ file_path: `${root}/src/a.ts` }),
    });
    expect(rootOf([at(ROOT), at(ROOT)])).toBe(ROOT);
    expect(rootOf([at(ROOT), at('/elsewhere')])).toBeNull();
    expect(rootOf([])).toBeNull();
  });
});

describe('a command that reaches beyond the worktree', () => {
  it.each([
    'curl https://example.com',
    'FOO=1 sudo /usr/bin/wget x',
    'cd a; git -C b push',
    'npm ci && npm test',
    'if true; then gh pr create; fi',
    'echo x | ssh host',
    'echo $(curl x)',
    'pip3 install requests',
  ])('%s', (command) => {
    expect(isOutsideCommand(command)).toBe(true);
  });

  it.each([
    'git commit -m "push curl out"',
    "echo 'curl x; wget y'",
    'npm test',
    'npm run install-fixtures',
    'grep -r curl src',
    'node push.js',
    'cat gh',
    '',
  ])('is not: %s', (command) => {
    expect(isOutsideCommand(command)).toBe(false);
  });
});

describe('an edit', () => {
  it('is done where its text is, once, or everywhere', () => {
    expect(applyEdits('a b a', [{ before: 'b', after: '$&', all: false }])).toEqual({ text: 'a $& a' });
    expect(applyEdits('a b a', [{ before: 'a', after: 'x', all: true }])).toEqual({ text: 'x b x' });
  });

  it('whose text is not there, or twice: is not done', () => {
    expect(applyEdits('a', [{ before: 'b', after: '', all: false }])).toMatchObject({
      problem: expect.any(String),
    });
    expect(applyEdits('a a', [{ before: 'a', after: '', all: false }])).toMatchObject({
      problem: 'the text it replaced is there 2 times',
    });
    expect(applyEdits('a', [{ before: '', after: 'x', all: true }])).toMatchObject({
      problem: expect.any(String),
    });
  });
});

describe('how a command ended', () => {
  const ended = { how: 'exit', code: 0, stdout: 'a\nb\n', stderr: '', isCut: false } as const;
  const told = (stdout: string, stderr = ''): string =>
    JSON.stringify({ stdout, stderr, interrupted: false });

  it('is the same when what it printed is', () => {
    expect(matchResult(told('a\nb'), ended)).toBe('same');
    expect(matchResult(told('a\nc'), ended)).toBe('differs');
    expect(matchResult(told('a\nb'), { ...ended, isCut: true })).toBe('differs');
    expect(matchResult(told('a\nb\nwarning'), { ...ended, stderr: 'warning\n' })).toBe('same');
  });

  it('both outputs in one pipe: each in its own order', () => {
    const both = { ...ended, stdout: 'a\nb\n', stderr: 'x\ny\n' };
    expect(matchResult(told('a\nx\nb\ny'), both)).toBe('same');
    expect(matchResult(told('x\ny\na\nb'), both)).toBe('same');
    expect(matchResult(told('b\nx\na\ny'), both)).toBe('differs');
    expect(matchResult(told('b\na'), ended)).toBe('differs');
  });

  it('is told by the output in it where the agent makes a text of it; else it is not known', () => {
    const gemini = (output: string): string => `Command: x\nOutput: ${output}\nExit Code: 0\nSignal: (none)`;
    const failed = { ...ended, code: 1 };
    const empty = { ...ended, stdout: '' };
    expect(matchResult(gemini('a\nb'), ended)).toBe('same');
    expect(matchResult(gemini('(empty)'), empty)).toBe('same');
    expect(matchResult('a\nb\n', ended)).toBe('same');
    expect(matchResult('Exit code 1\na\nb', failed)).toBe('same');
    for (const result of [gemini('a\nb\nc'), gemini('a\nb\nOutput: c'), gemini('z'), 'a\nb\nc', 'z'])
      expect(matchResult(result, ended), result).toBe('unknown');
    expect(matchResult(gemini('a'), empty)).toBe('unknown');
  });

  it('is not known where the result is not', () => {
    expect(matchResult(null, ended)).toBe('unknown');
    expect(matchResult(told('[redacted:pii-email]'), ended)).toBe('unknown');
  });

  it('ids of a commit it made do not count', () => {
    const made = { ...ended, stdout: '[main 1234567] Change\n 1 file changed\n' };
    expect(matchResult(told('[main abcdef0] Change\n 1 file changed'), made)).toBe('same');
    expect(matchResult(told('[main abcdef0] Other\n 1 file changed'), made)).toBe('differs');
  });
});
