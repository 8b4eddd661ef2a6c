import { expect, it } from 'vitest';
import type { GitObject, ObjectReader } from '../../../lib/git/objects/catfile.ts';
import { readerNear } from '../../../lib/git/objects/reader-near.ts';

const HERE = 'aa'.repeat(20);
const MADE = 'bb'.repeat(20);

/** Has some objects, and tells what it was asked. */
function readerOf(names: readonly string[]): ObjectReader & { readonly asked: string[] } {
  const asked: string[] = [];
  const read = async (name: string): Promise<GitObject | null> => {
    asked.push(name);
    return names.includes(name) ? { oid: HERE, type: 'tree', content: Buffer.from(name) } : null;
  };
  return { asked, read, close: () => undefined };
}

it('asks the second repository only for what the first can not have', async () => {
  const near = readerOf([HERE, `${HERE}:a`]);
  const own = readerOf([MADE, `${MADE}:a`]);
  const reader = readerNear(near, own);
  for (const name of [HERE, `${HERE}:a`, MADE, `${MADE}:a`])
    expect((await reader.read(name))?.content.toString(), name).toBe(name);
  expect(await reader.read(`${HERE}:gone`)).toBeNull();
  expect(await reader.read(`${MADE}:gone`)).toBeNull();
  expect(own.asked).toEqual([MADE, `${MADE}:a`, `${MADE}:gone`]);
});

it('asks the first one for nothing that is no id: its branches are its own', async () => {
  const near = readerOf(['HEAD', 'main:a']);
  const own = readerOf([]);
  expect(await readerNear(near, own).read('HEAD')).toBeNull();
  expect(await readerNear(near, own).read('main:a')).toBeNull();
  expect(near.asked).toEqual([]);
});
