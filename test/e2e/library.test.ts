import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRepo, type TestRepo } from '../support/repo.ts';

const LIBRARY = pathToFileURL(new URL('../../dist/index.js', import.meta.url).pathname).href;

let repo: TestRepo;

beforeAll(async () => {
  repo = await makeRepo();
  await repo.run(['init', '--agents', 'none']);
});

afterAll(() => repo.remove());

test('the example of docs/library.md runs as it stands', async () => {
  const page = await readFile(new URL('../../docs/library.md', import.meta.url), 'utf8');
  const example = /```js\n([\s\S]+?)```/.exec(page)?.[1] ?? '';
  const program = example
    .replace("'git-agent-log'", `'${LIBRARY}'`)
    .replace("'/path/to/repository'", JSON.stringify(repo.dir))
    .replace(
      /^\/\/ … .+$/m,
      "await import('node:child_process').then((c) => c.execFileSync('git', ['commit', '-q', '--allow-empty', '-m', 'By the library'], { cwd: repo.cwd }));",
    );
  await repo.write('../example.mjs', program);
  const { stdout, stderr, code } = await repo.exec(process.execPath, [repo.path('../example.mjs')], {
    cwd: '/',
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toBe('exact\n');
});
