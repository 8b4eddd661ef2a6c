import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { makeRepo, type RepoOptions, repoAt, type TestRepo } from './repo.ts';

/** A repository in which all there is to verify is there once, and is as it should be. */
export interface GoodLedger {
  readonly repo: TestRepo;
  /** Three commits of one transaction, oldest first; the second was amended. */
  readonly commits: readonly string[];
  readonly keys: { readonly jane: string; readonly ci: string };
  readonly keyFiles: { readonly jane: string; readonly ci: string };
}

const POLICY = `version: 1
rules:
  - id: agent.tasks
    enforce: audit
    require: [{id: task, expr: change.tasks_missing == 0, message: every agent commit needs a task}]
  - id: agent.any
    require: [{id: any, expr: "1 == 1", message: anything}]
`;

/**
 * Jane's main has a roster and a policy; an agent makes three commits on a topic for John; Jane approves; the pipeline decides at
 * the merge stage, which leaves a checkpoint; main takes it in, and the agent goes on there.
 */
export async function makeGoodLedger(options: RepoOptions = {}): Promise<GoodLedger> {
  const repo = await makeRepo(options);
  await ok(repo, ['init', '--agents', 'none']);
  const keyFiles = { jane: join(repo.home, 'jane'), ci: join(repo.home, 'ci') };
  const keys = { jane: '', ci: '' };
  for (const name of ['jane', 'ci'] as const) {
    await repo.exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', keyFiles[name]]);
    keys[name] = (await readFile(`${keyFiles[name]}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  }
  await repo.git('config', 'gpg.format', 'ssh');
  await repo.git('config', 'user.signingKey', keyFiles.jane);
  await repo.commit('Who answers', {
    '.agent-log/sponsors.yaml': `version: 1\npeople:\n  - {name: Jane Doe, email: jane@example.com, keys: ["${keys.jane}"]}\n  - {name: John Roe, email: john@example.com}\nci: [{name: main, keys: ["${keys.ci}"]}]\n`,
    '.agent-log/policy.yaml': POLICY,
    'src/pay.js': 'export const pay = 1;\n',
  });
  await repo.git('checkout', '-q', '-b', 'topic');
  const commits: string[] = [];
  for (const [i, change] of ['2', '3', '4'].entries()) {
    await repo.write('src/pay.js', `export const pay = ${change};\n`);
    if (i === 2) await repo.write('package.json', '{"dependencies":{"left-pad":"1.0.0"}}\n');
    await repo.git('add', '-A');
    commits.push(await agentCommit(repo, `Pay ${change}`));
  }
  await ok(repo, ['approve', 'topic', '--target', 'main']);
  const env = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.signingKey', GIT_CONFIG_VALUE_0: keyFiles.ci };
  const checked = await repo.run(['check', 'main..topic', '--stage', 'merge', '--target', 'main', '--sign'], {
    env,
  });
  if (checked.code !== 0) throw new Error(checked.stderr);
  await repo.git('checkout', '-q', 'main');
  await repo.git('merge', '-q', '--ff-only', 'topic');
  await repo.write('docs.md', 'Pays.\n');
  await repo.git('add', '-A');
  await ok(repo, [
    'run',
    '--task',
    'Say what it does',
    '--',
    'git',
    'commit',
    '-q',
    '-m',
    'Say what it does',
  ]);
  await ok(repo, ['list']);
  commits.push(await repo.git('rev-parse', 'HEAD'));
  return { repo, commits, keys, keyFiles };
}

const AGENT = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: '98ba7ee1-54c8-47bb-b1fc-899fbd63f387' };

async function agentCommit(repo: TestRepo, message: string): Promise<string> {
  const { code, stderr } = await repo.tryGit(['commit', '-q', '-m', message], { env: AGENT });
  if (code !== 0) throw new Error(stderr);
  await ok(repo, ['list']);
  return repo.git('rev-parse', 'HEAD');
}

async function ok(repo: TestRepo, args: readonly string[]): Promise<void> {
  const { code, stderr } = await repo.run(args);
  if (code !== 0) throw new Error(`${args.join(' ')} exited with ${code}: ${stderr}`);
}

/** The same again, for somebody to tamper with. */
export async function copyOf({ repo }: GoodLedger): Promise<TestRepo> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-copy-'));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  await cp(repo.dir, join(root, 'repo'), { recursive: true });
  return repoAt(join(root, 'repo'), repo.home);
}
