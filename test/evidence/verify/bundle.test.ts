import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { verifyBundle } from '../../../lib/evidence/verify/bundle/verify-bundle.ts';
import { parseTrust, type TrustFile } from '../../../lib/evidence/verify/trust.ts';
import { filesIn } from '../../support/bundles.ts';
import { type GoodLedger, makeGoodLedger } from '../../support/good-ledger.ts';
import type { TestRepo } from '../../support/repo.ts';
import { schemaProblems } from '../../support/schema.ts';
import { ed25519Key } from '../../support/ssh-keys.ts';
import {
  entriesOf,
  folderForTest,
  forgeZip,
  onManifest,
  onText,
  reforge,
  writeFolder,
} from '../../support/tampering.ts';

let good: GoodLedger;
beforeAll(async () => {
  good = await makeGoodLedger();
}, 60_000);
afterAll(() => good.repo.remove());

describe('a bundle in which all is well', () => {
  it.each([
    ['a range', ['main~4..main', '--sign', '--with-history'], 'range.zip'],
    ['a commit', ['main'], 'commit'],
    ['a commit that was approved', ['main~1'], 'approved.zip'],
    ['a commit of a person', ['main~4'], 'person'],
    ['the last one', ['--last', '--class', 'dependency-manifest'], 'last.zip'],
  ])('passes: of %s', async (_, args, name) => {
    const path = join(good.repo.home, name);
    const made = await good.repo.run(['evidence', ...args, '-o', path]);
    expect(made.code, made.stderr).toBe(0);
    const document = await verifyBundle(path, { trust: null, now: Date.now() });
    expect(schemaProblems(document)).toEqual([]);
    expect(document.checks.filter(({ result }) => result === 'fail')).toEqual([]);
    expect(document).toMatchObject({ ok: true, subject: { kind: 'bundle', name: path } });
  });
});

it('says which numbers of a transaction are not in a bundle', async () => {
  const path = join(good.repo.home, 'one-of-three');
  await good.repo.run(['evidence', 'main~1', '-o', path]);
  const { ok, checks } = await verifyBundle(path, { trust: null, now: Date.now() });
  expect(ok).toBe(true);
  expect(checks.find(({ name }) => name === 'population')).toMatchObject({
    result: 'not-checkable',
    unknown: [{ says: expect.stringContaining('numbered up to 3, and 1 of them are here') as string }],
  });
});

it('attack: a trust file that names something twice is refused', () => {
  const text = '{"schema":"agent-log/trust/v1","roots":[],"r\\u006fots":[]}';
  expect(() => parseTrust(text)).toThrow('"roots" twice');
});

it('attack: a bundle whose patch-ids take for ever is told as what was not made in time', async () => {
  const path = join(good.repo.home, 'slow');
  await good.repo.run(['evidence', 'main~4..main', '-o', path]);
  const now = Date.now();
  let at = now;
  vi.spyOn(Date, 'now').mockImplementation(() => {
    at += 3 * 60 * 1000;
    return at;
  });
  onTestFinished(() => void vi.restoreAllMocks());
  const { checks } = await verifyBundle(path, { trust: null, now });
  expect(checks.filter(({ result }) => result === 'fail')).toEqual([]);
  for (const name of ['patches', 'subjects'])
    expect(checks.find((check) => check.name === name)?.unknown.map(({ says }) => says)).toContain(
      'git could not make the patch-id, or not in time',
    );
});

