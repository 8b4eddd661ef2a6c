import { describe, expect, it } from 'vitest';
import { putNote } from '../support/agent-commits.ts';
import { scene, ten } from '../support/revert.ts';
import { outcome, PLAIN, REVERT } from '../support/revert-outcome.ts';

const README = { 'README.md': 'hello\n' };

describe('git agent-revert under attack', () => {
  it('a tag or branch that is called as a transaction does not put another one in its place', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    const one = await made.agent({ f: ten({ 2: 'one' }) }, 'one');
    const two = await made.agent({ f: ten({ 2: 'one', 8: 'two' }) }, 'two');
    await made.repo.git('tag', made.txn('one'), two);
    await made.repo.git('branch', made.txn('two').toLowerCase(), one);
    expect(await outcome(made, [], 'one')).toMatchObject({ units: [['commit', one, [one]]] });
    expect((await made.plan({ txn: 'two' })).plan.txns).toEqual([made.txn('two')]);
  });

  it("an agent's record copied onto a person's commit does not make that commit go", async () => {
    const made = await scene();
    await made.person({ f: ten() });
    const one = await made.agent({ f: ten({ 2: 'agent' }) });
    const theirs = await made.person({ p: 'person\n' });
    const note = await made.repo.git('notes', '--ref=agent-log', 'show', one);
    await putNote(made.ledger, theirs, ...note.split('\n'));
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      kept: 1,
      units: [['commit', one, [one]]],
      files: ['M f'],
      tree: { ...README, f: ten(), p: 'person\n' },
    });
  });

  it('a quoted trailer in an answer makes no member', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    const one = await made.agent({ f: ten({ 2: 'agent' }) });
    const message = await made.repo.git('log', '-1', '--format=%B', one);
    await made.repo.write('p', 'person\n');
    await made.repo.git('add', '-A');
    await made.repo.git('commit', '-q', '-m', `Why\n\n> ${message.replaceAll('\n', '\n> ')}`);
    expect(await outcome(made)).toMatchObject({
      exit: 0,
      units: [['commit', one, [one]]],
      tree: { ...README, f: ten(), p: 'person\n' },
    });
  });

  it('names like options, and revisions like options, are names', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    const one = await made.agent({ f: ten({ 2: 'agent' }), '--help': 'x\n', '-rf': 'x\n', ':(top)': 'x\n' });
    for (const ref of ['refs/tags/--contains', 'refs/tags/-x', 'refs/heads/--plan'])
      await made.repo.git('update-ref', ref, one);
    expect(await outcome(made)).toMatchObject({
      exit: 0,
      files: ['D --help', 'D -rf', 'D :(top)', 'M f'],
      tree: { ...README, f: ten() },
    });
    for (const args of [['--onto', '--help'], ['--onto=--output=x']]) {
      const { code, stderr } = await made.repo.exec(REVERT, ['--plan', ...args, made.txn()]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: no commit is called .*\nhint: /);
    }
    const dashed = await made.repo.exec(REVERT, ['--plan', '--', '--output=x']);
    expect(dashed).toMatchObject({ code: 1, stderr: expect.stringContaining('hint: ') });
    expect((await made.repo.exec(REVERT, ['--plan', '--onto=--plan', made.txn()])).code).toBe(0);
    expect((await made.repo.exec(REVERT, [made.txn()])).code).toBe(0);
    expect(await made.repo.git('ls-files')).toBe('README.md\nf');
  });

  it('paths, titles and authors with control characters reach no terminal, and no two paths look the same', async () => {
    const made = await scene();
    const odd = { 'a\nb': 'x\n', ' lead': 'x\n', lead: 'x\n', '\u001b[31mred': 'x\n' };
    await made.agent(odd);
    await made.repo.git('config', 'user.name', 'J\u001b[2J\u202e');
    await made.repo.write('a\nb', 'person\n');
    await made.repo.git('commit', '-q', '-a', '-m', 'Title \u001b]0;x\u0007\r\nReverts-Txn: x');
    const { stdout } = await made.repo.exec(REVERT, ['--plan', '--hunks', made.txn()]);
    expect(stdout).toMatch(/^ {2}D " lead"$/m);
    expect(stdout).toMatch(/^ {2}D lead$/m);
    expect(stdout).toMatch(/^ {2}D "\\e\[31mred"$/m);
    const blocked = await made.repo.exec(REVERT, ['--plan', made.txn()]);
    expect(blocked.stdout).toContain('"a\\nb": changed a file that would be deleted');
    for (const text of [stdout, blocked.stdout]) {
      expect(text.replaceAll('\n', '')).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202e]*$/);
      expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
    }
  });

  it('a symlink in the place of a folder leads no file out of the worktree', async () => {
    const made = await scene();
    const { repo } = made;
    await made.person({ 'd/f': 'before\n' });
    await made.agent({ 'd/f': 'agent\n' });
    await repo.exec('sh', ['-c', 'mkdir ../outside && rm -r d && ln -s ../outside d']);
    await repo.exec(REVERT, [made.txn()]);
    expect((await repo.exec('ls', ['-A', '../outside'])).stdout).toBe('');
    expect(await repo.git('show', 'HEAD:d/f')).toBe('before');
  });
});
