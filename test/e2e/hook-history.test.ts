import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { editor, typing } from '../support/editor.ts';
import { agentCommit, agentGit, asAgent, install, recorded, repoForTest } from '../support/recorded.ts';
import { repoAt, type TestRepo, writeScript } from '../support/repo.ts';
import {
  expectHuman,
  expectSealed,
  noteOf,
  pathsOf,
  showOf,
  thenHuman,
  trailersOf,
} from '../support/seal.ts';

type Case = [name: string, act: (repo: TestRepo) => Promise<void>];

const USERS_HOOKS: Case[] = [
  [
    'a commit-msg hook that rewrites the message and keeps the trailers',
    async (repo) => {
      await writeScript(
        repo.path('.git/hooks/commit-msg'),
        `#!/bin/sh\n{ printf 'TICKET-1 '; cat "$1"; } >"$1.new" && mv "$1.new" "$1"\n`,
      );
      await install(repo);
      await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
      await expectSealed(repo);
      expect(await repo.git('log', '-1', '--format=%s')).toBe('TICKET-1 Work');
    },
  ],
  [
    'a commit-msg hook that takes the trailers out: bound, not sealed',
    async (repo) => {
      await writeScript(
        repo.path('.git/hooks/commit-msg'),
        `#!/bin/sh\nsed -i '/^Agent-/d; /^Assisted-by/d' "$1"\n`,
      );
      await install(repo);
      await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
      expect(await trailersOf(repo)).toEqual([]);
      const shown = await showOf(repo);
      expect(shown).toMatchObject({ authorship: 'agent', binding: 'exact', sealed: false });
      expect(pathsOf(shown)).toEqual(['a.txt']);
    },
  ],
  [
    'a commit-msg hook that refuses',
    async (repo) => {
      await writeScript(repo.path('.git/hooks/commit-msg'), '#!/bin/sh\ngrep -q "^Work" "$1"\n');
      await install(repo);
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const head = await repo.git('rev-parse', 'HEAD');
      expect((await asAgent(repo, ['commit', '-m', 'Refused'])).code).toBe(1);
      expect(await repo.git('rev-parse', 'HEAD')).toBe(head);
      await agentCommit(repo, 'Work');
      expect(pathsOf(await expectSealed(repo))).toEqual(['a.txt']);
      await rm(repo.path('.git/hooks/commit-msg'));
    },
  ],
  [
    'a prepare-commit-msg hook that writes the message into an empty editor',
    async (repo) => {
      await writeScript(
        repo.path('.git/hooks/prepare-commit-msg'),
        `#!/bin/sh\n[ -n "$2" ] || { printf 'From a hook\\n'; cat "$1"; } >"$1.new" && [ ! -e "$1.new" ] || mv "$1.new" "$1"\n`,
      );
      await install(repo);
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const env = await editor(repo, 'exit 0');
      expect((await asAgent(repo, ['commit', '-q'], { env })).code).toBe(0);
      await expectSealed(repo);
    },
  ],
  [
    'a pre-commit hook that formats and stages again, as lint-staged does',
    async (repo) => {
      await writeScript(
        repo.path('.git/hooks/pre-commit'),
        "#!/bin/sh\nfor f in $(git diff --cached --name-only); do sed -i 's/ *$//' $f; git add $f; done\n",
      );
      await install(repo);
      await agentCommit(repo, 'Work', { 'a.txt': 'spaces   \n' });
      expect(await repo.git('show', 'HEAD:a.txt')).toBe('spaces');
      expect((await expectSealed(repo)).files).toMatchObject([
        { path: 'a.txt', blob: await repo.git('rev-parse', 'HEAD:a.txt') },
      ]);
    },
  ],
];

describe("a user's own hooks", () => {
  it.each(USERS_HOOKS)('%s', async (_, act) => {
    const repo = await repoForTest();
    await act(repo);
    await thenHuman(repo);
  });
});

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

describe('a signed commit', () => {
  it.skipIf(!has('gpg'))('with gpg: the seal is under the signature', async () => {
    const repo = await recorded();
    // A socket's path may not be long, so the keys do not live in the repository's own folder.
    const keys = await mkdtemp(join(tmpdir(), 'gpg-'));
    const env = { GNUPGHOME: keys };
    onTestFinished(async () => {
      await repo.exec('gpgconf', ['--kill', 'all'], { env });
      await rm(keys, { recursive: true, force: true, maxRetries: 5 });
    });
    const name = 'Jane Doe <jane@example.com>';
    const made = await repo.exec(
      'gpg',
      ['--batch', '--passphrase', '', '--quick-gen-key', name, 'ed25519', 'sign', 'never'],
      { env },
    );
    expect(made.code, made.stderr).toBe(0);
    await repo.write('a.txt', 'a\n');
    await repo.git('add', '-A');
    const { code, stderr } = await asAgent(repo, ['commit', '-q', '-S', '-m', 'Signed'], { env });
    expect(code, stderr).toBe(0);
    await expectSealed(repo);
    expect((await repo.tryGit(['verify-commit', 'HEAD'], { env })).code).toBe(0);
    await thenHuman(repo);
  });

  it.skipIf(!has('ssh-keygen'))('with ssh: the seal is under the signature', async () => {
    const repo = await recorded();
    const key = join(repo.home, 'key');
    await repo.exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'jane@example.com', '-f', key]);
    await writeFile(join(repo.home, 'signers'), `jane@example.com ${await readFile(`${key}.pub`, 'utf8')}`);
    await repo.git('config', 'gpg.format', 'ssh');
    await repo.git('config', 'user.signingKey', key);
    await repo.git('config', 'gpg.ssh.allowedSignersFile', join(repo.home, 'signers'));
    await repo.git('config', 'commit.gpgSign', 'true');
    await repo.git('config', 'log.showSignature', 'true');
    await agentCommit(repo, 'Signed', { 'a.txt': 'a\n' });
    await repo.git('config', 'log.showSignature', 'false');
    await expectSealed(repo);
    expect((await repo.tryGit(['verify-commit', 'HEAD'])).code).toBe(0);
    await thenHuman(repo);
  });
});