describe('attack: a bundle', () => {
  it('whose record was changed, and every digest made right', async () => {
    const path = join(good.repo.home, 'forged');
    await good.repo.run(['evidence', 'main', '-o', path]);
    const files = new Map(await filesIn(path));
    onText(files, `records/${good.commits[3] ?? ''}.jsonl`, (text) => text.replace('jane@', 'evil@'));
    reforge(files);
    const zip = join(await folderForTest(), 'forged.zip');
    await writeFile(zip, forgeZip(entriesOf(files)));
    expect(await verifyBundle(zip, { trust: null, now: Date.now() })).toMatchObject({
      ok: false,
      first: 'notes',
    });
  });

  it('whose full history has a pack of garbage, or one that lacks what its heads lead to', async () => {
    const made = join(good.repo.home, 'with-history');
    await good.repo.run(['evidence', 'main', '--with-history', '-o', made]);
    const whole = new Map(await filesIn(made));
    const history = whole.get('history.bundle') ?? Buffer.alloc(0);
    const start = history.indexOf('\n\n') + 2;
    const proof = whole.get('proof.pack') ?? Buffer.alloc(0);
    for (const pack of [Buffer.alloc(1000, 7), history.subarray(start, -1), proof]) {
      const files = new Map(whole);
      files.set('history.bundle', Buffer.concat([history.subarray(0, start), pack]));
      reforge(files);
      const zip = join(await folderForTest(), 'garbage.zip');
      await writeFile(zip, forgeZip(entriesOf(files)));
      expect(await verifyBundle(zip, { trust: null, now: Date.now() })).toMatchObject({
        ok: false,
        first: 'full-history',
      });
    }
  });

  it('with ten names for one tree, again and again, is refused before git compares it', async () => {
    const made = join(good.repo.home, 'bombed');
    await good.repo.run(['evidence', 'main', '-o', made]);
    const files = new Map(await filesIn(made));
    const { repo } = good;
    const bomb = await treeBomb(repo, 9);
    const ids = await repo.git('rev-list', '--objects', '--no-object-names', bomb);
    const list = repo.path('../ids');
    await writeFile(list, `${ids}\n`);
    const pack = await repo.exec('sh', ['-c', `git pack-objects -q ${repo.path('../bomb')} < ${list}`]);
    const file = repo.path(`../bomb-${pack.stdout.trim()}.pack`);
    files.set('proof.pack', await readFile(file));
    onManifest(files, (manifest) => void manifest.commits.push(bomb));
    files.set(`diffs/${bomb}.diff`, Buffer.from('x'));
    reforge(files);
    const zip = join(await folderForTest(), 'bomb.zip');
    await writeFile(zip, forgeZip(entriesOf(files)));
    const document = await verifyBundle(zip, { trust: null, now: Date.now() });
    const check = document.checks.find(({ name }) => name === 'pack');
    expect(check).toMatchObject({ result: 'fail' });
    expect(JSON.stringify(check)).toContain('more than 200000 files');
  }, 20_000);

  it('with a text that is far too long is not decoded', async () => {
    const made = join(good.repo.home, 'long');
    await good.repo.run(['evidence', 'main', '-o', made]);
    const long = Buffer.alloc(20 * 1024 * 1024, 'a');
    const note = `records/${good.commits[3] ?? ''}.jsonl`;
    for (const [path, first] of [
      ['manifest.json', 'container'],
      [note, 'notes'],
    ] as const) {
      const files = new Map(await filesIn(made));
      files.set(path, Buffer.concat([files.get(path) ?? Buffer.alloc(0), long]));
      if (path !== 'manifest.json') reforge(files);
      const folder = await writeFolder(await folderForTest(), files);
      const document = await verifyBundle(folder, { trust: null, now: Date.now() });
      expect(document).toMatchObject({ ok: false, first });
      expect(JSON.stringify(document)).toContain('over 16777216 bytes');
    }
  });

  it('signed by somebody who makes none, where the trust file names who does', async () => {
    const path = join(good.repo.home, 'made.zip');
    await good.repo.run(['evidence', 'main', '--sign', '-o', path]);
    const unsaid = await verifyBundle(path, { trust: null, now: Date.now() });
    const key = unsaid.checks.find(({ name }) => name === 'maker')?.unknown[0]?.of ?? '';
    const person = { kind: 'person' as const, name: 'Jane', keys: [key] };
    const verifiedBy = async (signers: TrustFile['signers']): Promise<string | undefined> => {
      const trust: TrustFile = { schema: 'agent-log/trust/v1', ...(signers && { signers }) };
      const { checks } = await verifyBundle(path, { trust, now: Date.now() });
      return checks.find(({ name }) => name === 'maker')?.result;
    };
    expect(await verifiedBy([person])).toBe('pass');
    expect(await verifiedBy([person, { kind: 'maker', name: 'Audit', keys: [ed25519Key().text] }])).toBe(
      'fail',
    );
    expect(await verifiedBy([{ ...person, kind: 'maker' }])).toBe('pass');
  });

  it('that is none', async () => {
    await expect(verifyBundle('/nowhere.zip', { trust: null, now: Date.now() })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const empty = await verifyBundle(await folderForTest(), { trust: null, now: Date.now() });
    expect(empty).toMatchObject({ ok: false, first: 'manifest' });
  });
});

/** A commit whose tree has ten times as many files with each level, and one object for each. */
async function treeBomb(repo: TestRepo, levels: number): Promise<string> {
  const names = Array.from({ length: 10 }, (_, i) => `n${i}`);
  const made = async (mode: string, oid: string): Promise<string> => {
    const list = names.map((name) => `${mode} ${oid}\\t${name}\\n`).join('');
    return (await repo.exec('sh', ['-c', `printf '${list}' | git mktree`])).stdout.trim();
  };
  const blob = (await repo.exec('sh', ['-c', 'echo x | git hash-object -w --stdin'])).stdout.trim();
  let tree = await made('100644 blob', blob);
  for (let level = 1; level < levels; level++) tree = await made('040000 tree', tree);
  return repo.git('commit-tree', tree, '-m', 'Bomb');
}
