import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDialogue } from '../../../lib/git/process/dialogue.ts';
import type { GitPlace } from '../../../lib/git/process/environment.ts';
import { runGit } from '../../../lib/git/process/runner.ts';
import { streamGit } from '../../../lib/git/process/stream.ts';
import type { WaitingShells } from '../../../lib/git/process/waiting.ts';
import { startAskingMore } from '../../../lib/git/repository/asking.ts';
import { type Opening, openAsked } from '../../../lib/git/repository/opening.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let other: TestRepo;
const openings: Opening[] = [];

beforeAll(async () => {
  [repo, other] = await Promise.all([makeRepo(), makeRepo()]);
});
afterAll(async () => {
  for (const { reader } of openings) reader.close();
  await Promise.all([repo.remove(), other.remove()]);
});

/** Shells that wait in the test's repository. */
async function waiting(): Promise<WaitingShells> {
  const opening = openAsked(startAskingMore(repo.dir, []));
  openings.push(opening);
  const { waiting: shells } = await opening.repository;
  if (shells === undefined) throw new Error('none waits');
  return shells;
}

async function said(place: GitPlace, args: readonly string[], stdin = ''): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of streamGit(place, { args, stdin })) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

/** What a shell would take for something of its own, and what ends a line or a list for `read`. */
const word = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '$(id)',
        '`id`',
        ';',
        '&',
        '|',
        '>x',
        "'",
        '"',
        '\\',
        '\\n',
        '$IFS',
        '*',
        '~',
        '--',
        '-n',
        ' ',
        '\t',
        '=',
      ),
      fc.string({ unit: 'grapheme-ascii' }),
      fc.constantFrom('é', '🙂'),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join('').replaceAll(/[\n\0]/g, ''))
  .filter((text) => text !== '');

describe('attack: shells that wait for git', () => {
  it('hand on words as they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), async (words) => {
        const args = ['rev-parse', '--sq-quote', ...words];
        const { stdout } = await runGit({ cwd: repo.dir }, { args });
        const shells = await waiting();
        expect(await said({ cwd: repo.dir, waiting: shells }, args)).toBe(stdout.toString('latin1'));
      }),
      { numRuns: 25 },
    );
  });

  it('are not told what they could not read line by line', async () => {
    const shells = await waiting();
    for (const args of [
      ['log', 'a\nb'],
      ['log', ''],
      ['log', 'a\0b'],
    ])
      expect(shells.start({ cwd: repo.dir }, { args, stdin: '' })).toBeNull();
    expect(shells.start({ cwd: `${repo.dir}\n` }, { args: ['log'], stdin: '' })).toBeNull();
    expect(shells.start({ cwd: repo.dir }, { args: ['log'], env: { A: 'x\ny' }, stdin: '' })).toBeNull();
  });
});

describe('WaitingShells', () => {
  it('run git where they are told, without what ties this process to a repository', async () => {
    process.env['GIT_DIR'] = repo.path('.git');
    try {
      const shells = await waiting();
      const args = ['rev-parse', '--absolute-git-dir'];
      expect(await said({ cwd: other.dir, foreign: true, waiting: shells }, args)).toBe(
        `${other.path('.git')}\n`,
      );
      expect(await said({ cwd: other.dir, waiting: shells }, args)).toBe(`${repo.path('.git')}\n`);
    } finally {
      delete process.env['GIT_DIR'];
    }
  });

  it('set what is wanted in its environment', async () => {
    const chunks: Buffer[] = [];
    const place = { cwd: repo.dir, waiting: await waiting() };
    const env = { GIT_AUTHOR_NAME: "A $(b) 'c' d", GIT_AUTHOR_EMAIL: 'a=b@example.com' };
    for await (const chunk of streamGit(place, { args: ['var', 'GIT_AUTHOR_IDENT'], env }))
      chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toMatch(/^A \$\(b\) 'c' d <a=b@example\.com> /);
  });

  it('say all that git says, NUL at the end and what looks like their own last word included', async () => {
    const place = { cwd: repo.dir, waiting: await waiting() };
    const args = ['log', '-1', '-z', '--format=%H%x00%x000%n'];
    const { stdout } = await runGit({ cwd: repo.dir }, { args });
    expect(await said(place, args)).toBe(stdout.toString('latin1'));
  });

  it('feed git', async () => {
    const place = { cwd: repo.dir, waiting: await waiting() };
    expect(await said(place, ['hash-object', '--stdin'], 'x'.repeat(1_000_000))).toBe(
      `${await repo.exec('sh', ['-c', "head -c 1000000 /dev/zero | tr '\\0' x | git hash-object --stdin"]).then(({ stdout }) => stdout.trim())}\n`,
    );
  });

  it('fail as git does, and say why', async () => {
    const args = ['log', 'nowhere', '--'];
    const alone = await said({ cwd: repo.dir }, args).catch(String);
    expect(alone).toContain('nowhere');
    expect(await said({ cwd: repo.dir, waiting: await waiting() }, args).catch(String)).toBe(alone);
    const stdin = 'x'.repeat(1_000_000);
    expect(await said({ cwd: repo.dir, waiting: await waiting() }, args, stdin).catch(String)).toBe(alone);
  });

  it('are as good as a process for a dialogue, and its end is heard while others still wait', async () => {
    const shells = await waiting();
    const git = startDialogue({ cwd: repo.dir, waiting: shells }, ['cat-file', '--batch-check']);
    const heard: Buffer[] = [];
    const ended = new Promise((resolve) => git.listen((chunk) => heard.push(chunk), resolve));
    git.say('HEAD\n');
    git.close();
    await ended;
    expect(Buffer.concat(heard).toString()).toMatch(/^[0-9a-f]{40} commit \d+\n/);
  });

  it('run out, and end when they are let go', async () => {
    const shells = await waiting();
    const sockets = [0, 1, 2].map(() => shells.start({ cwd: repo.dir }, { args: ['version'], stdin: '' }));
    expect(sockets).not.toContain(null);
    expect(shells.start({ cwd: repo.dir }, { args: ['version'], stdin: '' })).toBeNull();
    for (const socket of sockets) await once(socket?.resume() as NodeJS.ReadableStream, 'close');
    (await waiting()).close();
  });
});

it('asks for our settings before anybody does', async () => {
  await repo.git('config', 'agentLog.revertBudget', '5');
  const opening = openAsked(startAskingMore(repo.dir, []));
  openings.push(opening);
  const { heard } = await opening.repository;
  const args = ['config', '-z', '--get-regexp', '^(agentlog)\\.'];
  const { code, stdout } = await runGit({ cwd: repo.dir }, { args });
  expect([...(heard?.answers ?? [])]).toEqual([[args.join('\0'), { code, stdout, stderr: '' }]]);
});
