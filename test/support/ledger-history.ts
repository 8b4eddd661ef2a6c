import type { TestRepo } from './repo.ts';

const REF = 'refs/notes/agent-log';

/** A ledger as files: path to bytes. */
export type Files = ReadonlyMap<string, string | Buffer>;

/** Makes the ledger hold exactly these files, in a commit on its tip or, `unrelated`, on nothing. Gives the commit. */
export async function setLedger(repo: TestRepo, files: Files, unrelated = false): Promise<string> {
  const before = (await repo.tryGit(['rev-parse', '-q', '--verify', REF])).stdout.trim();
  const input: Buffer[] = [
    Buffer.from('commit refs/made-here\ncommitter Led Ger <l@example.com> 1795348800 +0000\ndata 0\n'),
    Buffer.from(before === '' || unrelated ? 'deleteall\n' : `from ${before}\ndeleteall\n`),
  ];
  for (const [path, content] of files) {
    const bytes = Buffer.from(content);
    input.push(Buffer.from(`M 100644 inline ${path}\ndata ${bytes.length}\n`), bytes, Buffer.from('\n'));
  }
  const { code, stderr } = await repo.tryGit(['fast-import', '--quiet', '--force'], {
    input: Buffer.concat([...input, Buffer.from('\n')]),
  });
  if (code !== 0) throw new Error(stderr);
  const commit = await repo.git('rev-parse', 'refs/made-here');
  await repo.git('update-ref', REF, commit);
  return commit;
}

/** A note's path with so many levels of fan-out. */
export function notePath(object: string, depth: number): string {
  let path = '';
  for (let level = 0; level < depth; level++) path += `${object.slice(level * 2, level * 2 + 2)}/`;
  return path + object.slice(depth * 2);
}
