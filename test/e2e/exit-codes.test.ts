import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REVERT } from '../../lib/cli/table/revert.ts';
import { COMMANDS } from '../../lib/cli/table/table.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

const NO_FILE = '/no/such/folder/file';
const NO_URL = 'https://git.example.com/team/shop/pull/404';
const NO_ID = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';

let repo: TestRepo;
beforeAll(async () => {
  repo = await makeRepo();
  await repo.run(['init', '--agents', 'none']);
});
afterAll(() => repo.remove());

/** Whatever the command: 1 is a considered no, 2 a command line that can't be meant, 128 a system that failed. */
const ROWS: readonly (readonly [number, readonly string[]])[] = [
  [2, ['init', '--agents', 'no-such-agent']],
  [2, ['uninit', 'word']],
  [2, ['doctor', 'word']],
  [2, ['begin']],
  [2, ['begin', '--task', `@${NO_FILE}`]],
  [2, ['end', 'word']],
  [1, ['end']],
  [2, ['run', '--task', 'x']],
  [2, ['show', 'a', 'b']],
  [1, ['show', 'no-such-thing']],
  [1, ['show', NO_ID]],
  [2, ['show', '--remote', 'ftp://example.com']],
  [2, ['why']],
  [1, ['why', 'no-such-file']],
  [1, ['why', 'README.md:99']],
  [1, ['why', 'README.md', 'no-such-commit']],
  [2, ['list', '--since', 'x']],
  [2, ['list', '--class', 'x']],
  [1, ['list', 'no..such']],
  [0, ['list']],
  [0, ['list', '--json']],
  [0, ['list', '--txn', '--json']],
  [2, ['scan', 'a', 'b']],
  [1, ['scan', 'no..such']],
  [128, ['scan', '--markdown', NO_FILE]],
  [2, ['adopt']],
  [1, ['adopt', 'no..such']],
  [2, ['regroup']],
  [1, ['regroup', '--join', NO_ID, 'HEAD']],
  [2, ['mr']],
  [2, ['mr', 'no-such-action']],
  [2, ['mr', 'show']],
  [2, ['mr', 'list', NO_URL]],
  [2, ['mr', 'open', 'no-url']],
  [2, ['mr', 'open', NO_URL, '--state', 'x']],
  [2, ['mr', 'open', NO_URL, '--description', `@${NO_FILE}`]],
  [1, ['mr', 'show', NO_URL]],
  [1, ['mr', 'open', NO_URL, '--head', 'no-such-commit']],
  [0, ['mr', 'list']],
  [0, ['mr', 'list', '--json']],
  [2, ['check']],
  [2, ['check', '--stage', 'x']],
  [2, ['check', '--stage', 'mr', '--import', 'x:y']],
  [2, ['check', '--stage', 'mr', '--import', `junit:${NO_FILE}`]],
  [1, ['check', '--stage', 'mr']],
  [1, ['approve', 'no-such-thing']],
  [2, ['approve', 'a', 'b']],
  [1, ['sponsor', 'no-such-thing']],
  [2, ['sponsor', 'a', 'b']],
  [2, ['exception', 'no-such-action']],
  [2, ['exception', 'list', 'word']],
  [2, ['exception', 'waivers', 'word']],
  [2, ['exception', 'list', '--type', 'x']],
  [2, ['exception', 'show']],
  [1, ['exception', 'show', 'no-such-one']],
  [2, ['exception', 'open', '--type', 'replay-failed']],
  [2, ['exception', 'comment', 'no-such-one']],
  [1, ['exception', 'close', 'no-such-one']],
  [2, ['exception', 'waive', '--rule', 'r']],
  [2, ['exception', 'waive', '--rule', 'r', '--reason', 'why']],
  [2, ['exception', 'waive', '--reason', 'why', '--until', '2026-01-01']],
  [1, ['exception', 'approve-waiver', NO_ID]],
  [0, ['exception', 'list']],
  [0, ['exception', 'list', '--json']],
  [0, ['exception', 'waivers', '--json']],
  [2, ['evidence']],
  [2, ['evidence', 'HEAD']],
  [2, ['evidence', 'HEAD', '-o', 'bundle', '--sign']],
  [2, ['evidence', '--class', 'iac', '-o', 'bundle']],
  [1, ['evidence', 'no-such-thing', '-o', 'bundle']],
  [128, ['evidence', 'HEAD', '-o', NO_FILE]],
  [2, ['evidence', 'request', 'HEAD']],
  [1, ['evidence', 'accept', NO_ID]],
  [2, ['evidence', 'requests', 'word']],
  [0, ['evidence', 'requests', '--json']],
  [2, ['verify', '--trust', NO_FILE]],
  [1, ['verify', 'no..such']],
  [1, ['verify', NO_FILE]],
  [2, ['metrics', '--format', 'x']],
  [2, ['metrics', '--since', 'x']],
  [1, ['metrics', 'no..such']],
  [0, ['metrics', '--json']],
  [2, ['erase']],
  [1, ['erase', NO_ID, '--reason', 'asked to']],
  [2, ['retention']],
  [2, ['relink', 'a', 'b']],
  [1, ['relink', 'no..such']],
  [2, ['replay']],
  [2, ['replay', '--mode', 'x']],
  [1, ['replay', 'no-such-thing', '--mode', 'verify']],
  [2, ['redact']],
  [1, ['redact', '--dry-run', 'no..such']],
  [2, ['sync', '--push', '--fetch']],
  [1, ['sync']],
  [128, ['sync', '/no/such/repository']],
  [2, ['config', 'word']],
  [2, ['export']],
  [2, ['export', 'x']],
  [1, ['export', 'csv', 'no..such']],
  [2, ['import']],
  [2, ['import', 'x']],
  [1, ['import', 'agent-trace', NO_FILE]],
  [2, ['agent-revert']],
  [2, ['agent-revert', '--repos', NO_FILE, NO_ID]],
  [1, ['agent-revert', NO_ID]],
  [1, ['agent-revert', '--continue']],
  [1, ['agent-revert', '--abort']],
];

describe('exit codes', () => {
  it.each(ROWS)('%i: %j', async (code, args) => {
    const outcome = await repo.run(args);
    expect(outcome).toMatchObject({ code });
    if (code === 0) expect(outcome.stderr).toBe('');
    else {
      expect(outcome.stderr).toMatch(/^error: .+\n(.+\n)*hint: .+\n$/);
      expect(outcome.stderr).not.toContain('mistake of git-agent-log');
      // A scan has answered by then; its report is what could not be written.
      if (args[0] !== 'scan') expect(outcome.stdout).toBe('');
    }
  });

  it('a mistake on the command line is 2 whatever the command: each has a row', () => {
    const tried = new Set(ROWS.filter(([code]) => code === 2).map(([, [name]]) => name));
    expect([...COMMANDS, REVERT].map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
  });

  it.each(['policy.yaml', 'sponsors.yaml', 'config.yaml'])(
    '2 for a mistake in .agent-log/%s',
    async (name) => {
      const other = await makeRepo();
      try {
        await other.run(['init', '--agents', 'none', '--policy']);
        await mkdir(other.path('.agent-log'), { recursive: true });
        await other.commit('By hand', { [`.agent-log/${name}`]: 'no-such-key: 1\n' });
        const outcome =
          name === 'config.yaml' ? await other.run(['config']) : await other.run(['check', '--stage', 'mr']);
        expect(outcome, outcome.stderr).toMatchObject({ code: 2 });
        expect(outcome.stderr).toMatch(/^error: .+\n(.+\n)*hint: /);
      } finally {
        await other.remove();
      }
    },
  );
});
