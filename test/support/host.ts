import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { repoAt, type TestRepo } from './repo.ts';

/** A bare repository, on which the functions below do with git's plumbing what hosts do when a change is merged. */
export type Host = TestRepo;

/** A pull request, or a merge request. */
export interface Change {
  readonly number: number;
  readonly title: string;
  readonly description: string;
  /** Branch of the project, or of a fork. */
  readonly branch: string;
  /** Where the host keeps its head, also after the branch is gone. */
  readonly ref: string;
}

interface Person {
  readonly name: string;
  readonly email: string;
}

const AUTHOR: Person = { name: 'Jane Doe', email: 'jane@users.noreply.example.com' };
const GITHUB: Person = { name: 'GitHub', email: 'noreply@github.com' };
/** Who clicks: GitLab and Gerrit commit in that person's name. */
const MAINTAINER: Person = { name: 'Jane Roe', email: 'roe@example.com' };

/** An empty host, with one commit on `main`. */
export async function makeHost(): Promise<Host> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-host-'));
  const host = repoAt(root, root);
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  await host.git('init', '-q', '--bare', '-b', 'main');
  await host.git('config', 'gc.auto', '0');
  const tree = await host.git('mktree');
  await host.git('update-ref', 'refs/heads/main', await commitTree(host, tree, [], 'First', AUTHOR, GITHUB));
  return host;
}

/**
 * A clone as a developer has it: with a name, and without what the host keeps for itself. It is fetched as from afar, for git copies
 * everything that lies in a repository on the same disk.
 */
export async function cloneOf(host: Host, ...options: string[]): Promise<TestRepo> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-clone-'));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  await host.git('clone', '-q', '--no-local', ...options, host.dir, join(root, 'repo'));
  const clone = repoAt(join(root, 'repo'), join(root, 'home'));
  await clone.git('config', 'user.name', 'Jane Doe');
  await clone.git('config', 'user.email', 'jane@example.com');
  await clone.git('config', 'gc.auto', '0');
  return clone;
}

/** Opens a change: `from` is the repository its branch is in, the project's own or a fork's. */
export async function openChange(
  host: Host,
  branch: string,
  said: { readonly title?: string; readonly description?: string } = {},
  from: TestRepo = host,
): Promise<Change> {
  const count = (await host.git('for-each-ref', '--format=x', 'refs/pull/')).split('\n').filter(Boolean);
  const number = count.length + 1;
  const ref = `refs/pull/${number}/head`;
  await host.git('fetch', '-q', from.dir, `+refs/heads/${branch}:${ref}`);
  return {
    number,
    title: said.title ?? 'The change',
    description: said.description ?? 'What it is for.',
    branch,
    ref,
  };
}

/** Which text GitHub was told to begin a squash's message with. */
export type SquashText = 'commits' | 'title' | 'description';

/** "Squash and merge". `resolved` holds files whose conflict somebody resolved in the browser before. */
export async function githubSquash(
  host: Host,
  change: Change,
  text: SquashText = 'commits',
  onto = 'main',
): Promise<string> {
  const message = await githubMessage(host, change, text);
  const tree = await mergedTree(host, onto, change.ref);
  return advance(host, onto, await commitTree(host, tree, [onto], message, AUTHOR, GITHUB));
}

async function githubMessage(host: Host, change: Change, text: SquashText): Promise<string> {
  const commits = await commitsOf(host, change);
  const single = commits.length === 1 && text === 'commits' ? commits[0] : undefined;
  const subject = `${single?.subject ?? change.title} (#${change.number})`;
  const bodies: Record<SquashText, string> = {
    commits: single?.body ?? bullets(commits),
    title: '',
    description: change.description,
  };
  return [subject, bodies[text], await coAuthors(host, change, bodies[text])].filter(Boolean).join('\n\n');
}

/** Those who wrote some of it, each once, after a line; who is the squash's author is not among them. */
async function coAuthors(host: Host, change: Change, body: string): Promise<string> {
  const authors = await host.git('log', '--format=%an <%ae>', `main..${change.ref}`);
  const others = [...new Set(authors.split('\n'))].filter((name) => !name.startsWith(`${AUTHOR.name} <`));
  const missing = others.filter((name) => !body.includes(`Co-authored-by: ${name}`));
  return missing.length === 0
    ? ''
    : `---------\n\n${missing.map((name) => `Co-authored-by: ${name}`).join('\n')}`;
}

