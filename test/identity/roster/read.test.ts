import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgentLogError } from '../../../lib/core/errors.ts';
import { openObjectReader } from '../../../lib/git/objects/catfile.ts';
import { readRoster } from '../../../lib/identity/roster/read.ts';
import { personOf } from '../../../lib/identity/roster/roster.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const GOOD = 'version: 1\npeople: [{name: Jane Doe, email: jane@example.com}]\n';

let repo: TestRepo;
const commits: Record<string, string> = {};

function file(mode: string, path: string, content: string): string {
  return `M ${mode} inline ${path}\ndata ${content.length}\n${content}\n`;
}

/** Commits with one tree entry each, from one process. */
beforeAll(async () => {
  repo = await makeRepo({ firstCommit: false });
  const roster = file('100644', '.agent-log/sponsors.yaml', GOOD);
  const entries: Record<string, string> = {
    none: '',
    good: roster,
    link: file('120000', '.agent-log/sponsors.yaml', '../roster.yaml') + file('100644', 'roster.yaml', GOOD),
    'linked-folder': file('120000', '.agent-log', 'elsewhere'),
    submodule: `M 160000 ${'1'.repeat(40)} .agent-log/sponsors.yaml\n`,
    'submodule-folder': `M 160000 ${'1'.repeat(40)} .agent-log\n`,
    folder: file('100644', '.agent-log/sponsors.yaml/x', ''),
    bad: file('100644', '.agent-log/sponsors.yaml', 'version: 2\n'),
    'linked-mailmap': roster + file('120000', '.mailmap', 'names'),
    mapped: roster + file('100644', '.mailmap', '<jane@example.com> <j@x.example>\n'),
  };
  const input = Object.entries(entries)
    .map(
      ([name, changes]) => `commit refs/heads/${name}\ncommitter J <j@x.example> 0 +0000\ndata 0\n${changes}`,
    )
    .join('');
  const { code, stderr } = await repo.tryGit(['fast-import', '--quiet', '--done'], {
    input: `${input}done\n`,
  });
  expect(code, stderr).toBe(0);
  const refs = await repo.git('for-each-ref', '--format=%(refname:short) %(objectname)');
  for (const line of refs.split('\n')) {
    const [name = '', oid = ''] = line.split(' ');
    commits[name] = oid;
  }
});

afterAll(() => repo.remove());

async function read(name: string): ReturnType<typeof readRoster> {
  const reader = openObjectReader({ cwd: repo.dir });
  try {
    return await readRoster(reader, commits[name] ?? '');
  } finally {
    reader.close();
  }
}

it('reads the roster of a commit, with its mailmap', async () => {
  const roster = await read('mapped');
  expect(personOf(roster, 'J@x.example')?.name).toBe('Jane Doe');
  expect(roster.commit).toBe(commits['mapped']);
});

it('says of a commit without one that there is none', async () => {
  expect(await read('none')).toMatchObject({ file: null, people: [] });
});

it.each([
  ['link', /symbolic link/],
  ['linked-folder', /symbolic link/],
  ['submodule', /submodule/],
  ['submodule-folder', /submodule/],
  ['folder', /folder/],
  ['linked-mailmap', /\.mailmap .*symbolic link/],
  ['bad', /version is not 1/],
])('refuses a roster where it is %s, and says what to do', async (name, message) => {
  const error = await read(name).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AgentLogError);
  expect(error).toMatchObject({ code: 'BAD_ROSTER', message: expect.stringMatching(message) as string });
  expect((error as AgentLogError).hints.length).toBeGreaterThan(0);
});
