import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDiff } from '../../../lib/evidence/page/diff-text.ts';
import { evidenceDiffs, FIRST } from '../../support/evidence-document.ts';

describe('parseDiff', () => {
  it('tells the files, their lines and the numbers of these', () => {
    const [migration, test, source] = parseDiff(evidenceDiffs().get(FIRST) ?? '');
    expect([migration?.path, test?.path, source?.path]).toEqual([
      'migrations/0042_dead_letters.sql',
      'src/webhooks/deliver.test.ts',
      'src/webhooks/deliver.ts',
    ]);
    expect(migration).toMatchObject({ added: 6, removed: 0 });
    expect(source).toMatchObject({ added: 10, removed: 2 });
    expect(source?.lines.find(({ kind }) => kind === 'del')).toEqual({
      kind: 'del',
      text: 'export async function deliver(hook: Hook): Promise<void> {',
      line: 4,
    });
  });

  it.each([
    ['diff --git "a/\\303\\251\\".ts" "b/\\303\\251\\".ts"\nBinary files differ\n', 'é".ts'],
    ['diff --git a/a b/c b/a b/c\nold mode 100644\nnew mode 100755\n', 'a b/c'],
    [
      'diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
      'gone',
    ],
  ])('reads the path of %j', (diff, path) => {
    expect(parseDiff(diff).map((one) => one.path)).toEqual([path]);
  });

  it('is not fooled by a line of a file that looks like a header', () => {
    const diff = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- a/y\n+++ b/y\n';
    expect(parseDiff(diff).map(({ path }) => path)).toEqual(['x']);
    expect(parseDiff(diff)[0]).toMatchObject({ added: 1, removed: 1 });
  });

  it('reads whatever there is', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('diff --git ', 'a/x b/x', '@@ -1 +1 @@', '+++ ', '\n', '+', '-', '"', '\\', 'é'),
        ),
        (parts) => {
          parseDiff(parts.join(''));
        },
      ),
    );
  });
});