/** "Rebase and merge": every commit made anew, also where nothing would have had to change. */
export async function githubRebase(host: Host, change: Change): Promise<string[]> {
  const before = await host.git('rev-parse', 'main');
  const head = await inWorktree(host, change.ref, GITHUB, async (work) => {
    await work.git('rebase', '-q', '--force-rebase', '--empty=drop', before);
  });
  await advance(host, 'main', head);
  return newCommits(host, before);
}

/** "Create a merge commit". */
export function githubMerge(host: Host, change: Change): Promise<string> {
  const message = `Merge pull request #${change.number} from jane/${change.branch}\n\n${change.title}`;
  return mergeCommit(host, change.ref, message, GITHUB);
}

/**
 * A merge queue: the squash of each change on a branch of the queue, on top of the one before; then `main` goes there in
 * one step.
 */
export async function githubQueue(host: Host, changes: readonly Change[]): Promise<string[]> {
  const queue = 'gh-readonly-queue/main/group';
  const before = await host.git('rev-parse', 'main');
  await host.git('branch', '-q', queue, 'main');
  for (const change of changes) await githubSquash(host, change, 'commits', queue);
  await advance(host, 'main', await host.git('rev-parse', queue));
  await host.git('branch', '-q', '-D', queue);
  return newCommits(host, before);
}

/** What the template of GitLab's squash messages may name. */
export type GitlabTemplate = '%{title}' | '%{all_commits}' | '%{first_multiline_commit}' | '%{description}';

/** GitLab's squash: on the merge base, and then a merge commit. */
export async function gitlabSquashAndMerge(
  host: Host,
  change: Change,
  template: GitlabTemplate,
): Promise<string[]> {
  const before = await host.git('rev-parse', 'main');
  const base = await host.git('merge-base', 'main', change.ref);
  const squash = await gitlabSquash(host, change, template, base, `${change.ref}^{tree}`);
  await mergeCommit(host, squash, await gitlabMergeMessage(change), MAINTAINER);
  return newCommits(host, before);
}

/** GitLab's squash in a project that only takes fast-forwards. */
export async function gitlabSquashFf(host: Host, change: Change, template: GitlabTemplate): Promise<string> {
  const tree = await mergedTree(host, 'main', change.ref);
  return advance(host, 'main', await gitlabSquash(host, change, template, 'main', tree));
}

async function gitlabSquash(
  host: Host,
  change: Change,
  template: GitlabTemplate,
  parent: string,
  tree: string,
): Promise<string> {
  const commits = await commitsOf(host, change);
  const multiline = commits.find(({ body }) => body !== '');
  const filled: Record<GitlabTemplate, string> = {
    '%{title}': change.title,
    '%{description}': `${change.title}\n\n${change.description}`,
    '%{all_commits}': bullets(commits),
    '%{first_multiline_commit}':
      multiline === undefined ? change.title : `${multiline.subject}\n\n${multiline.body}`,
  };
  return commitTree(host, tree, [parent], filled[template], AUTHOR, MAINTAINER);
}

/** GitLab's "merge commit with semi-linear history": the branch is rebased first, in the clicking person's name. */
export async function gitlabSemiLinear(host: Host, change: Change): Promise<string[]> {
  const before = await host.git('rev-parse', 'main');
  const head = await inWorktree(host, change.ref, MAINTAINER, async (work) => {
    await work.git('rebase', '-q', before);
  });
  await host.git('update-ref', change.ref, head);
  await mergeCommit(host, head, await gitlabMergeMessage(change), MAINTAINER);
  return newCommits(host, before);
}

function gitlabMergeMessage({ branch, title, number }: Change): Promise<string> {
  return Promise.resolve(
    `Merge branch '${branch}' into 'main'\n\n${title}\n\nSee merge request group/project!${number}`,
  );
}

/** Gerrit's "Cherry Pick": each commit picked, with footers of the server's after those it has. */
export async function gerritCherryPick(host: Host, change: Change): Promise<string[]> {
  const before = await host.git('rev-parse', 'main');
  const picked = (await host.git('rev-list', '--reverse', `main..${change.ref}`)).split('\n');
  const head = await inWorktree(host, 'main', MAINTAINER, async (work) => {
    for (const commit of picked) {
      await work.git('cherry-pick', commit);
      const id = `Change-Id: I${commit}`;
      const reviewed = 'Reviewed-by: Jane Roe <roe@example.com>';
      await work.git('commit', '-q', '--amend', '--no-edit', '--trailer', id, '--trailer', reviewed);
    }
  });
  await advance(host, 'main', head);
  return newCommits(host, before);
}

