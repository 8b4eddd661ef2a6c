import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { STARTER_POLICY } from '../../lib/policy/rules/starter.ts';
import { type Outcome, repoAt, type TestRepo } from './repo.ts';

export const MR_URL = 'https://example.com/bank/payments/-/merge_requests/7';

/** Somebody with a clone, and an ssh key that git signs with. */
export interface Member {
  readonly repo: TestRepo;
  readonly key: string;
  readonly keyFile: string;
}

/** A bank's repository: a server, its policy, and the people who answer for changes. */
export interface Bank {
  readonly server: TestRepo;
  /** Answers for agents' work; no code owner. */
  readonly john: Member;
  /** Owns the code. */
  readonly olga: Member;
  /** The pipeline. */
  readonly ci: Member;
  /** A clone with a shared service account, as agents are started there. */
  readonly agents: TestRepo;
  readonly keys: readonly { readonly file: string; readonly text: string }[];
  /** What git does first everywhere: gets the server's branches and ledger. */
  readonly fetchAll: (...repos: TestRepo[]) => Promise<void>;
}

const SPONSORS = (john: string, olga: string, ci: string): string => `version: 1
people:
  - name: John Roe
    email: john@example.com
    emails: [john.roe@example.org]
    keys: ["${john}"]
    roles: [sponsor, waivers]
  - name: Olga Doe
    email: olga@example.com
    emails: [olga.doe@example.org]
    accounts: {github: olga}
    keys: ["${olga}"]
    roles: [approver, waivers, audit]
ci:
  - name: merge pipeline
    keys: ["${ci}"]
services: [agents@example.com]
`;

/** A server with a policy, and everybody's clone of it. */
export async function makeBank(policy: string = STARTER_POLICY, sameKeysAs?: Bank): Promise<Bank> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-bank-'));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
  const server = repoAt(join(root, 'server.git'), join(root, 'home'));
  await mkdir(join(root, 'home'));
  await mkdir(server.dir);
  await server.git('init', '-q', '--bare', '-b', 'main', '.');
  const names = ['john', 'olga', 'ci', 'agents'] as const;
  const made = new Map<string, Member>();
  const seed = await memberOf(root, server, 'seed', 'Jane Doe', 'jane@example.com');
  const keys = sameKeysAs?.keys ?? (await Promise.all(names.map((name) => keyFor(root, seed.repo, name))));
  await seed.repo.commit('A service', {
    'src/pay.js': 'export const pay = 1;\n',
    'package.json': '{"dependencies":{"left-pad":"1.0.0"}}\n',
    CODEOWNERS: '* olga@example.com\n',
    '.agent-log/policy.yaml': policy,
    '.agent-log/sponsors.yaml': SPONSORS(keys[0]?.text ?? '', keys[1]?.text ?? '', keys[2]?.text ?? ''),
  });
  await seed.repo.git('push', '-q', 'origin', 'main');
  const people = [
    ['john', 'John Roe', 'john@example.com'],
    ['olga', 'Olga Doe', 'olga@example.com'],
    ['ci', 'Pipeline', 'ci@example.com'],
    ['agents', 'Agents', 'agents@example.com'],
  ] as const;
  for (const [i, [name, fullName, email]] of people.entries()) {
    const member = await memberOf(root, server, name, fullName, email);
    const key = keys[i];
    if (key === undefined) throw new RangeError(name);
    if (name !== 'agents') {
      await member.repo.git('config', 'gpg.format', 'ssh');
      await member.repo.git('config', 'user.signingkey', key.file);
    }
    made.set(name, { repo: member.repo, key: key.text, keyFile: key.file });
  }
  const get = (name: string): Member => made.get(name) ?? seed;
  const agents = get('agents').repo;
  await agents.run(['init']);
  return {
    server,
    keys,
    john: get('john'),
    olga: get('olga'),
    ci: get('ci'),
    agents,
    async fetchAll(...repos) {
      for (const repo of repos) {
        await repo.git('fetch', '-q', 'origin');
        await repo.run(['sync']);
      }
    },
  };
}

async function memberOf(
  root: string,
  server: TestRepo,
  name: string,
  fullName: string,
  email: string,
): Promise<Member> {
  const home = join(root, `home-${name}`);
  await mkdir(home);
  const repo = repoAt(join(root, name), home);
  await server.git('clone', '-q', server.dir, repo.dir);
  await repo.git('config', 'user.name', fullName);
  await repo.git('config', 'user.email', email);
  await repo.git('config', 'gc.auto', '0');
  if (name !== 'seed') await repo.git('remote', 'set-head', 'origin', 'main');
  return { repo, key: '', keyFile: '' };
}

async function keyFor(
  root: string,
  repo: TestRepo,
  name: string,
): Promise<{ readonly file: string; readonly text: string }> {
  const file = join(root, `key-${name}`);
  const made = await repo.exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
  if (made.code !== 0) throw new Error(made.stderr);
  const [type, key] = (await readFile(`${file}.pub`, 'utf8')).split(' ');
  return { file, text: `${type} ${key}` };
}

/** An agent bumps a dependency on a branch, under the shared account, and the branch is pushed. */
export async function bumpDependency(
  { agents }: Bank,
  branch = 'bump',
  files: Readonly<Record<string, string>> = { 'package.json': '{"dependencies":{"left-pad":"1.3.0"}}\n' },
): Promise<string> {
  await agents.git('checkout', '-q', '-b', branch, 'origin/main');
  for (const [path, content] of Object.entries(files)) await agents.write(path, content);
  const script = 'git add -A && git commit -q -m "Bump left-pad"';
  const ran = await agents.run([
    'run',
    '--task',
    'Bump left-pad to 1.3.0',
    '--agent=claude-code',
    '--model=claude-sonnet-4-5',
    '--',
    'sh',
    '-c',
    script,
  ]);
  if (ran.code !== 0) throw new Error(ran.stderr);
  await agents.git('push', '-q', 'origin', branch);
  await agents.run(['sync']);
  return agents.git('rev-parse', 'HEAD');
}

/** What `check` says as JSON, and how it ended. */
export async function checked(
  { repo }: Member,
  args: readonly string[],
): Promise<{ readonly code: number; readonly document: CheckAnswer; readonly outcome: Outcome }> {
  const outcome = await repo.run(['check', ...args, '--json']);
  const document = JSON.parse(outcome.stdout || '{"decisions":[]}') as CheckAnswer;
  return { code: outcome.code, document, outcome };
}

export interface CheckAnswer {
  readonly verdict: 'pass' | 'deny';
  readonly decisions: readonly {
    readonly rule: string;
    readonly result: string;
    readonly denies: boolean;
    readonly waiver: string | null;
    readonly basis: string;
    readonly hint: string | null;
    readonly clauses: readonly { readonly id: string; readonly result: string }[];
  }[];
  readonly ledger: string | null;
}
