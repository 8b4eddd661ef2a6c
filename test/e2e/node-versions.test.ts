import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ClientPackage, installClient } from '../support/clients/install.ts';
import { agentCommit } from '../support/recorded.ts';
import { makeRepo, type Outcome, repoAt, type TestRepo } from '../support/repo.ts';
import { work } from '../support/sealed-texts.ts';
import { eventually } from '../support/wait.ts';

const CACHE =
  process.env['AGENT_CLIENT_CACHE'] ?? fileURLToPath(new URL('../../.cache/agents', import.meta.url));

/** The least that `engines` allows, what has long-term support, and the newest. */
const VERSIONS = ['20.19.0', '22.12.0', '22.23.3', '24.21.0', '26.10.0'];

const NODE = `node-${process.platform}-${process.arch}`;

function nodeOf(version: string): ClientPackage {
  return {
    name: 'node',
    package: NODE,
    version,
    locate: (prefix) => Promise.resolve(join(prefix, 'node_modules', NODE, 'bin', 'node')),
  };
}

const bins = new Map<string, string>();
for (const version of VERSIONS) {
  const node = await installClient(CACHE, nodeOf(version));
  if (node.ok) bins.set(version, node.bin);
  else process.stderr.write(`SKIPPED: Node ${version} e2e: ${node.reason}: ${node.detail}\n`);
}

/** A repository with a remote in which every program finds this Node first. */
async function repoWith(bin: string): Promise<TestRepo> {
  const made = await makeRepo();
  onTestFinished(made.remove);
  const PATH = `${dirname(bin)}:${made.env['PATH'] ?? ''}`;
  const repo = repoAt(made.dir, made.home, made.remove, { PATH });
  const folder = await mkdtemp(join(tmpdir(), 'agent-log-remote-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await repo.git('init', '-q', '--bare', '-b', 'main', join(folder, 'remote.git'));
  await repo.git('remote', 'add', 'origin', join(folder, 'remote.git'));
  return repo;
}

async function quietly(command: string, outcome: Promise<Outcome>): Promise<string> {
  const { code, stdout, stderr } = await outcome;
  expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
  return stdout;
}

function program(repo: TestRepo, ...args: string[]): Promise<string> {
  return quietly(args.join(' '), repo.run(args));
}

describe.each(VERSIONS)('Node %s', (version) => {
  const bin = bins.get(version) ?? '';

  test.skipIf(bin === '')(
    'records, shows, replays, syncs, bundles and reverts, and says nothing of its own',
    async () => {
      const repo = await repoWith(bin);
      expect(await quietly('--version', repo.exec('node', ['--version']))).toBe(`v${version}\n`);
      await program(repo, 'init', '--agents', 'none', '--policy');
      await repo.commit('Say what is allowed');
      await repo.git('push', '-q', 'origin', 'main');
      expect(await repo.read('.git/hooks/prepare-commit-msg')).toContain(`node='${bin}'`);

      const first = await agentCommit(repo, 'Begin to parse', { 'parser.txt': 'one\n' });
      await agentCommit(repo, 'Parse more', { 'parser.txt': 'one\ntwo\n' });
      const txn = await work(repo, 'Write what is done down', 'notes.txt');
      await eventually(async () => (await program(repo, 'show', 'HEAD')).includes('exact'));
      await repo.git('push', '-q', 'origin', 'main');
      await program(repo, 'sync');

      const ofCommit = await program(repo, 'show', first, '--json');
      // Twice, and a third time with what V8 has compiled before.
      expect(await program(repo, 'show', first, '--json')).toBe(ofCommit);
      expect(await program(repo, 'show', first, '--json')).toBe(ofCommit);
      for (const line of [
        'list',
        'doctor',
        'check --stage mr HEAD~3..HEAD',
        'replay --mode verify HEAD~3..HEAD',
        'metrics',
      ])
        await program(repo, ...line.split(' '));
      await program(repo, 'evidence', txn, '-o', '../home/bundle');
      await program(repo, 'verify', '../home/bundle');

      const ofWork = await program(repo, 'show', txn, '--json');
      expect(ofWork).toContain('Write what is done down');
      const plan = ['agent-revert', txn, '--plan', '--json'];
      const planned = await program(repo, ...plan);
      // The Node the tests run in reads the same in what another one wrote.
      const here = repoAt(repo.dir, repo.home);
      expect(await program(here, 'show', txn, '--json')).toBe(ofWork);
      expect(await program(here, ...plan)).toBe(planned);
      await program(repo, 'agent-revert', txn);
      await expect(repo.read('notes.txt')).rejects.toThrow('ENOENT');
    },
  );
});
