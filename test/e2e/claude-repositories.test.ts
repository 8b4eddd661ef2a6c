import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import {
  commits,
  haveClaude,
  MODEL,
  SETUP_MS,
  session,
  shownBySubject,
  stage,
  strike,
  writes,
} from '../support/clients/claude-stage.ts';
import { install } from '../support/recorded.ts';
import { repoAt, type TestRepo } from '../support/repo.ts';

const TASK = 'Change both repositories.';

/** A repository beside another one, of the same user. */
async function beside(repo: TestRepo, name: string): Promise<TestRepo> {
  const other = repoAt(join(repo.dir, '..', name), repo.home);
  await mkdir(other.dir);
  await other.git('init', '-q', '-b', 'main', '.');
  await other.git('config', 'user.name', 'Jane Doe');
  await other.git('config', 'user.email', 'jane@example.com');
  await other.commit('First', { 'README.md': 'other\n' });
  return other;
}

describe.skipIf(!haveClaude('Claude Code: repositories'))(
  'one session of Claude Code in several repositories',
  () => {
    let repo: TestRepo;
    let second: TestRepo;
    let sub: TestRepo;
    let linked: TestRepo;
    let id: string;
    const shown = new Map<string, ShowDocument>();
    const get = (subject: string): ShowDocument => {
      const found = shown.get(subject);
      if (found === undefined) throw new Error(`${subject} was not shown`);
      return found;
    };

    beforeAll(async () => {
      repo = await stage();
      second = await beside(repo, 'second');
      await install(second);
      const library = await beside(repo, 'library');
      await repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.dir, 'sub');
      await repo.git('commit', '-q', '-m', 'Add a submodule');
      sub = repoAt(repo.path('sub'), repo.home);
      await sub.git('config', 'user.name', 'Jane Doe');
      await sub.git('config', 'user.email', 'jane@example.com');
      await sub.git('checkout', '-q', 'main');
      await install(sub);
      linked = repoAt(join(repo.dir, '..', 'linked'), repo.home);
      await repo.git('worktree', 'add', '-q', '-b', 'side', linked.dir);
      const run = await session(
        repo,
        TASK,
        [
          writes(second.path('x.txt'), 'x\n'),
          commitsIn('../second', 'in second'),
          writes(repo.path('y.txt'), 'y\n'),
          commits('at home'),
          writes(second.path('z.txt'), 'z\n'),
          commitsIn('../second', 'second again'),
          writes(sub.path('s.txt'), 's\n'),
          commitsIn('sub', 'in sub'),
          writes(linked.path('l.txt'), 'l\n'),
          commitsIn('../linked', 'linked'),
          { text: 'Done.' },
        ],
        { extraArgs: ['--add-dir', second.dir, '--add-dir', linked.dir] },
      );
      id = run.sessionId;
      for (const subject of ['in second', 'second again'])
        shown.set(subject, await shownBySubject(second, subject));
      for (const subject of ['at home', 'linked']) shown.set(subject, await shownBySubject(repo, subject));
      shown.set('in sub', await shownBySubject(sub, 'in sub'));
    }, SETUP_MS);

    afterAll(() => strike(repo));

    test('the commit in the other repository knows session, model, task and prompt', () => {
      for (const subject of ['in second', 'second again', 'in sub']) {
        const one = get(subject);
        expect(one).toMatchObject({
          binding: 'exact',
          sealed: true,
          authorship: 'agent',
          task: { text: TASK },
        });
        expect(one.agent).toMatchObject({ name: 'claude-code', sessionId: id, chain: [] });
        expect(one.model).toEqual({ provider: 'anthropic', name: MODEL });
        expect(one.prompts.map(({ text }) => text)).toEqual([TASK]);
        expect(one.capture).toMatchObject({ by: 'hooks', elsewhere: true });
        expect(one.gaps).toEqual([]);
      }
      expect(get('at home').capture?.elsewhere).toBe(false);
    });

    test('what its edit tools wrote there is its content, path by path', () => {
      expect(get('in second').files).toMatchObject([{ path: 'x.txt', by: 'agent' }]);
      expect(get('second again').files).toMatchObject([{ path: 'z.txt', by: 'agent' }]);
      expect(get('in sub').files).toMatchObject([{ path: 's.txt', by: 'agent' }]);
    });

    test('one task is one transaction in all of them, counted in each', () => {
      const { txn } = get('at home');
      for (const subject of ['in second', 'second again', 'in sub']) expect(get(subject).txn).toBe(txn);
      expect(get('at home').seq).toBe(1);
      expect(get('second again')).toMatchObject({ seq: 2, prev: get('in second').record });
      expect(get('in sub').seq).toBe(1);
    });

    test('a later commit there lists no call and counts no token again', () => {
      const first = get('in second').toolCalls.filter(({ status }) => status === 'ok');
      const again = new Set(get('second again').toolCalls.map(({ id: call }) => call));
      for (const call of first) expect(again).not.toContain(call.id);
      expect(get('in second').usage?.inputTokens).toBe(200);
      // What the commit at home in between has recorded is not counted here any more.
      expect([200, 300, 400]).toContain(get('second again').usage?.inputTokens);
    });

    test('no record names a path of another repository', async () => {
      const home = await repo.git('log', '-p', 'refs/notes/agent-log');
      for (const text of [second.dir, 'x.txt', 'z.txt', 's.txt']) expect(home).not.toContain(text);
      const there = await second.git('log', '-p', 'refs/notes/agent-log');
      for (const text of [repo.dir, second.dir, 'y.txt', 's.txt']) expect(there).not.toContain(text);
    });

    test('the registry of the user holds a path and nothing else, for the user alone', async () => {
      const folder = join(repo.home, '.local/state/git-agent-log/sessions');
      expect(await readdir(folder)).toEqual([`claude-code.${id}`]);
      const entry = join(folder, `claude-code.${id}`);
      expect((await readFile(entry, 'utf8')).trim()).toMatch(/\/repo\/\.git\/agent-log(\/bin\/\.\.)?$/);
      expect((await stat(entry)).mode & 0o777).toBe(0o600);
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
    });

    test('a linked worktree of the same clone needs none of that', () => {
      expect(get('linked').files).toMatchObject([{ path: 'l.txt', by: 'agent' }]);
      expect(get('linked').agent).toMatchObject({ sessionId: id, chain: [] });
      expect(get('linked')).toMatchObject({ binding: 'exact', sealed: true, task: { text: TASK } });
      expect(get('linked').capture?.elsewhere).toBe(false);
      // A branch of its own there: a task of its own.
      expect(get('linked').txn).not.toBe(get('at home').txn);
    });
  },
);

/** A step in which git is told of a repository by its folder. */
function commitsIn(folder: string, subject: string) {
  const command = `git -C ${folder} add -A && git -C ${folder} commit -q -m "${subject}"`;
  return { tool: 'Bash', input: { command } };
}
