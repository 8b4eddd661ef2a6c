import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const TESTS = fileURLToPath(new URL('../', import.meta.url));

/** Cases that wait for something the project does not have yet, with what that is. */
const WAITING: Readonly<Record<string, string>> = {
  R74: 'needs the policy engine: on a protected branch a branch and a merge request are made',
};

/** The names of all tests, each up to the first quote of its kind. */
async function testNames(): Promise<string[]> {
  const entries = await readdir(TESTS, { recursive: true });
  const files = entries.filter((path) => path.endsWith('.test.ts'));
  const texts = await Promise.all(files.map((path) => readFile(`${TESTS}${path}`, 'utf8')));
  return texts.flatMap((text) =>
    [...text.matchAll(/^\s*(?:(?:it|test)\b.*?|\[?)(['"`])(.*)/gm)].map((match) => match[2] ?? ''),
  );
}

it('every case of undoing a transaction, R01 to R85, is in the name of a test', async () => {
  const names = (await testNames()).join('\n');
  const cases = Array.from({ length: 85 }, (_, i) => `R${String(i + 1).padStart(2, '0')}`);
  const untested = cases.filter((id) => !new RegExp(`\\b${id}\\b`).test(names));
  // Both ways: what is told to wait does wait.
  expect(untested).toEqual(Object.keys(WAITING));
});
