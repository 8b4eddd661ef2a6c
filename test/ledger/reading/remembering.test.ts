import { expect, it } from 'vitest';
import type { GitObject } from '../../../lib/git/objects/catfile.ts';
import { rememberingReader } from '../../../lib/git/objects/remembering.ts';
import { type Ledger, readNote } from '../../../lib/ledger/ledger.ts';
import { remembering } from '../../../lib/ledger/reading/remembering.ts';

const OID = 'ab'.repeat(20);

function blob(text: string): GitObject {
  return { oid: OID, type: 'blob', content: Buffer.from(text) };
}

/** Gives what is in `objects`, and counts how often it was asked. */
function counting(objects: Map<string, GitObject>) {
  const asked: string[] = [];
  const read = async (name: string): Promise<GitObject | null> => {
    asked.push(name);
    return objects.get(name) ?? null;
  };
  return { asked, reader: { read, close: () => undefined } };
}

it('reads a name once, and asks again for what was not there', async () => {
  const objects = new Map([['here', blob('x')]]);
  const { asked, reader } = counting(objects);
  const once = rememberingReader(reader);
  expect(await Promise.all([once.read('here'), once.read('here'), once.read('gone')])).toEqual([
    blob('x'),
    blob('x'),
    null,
  ]);
  objects.set('gone', blob('y'));
  expect(await once.read('gone')).toEqual(blob('y'));
  expect(await once.read('here')).toEqual(blob('x'));
  expect(asked).toEqual(['here', 'gone', 'gone']);
});

it('keeps nothing large', async () => {
  const { asked, reader } = counting(new Map([['large', blob('x'.repeat(100_000))]]));
  const once = rememberingReader(reader);
  await once.read('large');
  await once.read('large');
  expect(asked).toEqual(['large', 'large']);
});

it('parses a note once, and gives the ledger it was made of as it was', async () => {
  const { asked, reader } = counting(new Map([[`refs/notes/agent-log:${OID}`, blob('{}\n')]]));
  const ledger = { reader, repo: {}, indexing: {}, close: () => undefined } as unknown as Ledger;
  const now = remembering(ledger);
  const [first, second] = [await readNote(now, OID), await readNote(now, OID)];
  expect(first?.text).toBe('{}\n');
  expect(second).toBe(first);
  const times = asked.length;
  expect(await readNote(now, OID)).toBe(first);
  expect(asked).toHaveLength(times);
  expect(remembering(now)).toBe(now);
  expect(await readNote(ledger, OID)).not.toBe(first);
});
