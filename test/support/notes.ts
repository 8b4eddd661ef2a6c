import type { TestRepo } from './repo.ts';

/** Puts a note on a commit, under any ref. */
export async function addNote(repo: TestRepo, ref: string, commit: string, text: string): Promise<void> {
  const blob = await hashBlob(repo, text);
  await repo.git('notes', `--ref=${ref}`, 'add', '-f', '-C', blob, commit);
}

export async function hashBlob(repo: TestRepo, text: string): Promise<string> {
  const { stdout } = await repo.tryGit(['hash-object', '-w', '--stdin'], { input: text });
  return stdout.trim();
}

/** Points a ref at a new commit of a tree with these files. Gives the commit's id. */
export async function commitTree(
  repo: TestRepo,
  ref: string,
  files: ReadonlyMap<string, string>,
): Promise<string> {
  const index = repo.path('.git', `index-${Math.random().toString(36).slice(2)}`);
  const env = { GIT_INDEX_FILE: index };
  const entries: string[] = [];
  for (const [path, text] of files) entries.push(`100644 ${await hashBlob(repo, text)} 0\t${path}\0`);
  await repo.tryGit(['update-index', '-z', '--index-info'], { env, input: entries.join('') });
  const tree = (await repo.tryGit(['write-tree'], { env })).stdout.trim();
  const commit = await repo.git('commit-tree', '-m', 'tree', tree);
  await repo.git('update-ref', ref, commit);
  return commit;
}
