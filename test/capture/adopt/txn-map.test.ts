import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseTxnMap, readTxnMap } from '../../../lib/capture/adopt/txn-map.ts';
import { AgentLogError } from '../../../lib/core/errors.ts';

const OID = 'a'.repeat(40);

describe('parseTxnMap', () => {
  it('reads names and ids', () => {
    expect([...parseTxnMap(JSON.stringify({ login: [OID, 'ABCDEF1'], 'log out': [OID] }))]).toEqual([
      ['login', [OID, 'abcdef1']],
      ['log out', [OID]],
    ]);
  });

  it.each([
    ['not JSON', '{'],
    ['not an object', '[]'],
    ['not an object', 'null'],
    ['no list of commits', '{"a":"abcdef1"}'],
    ['no list of commits', '{"a":[]}'],
    ['no commit id', '{"a":[1]}'],
    ['no commit id', `{"a":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`],
    ['no commit id', '{"a":["--all"]}'],
    ['no commit id', '{"a":["HEAD^{/x}"]}'],
    ['no commit id', '{"a":["abc\\nabcdef1"]}'],
    ['1 to 200 characters', '{"":["abcdef1"]}'],
    ['1 to 200 characters', `{"${'x'.repeat(201)}":["abcdef1"]}`],
    [
      'more than 10000 names',
      JSON.stringify(Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [i, [OID]]))),
    ],
    ['more than 100000 commits', JSON.stringify({ a: Array.from({ length: 100_001 }, () => 'abcdef1') })],
  ])('says what is wrong: %s', (what, text) => {
    expect(() => parseTxnMap(text)).toThrow(what);
  });

  it('takes a name of an object’s own for a name', () => {
    const map = parseTxnMap(`{"__proto__":["${OID}"],"constructor":["${OID}"]}`);
    expect([...map.keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['0']).toBeUndefined();
  });

  it('throws nothing but an error with a hint, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          parseTxnMap(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AgentLogError);
          expect((error as AgentLogError).hints).not.toEqual([]);
        }
      }),
    );
  });
});

describe('readTxnMap', () => {
  it('refuses what is no file, a link, or too large', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'agent-log-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    await writeFile(join(dir, 'large'), ' '.repeat(8 * 1024 * 1024 + 1));
    await writeFile(join(dir, 'fine'), `{"a":["${OID}"]}`);
    await symlink(join(dir, 'fine'), join(dir, 'link'));
    expect((await readTxnMap(join(dir, 'fine'))).get('a')).toEqual([OID]);
    for (const path of [join(dir, 'large'), join(dir, 'link'), dir, join(dir, 'none'), '/dev/zero'])
      await expect(readTxnMap(path)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});