/** Somebody resolves the change's conflict with `main` in the browser: a merge commit on its branch. */
export async function resolveInBrowser(
  host: Host,
  change: Change,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const message = `Merge branch 'main' into ${change.branch}`;
  const head = await inWorktree(host, change.ref, GITHUB, async (work) => {
    await work.tryGit(['merge', '-q', '--no-commit', 'main']);
    for (const [path, content] of Object.entries(files)) await work.write(path, content);
    await work.git('add', '-A');
    await work.git('commit', '-q', '-m', message);
  });
  await host.git('update-ref', change.ref, head);
  return head;
}

/** A person's commit that went to `main` some other way. */
export async function elsewhereOnMain(host: Host, files: Readonly<Record<string, string>>): Promise<string> {
  const head = await inWorktree(host, 'main', MAINTAINER, async (work) => {
    await work.commit('Meanwhile', files);
  });
  return advance(host, 'main', head);
}

/** Takes the branch away, and with `ref` also what the host keeps of its head. */
export async function deleteBranch(host: Host, { branch, ref }: Change, alsoRef = false): Promise<void> {
  await host.tryGit(['branch', '-q', '-D', branch]);
  if (!alsoRef) return;
  await host.git('update-ref', '-d', ref);
  await host.git('reflog', 'expire', '--expire=now', '--all');
  await host.git('gc', '-q', '--prune=now');
}

/** The commits `main` gained, oldest first. */
export async function newCommits(host: Host, before: string): Promise<string[]> {
  return (await host.git('rev-list', '--reverse', '--topo-order', `${before}..main`))
    .split('\n')
    .filter(Boolean);
}

interface Message {
  readonly subject: string;
  readonly body: string;
}

async function commitsOf(host: Host, { ref }: Change): Promise<Message[]> {
  const log = await host.git('log', '--reverse', '--no-merges', '-z', '--format=%s%x01%b', `main..${ref}`);
  return log
    .split('\0')
    .filter(Boolean)
    .map((one) => {
      const [subject = '', body = ''] = one.split('\u0001');
      return { subject, body: body.trim() };
    });
}

/** How both hosts list the messages of a squash: the trailers of each commit are in the middle. */
function bullets(commits: readonly Message[]): string {
  return commits.map(({ subject, body }) => [`* ${subject}`, body].filter(Boolean).join('\n\n')).join('\n\n');
}

async function mergeCommit(host: Host, head: string, message: string, by: Person): Promise<string> {
  const tree = await mergedTree(host, 'main', head);
  return advance(host, 'main', await commitTree(host, tree, ['main', head], message, by, by));
}

/** Throws where there is a conflict, as the button is greyed out then. */
async function mergedTree(host: Host, onto: string, head: string): Promise<string> {
  return (await host.git('merge-tree', '--write-tree', onto, head)).split('\n')[0] ?? '';
}

async function advance(host: Host, branch: string, commit: string): Promise<string> {
  await host.git('update-ref', `refs/heads/${branch}`, commit);
  return commit;
}

async function commitTree(
  host: Host,
  tree: string,
  parents: readonly string[],
  message: string,
  author: Person,
  committer: Person,
): Promise<string> {
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])];
  const { code, stdout, stderr } = await host.tryGit(args, {
    input: `${message}\n`,
    env: { ...identity('AUTHOR', author), ...identity('COMMITTER', committer) },
  });
  if (code !== 0) throw new Error(`git commit-tree exited with ${code}: ${stderr}`);
  return stdout.trim();
}

/** Does what needs files in a worktree of the host's own, in somebody's name; gives where HEAD is then. */
async function inWorktree(
  host: Host,
  revision: string,
  by: Person,
  work: (repo: TestRepo) => Promise<void>,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-worktree-'));
  const dir = join(root, 'work');
  await host.git('worktree', 'add', '-q', '--detach', dir, revision);
  const env = { ...identity('COMMITTER', by), ...identity('AUTHOR', by) };
  try {
    const there = repoAt(dir, root, undefined, env);
    await work(there);
    return await there.git('rev-parse', 'HEAD');
  } finally {
    await host.git('worktree', 'remove', '--force', dir);
    await rm(root, { recursive: true, force: true });
  }
}

function identity(role: 'AUTHOR' | 'COMMITTER', { name, email }: Person): Record<string, string> {
  return { [`GIT_${role}_NAME`]: name, [`GIT_${role}_EMAIL`]: email };
}