/** A branch `topic` with an agent's commit per message, and `main` checked out again. */
async function topic(repo: TestRepo, ...messages: string[]): Promise<void> {
  await repo.git('checkout', '-q', '-b', 'topic');
  for (const [i, message] of messages.entries())
    await agentCommit(repo, message, { [`t${i}.txt`]: `${i}\n` });
  await repo.git('checkout', '-q', 'main');
}

const HISTORY: Case[] = [
  [
    'merge --no-ff by an agent',
    async (repo) => {
      await topic(repo, 'One');
      await agentGit(repo, 'merge', '-q', '--no-ff', '--no-edit', 'topic');
      await expectSealed(repo);
      await expectSealed(repo, 'topic');
    },
  ],
  [
    "merge --no-ff by a person of an agent's branch",
    async (repo) => {
      await topic(repo, 'One');
      await repo.git('merge', '-q', '--no-ff', '--no-edit', 'topic');
      await expectHuman(repo);
      await expectSealed(repo, 'topic');
    },
  ],
  [
    'merge --no-ff of two lines of work',
    async (repo) => {
      await topic(repo, 'One');
      await repo.commit('By hand', { 'main.txt': 'main\n' });
      await agentGit(repo, 'merge', '-q', '--no-edit', 'topic');
      await expectSealed(repo);
    },
  ],
  [
    'a merge with a conflict the agent resolves',
    async (repo) => {
      await topic(repo, 'One');
      await repo.commit('By hand', { 't0.txt': 'theirs\n' });
      expect((await asAgent(repo, ['merge', 'topic'])).code).toBe(1);
      await repo.write('t0.txt', 'both\n');
      await repo.git('add', '-A');
      await agentGit(repo, 'commit', '-q', '--no-edit');
      const shown = await expectSealed(repo);
      expect(pathsOf(shown)).toContain('t0.txt');
    },
  ],
  [
    'merge --squash and commit by an agent',
    async (repo) => {
      await topic(repo, 'One', 'Two');
      await showOf(repo, 'topic');
      await agentGit(repo, 'merge', '-q', '--squash', 'topic');
      await agentGit(repo, 'commit', '-q', '--no-edit');
      const shown = await expectSealed(repo);
      expect(shown.others).toHaveLength(2);
    },
  ],
  [
    'merge --squash and commit by a person: the records stay with the work',
    async (repo) => {
      await topic(repo, 'One', 'Two');
      await showOf(repo, 'topic');
      await repo.git('merge', '-q', '--squash', 'topic');
      await repo.git('commit', '-q', '--no-edit');
      expect(await showOf(repo)).toMatchObject({ authorship: 'agent', binding: 'squashed', sealed: true });
    },
  ],
  [
    'cherry-pick takes the trailers along and adds none',
    async (repo) => {
      await topic(repo, 'One');
      await showOf(repo, 'topic');
      await repo.commit('By hand', { 'main.txt': 'main\n' });
      await agentGit(repo, 'cherry-pick', 'topic');
      await expectSealed(repo, 'HEAD', { binding: 'same-patch' });
    },
  ],
  [
    'rebase takes the trailers along and adds none',
    async (repo) => {
      await topic(repo, 'One', 'Two');
      await showOf(repo, 'topic');
      await repo.commit('By hand', { 'main.txt': 'main\n' });
      await agentGit(repo, 'rebase', '-q', 'main', 'topic');
      await expectSealed(repo, 'HEAD', { binding: 'same-patch' });
      await expectSealed(repo, 'HEAD^', { binding: 'same-patch' });
    },
  ],
  [
    'am of a patch of a recorded commit',
    async (repo) => {
      await topic(repo, 'One');
      await showOf(repo, 'topic');
      const patch = await repo.git('format-patch', '--stdout', '-1', 'topic');
      await repo.commit('By hand', { 'main.txt': 'main\n' });
      const { code } = await asAgent(repo, ['am', '-q'], { input: `${patch}\n` });
      expect(code).toBe(0);
      await expectSealed(repo, 'HEAD', { binding: 'same-patch' });
    },
  ],
  [
    'am of a patch of a recorded commit that no command has bound yet',
    async (repo) => {
      await repo.git('checkout', '-q', '-b', 'topic');
      await agentCommit(repo, 'One', { 't0.txt': '0\n' });
      const patch = await repo.git('format-patch', '--stdout', '-1', 'topic');
      await repo.git('checkout', '-q', 'main');
      const { code } = await asAgent(repo, ['am', '-q'], { input: `${patch}\n` });
      expect(code).toBe(0);
      await expectSealed(repo);
    },
  ],
  [
    "am of another repository's patch, as anybody sends it",
    async (repo) => {
      const other = await repoForTest();
      await other.commit('From elsewhere', { 'elsewhere.txt': 'x\n' });
      const patch = await other.git('format-patch', '--stdout', '-1');
      expect((await asAgent(repo, ['am', '-q'], { input: `${patch}\n` })).code).toBe(0);
      await expectHuman(repo);
    },
  ],
  [
    "am of another repository's recorded commit is a claim, no more",
    async (repo) => {
      const other = await recorded();
      await agentCommit(other, 'From elsewhere', { 'elsewhere.txt': 'x\n' });
      const patch = await other.git('format-patch', '--stdout', '-1');
      expect((await asAgent(repo, ['am', '-q'], { input: `${patch}\n` })).code).toBe(0);
      const shown = await showOf(repo);
      expect(shown).toMatchObject({ authorship: 'unknown', binding: 'claimed', sealed: false, record: null });
      expect(shown.integrity.problems).toHaveLength(1);
      expect(await noteOf(repo)).toBe('');
    },
  ],
];

