import { expect, it } from 'vitest';
import { type ChangedFile, parseChangedFiles } from '../../../lib/git/diffs/changed-files.ts';
import type { ObjectReader } from '../../../lib/git/objects/catfile.ts';
import { fileFacts } from '../../../lib/policy/gather/changed.ts';

const [A, B, NONE] = ['a'.repeat(40), 'b'.repeat(40), '0'.repeat(40)];
const FILE = { type: 'blob', content: Buffer.from('x\n') };

async function classesOf(raw: string, object = FILE): Promise<readonly string[][]> {
  const reader = { read: () => Promise.resolve(object) } as unknown as ObjectReader;
  const files: ChangedFile[] = parseChangedFiles(raw);
  return (await fileFacts(reader, files, [])).map(({ classes }) => [...classes]);
}

it.each([
  ['is new', `:000000 160000 ${NONE} ${B} A`],
  ['moves', `:160000 160000 ${A} ${B} M`],
  ['goes', `:160000 000000 ${A} ${NONE} D`],
  ['takes the place of a file', `:100644 160000 ${A} ${B} T`],
  ['gives way to a file', `:160000 100644 ${A} ${B} T`],
])('attack: a submodule pointer that %s brings code nobody sees', async (_, head) => {
  expect(await classesOf(`${head}\0lib/pay\0`)).toEqual([['vendored-code']]);
});

it('attack: a manifest renamed to a name that is no manifest, or from one', async () => {
  const manifest = { type: 'blob', content: Buffer.from('apiVersion: v1\nkind: Pod\n') };
  for (const paths of ['app.yaml\0app.txt', 'app.txt\0app.yaml'])
    expect(await classesOf(`:100644 100644 ${A} ${A} R100\0${paths}\0`, manifest)).toEqual([['iac']]);
});