describe('history is rewritten and joined', () => {
  it.each(HISTORY)('%s', async (_, act) => {
    const repo = await recorded();
    await act(repo);
    await thenHuman(repo);
  });
});

describe('a repository of another kind', () => {
  it('a submodule, and the superproject that takes it in', async () => {
    const library = await repoForTest();
    const repo = await recorded();
    await repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.dir, 'sub');
    await repo.commit('Add a submodule');
    const sub = repoAt(repo.path('sub'), repo.home);
    await sub.git('config', 'user.name', 'Jane Doe');
    await sub.git('config', 'user.email', 'jane@example.com');
    await install(sub);
    const inside = await agentCommit(sub, 'Inside', { 'a.txt': 'a\n' });
    expect(pathsOf(await expectSealed(sub))).toEqual(['a.txt']);
    await agentCommit(repo, 'Take it in');
    expect((await expectSealed(repo)).files).toMatchObject([{ path: 'sub', blob: inside }]);
    await thenHuman(sub);
    await thenHuman(repo);
  });

  it('a linked worktree', async () => {
    const repo = await recorded();
    await repo.git('worktree', 'add', '-q', '-b', 'side', '../side');
    const side = repoAt(repo.path('..', 'side'), repo.home);
    await agentCommit(side, 'In the side', { 'a.txt': 'a\n' });
    await expectSealed(side);
    await expectSealed(repo, 'side');
    const env = await typing(side, 'Typed in the side');
    await side.write('b.txt', 'b\n');
    await side.git('add', '-A');
    expect((await asAgent(side, ['commit', '-q'], { env })).code).toBe(0);
    await expectSealed(side);
    await thenHuman(side);
    await thenHuman(repo);
  });

  it('a sparse index stays sparse', async () => {
    const repo = await recorded();
    await repo.commit('Folders', { 'in/a.txt': 'a\n', 'out/deep/b.txt': 'b\n' });
    await repo.git('sparse-checkout', 'set', '--cone', '--sparse-index', 'in');
    await repo.write('in/a.txt', 'aa\n');
    await repo.git('add', 'in/a.txt');
    const before = await repo.git('ls-files', '--sparse');
    await agentGit(repo, 'commit', '-q', '-m', 'Inside the cone');
    expect(await repo.git('ls-files', '--sparse')).toBe(before);
    expect(before.split('\n')).toContain('out/');
    expect(pathsOf(await expectSealed(repo))).toEqual(['in/a.txt']);
    await repo.commit('By hand', { 'in/human.txt': 'x\n' });
    await expectHuman(repo);
  });

  it('a SHA-256 repository', async () => {
    const repo = await recorded({ objectFormat: 'sha256' });
    const oid = await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    expect(oid).toHaveLength(64);
    await expectSealed(repo);
    await thenHuman(repo);
  });

  it('the first commit of a repository', async () => {
    const repo = await recorded({ firstCommit: false });
    await agentCommit(repo, 'First of all', { 'a.txt': 'a\n' });
    await expectSealed(repo);
    await thenHuman(repo);
  });

  it('a commit made from a folder inside', async () => {
    const repo = await recorded();
    await repo.write('deep/er/a.txt', 'a\n');
    await repo.git('add', '-A');
    const cwd = repo.path('deep/er');
    expect((await asAgent(repo, ['commit', '-q', '-m', 'From inside'], { cwd })).code).toBe(0);
    expect(pathsOf(await expectSealed(repo))).toEqual(['deep/er/a.txt']);
  });
});
