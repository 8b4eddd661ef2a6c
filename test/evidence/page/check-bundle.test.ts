import { describe, expect, it } from 'vitest';
import { recordDigest } from '../../../lib/core/digest.ts';
import { canonicalJson } from '../../../lib/core/json/canonical.ts';
import { type Checked, checkBundle } from '../../../lib/evidence/page/browser/check-bundle.ts';
import { readZip } from '../../../lib/evidence/page/browser/zip.ts';
import { bundleFiles, withManifest } from '../../support/bundle-files.ts';
import { evidenceDiffs, evidenceDocument } from '../../support/evidence-document.ts';
import { makeZip, type ZipFile } from '../../support/zip.ts';

const LINES = ['{"schema":"agent-log/execution/v1"}', '{"schema":"agent-log/binding/v1"}'];
const evidence = evidenceDocument();
const honest = bundleFiles(evidence, evidenceDiffs(), LINES);
const drawn = {
  evidence: recordDigest(canonicalJson(evidence)),
  records: LINES.map((line) => recordDigest(line)),
  diffs: Object.fromEntries([...evidenceDiffs()].map(([commit, text]) => [commit, recordDigest(text)])),
};

function check(files: readonly ZipFile[], from = drawn): Promise<Checked> {
  return checkBundle(readZip(makeZip(files)), from, () => undefined);
}

function replaced(path: string, content: string): ZipFile[] {
  return honest.map((file) => (file.path === path ? { ...file, content } : file));
}

function wrong({ files, claims }: Checked): string[] {
  return [
    ...files.filter(({ isGood }) => !isGood).map(({ path, says }) => `${path}: ${says}`),
    ...claims.filter(({ isGood }) => !isGood).map(({ says }) => says),
  ];
}

describe('checkBundle', () => {
  it('finds nothing wrong with an honest bundle', async () => {
    const checked = await check(honest);
    expect(wrong(checked)).toEqual([]);
    expect(checked.files).toHaveLength(honest.length - 2);
  });

  it('attack: names the file with a changed byte', async () => {
    expect(wrong(await check(replaced('README.md', '# evidence\n')))).toEqual([
      'README.md: its content is not what the manifest lists',
    ]);
  });

  it('attack: names a file that is missing, longer, or not listed', async () => {
    expect(wrong(await check(honest.filter(({ path }) => path !== 'README.md')))).toEqual([
      'README.md: listed, and not there',
    ]);
    expect(wrong(await check(replaced('README.md', '# Evidence\n\n')))).toEqual([
      'README.md: 12 bytes instead of 11',
    ]);
    expect(wrong(await check([...honest, { path: 'extra.txt', content: 'x' }]))).toEqual([
      'extra.txt: the manifest does not list it',
    ]);
  });

  it('attack: tells a document that is not the one drawn, whatever the manifest says', async () => {
    const other = bundleFiles(evidenceDocument({ missing: [] }), evidenceDiffs(), LINES);
    expect(wrong(await check(other))).toEqual(['evidence.json is not what this page was drawn from']);
  });

  it('attack: tells a diff that is drawn and is not the one of the bundle', async () => {
    const commit = Object.keys(drawn.diffs)[0] ?? '';
    const of = Object.keys(drawn.diffs).length;
    const says = `1 of ${of} diffs drawn here are not those of the bundle`;
    expect(of).toBeGreaterThan(0);
    const other = { ...drawn, diffs: { ...drawn.diffs, [commit]: recordDigest('+harmless\n') } };
    expect(wrong(await check(honest, other))).toEqual([says]);
    const without = honest.slice(0, -2).filter(({ path }) => path !== `diffs/${commit}.diff`);
    expect(wrong(await check(withManifest(without)))).toEqual([says]);
  });

  it('does not care how the same document is written', async () => {
    const files = honest
      .slice(0, -2)
      .map((file) => (file.path === 'evidence.json' ? { ...file, content: JSON.stringify(evidence) } : file));
    expect(wrong(await check(withManifest(files)))).toEqual([]);
  });

  it('attack: tells records that are drawn and not there', async () => {
    const other = bundleFiles(evidence, evidenceDiffs(), LINES.slice(1));
    expect(wrong(await check(other))).toEqual(['1 of 2 records drawn here are not in the bundle']);
  });

  it('attack: tells sums that are not of these files', async () => {
    expect(wrong(await check(replaced('SHA256SUMS', `${'0'.repeat(64)}  README.md\n`)))).toEqual([
      'SHA256SUMS and manifest.json do not agree',
    ]);
  });

  it.each([
    ['no manifest', honest.filter(({ path }) => path !== 'manifest.json')],
    ['a manifest that is none', replaced('manifest.json', '{"schema":"other","files":[]}')],
    [
      'a manifest that lists a file twice',
      replaced(
        'manifest.json',
        JSON.stringify({
          schema: 'agent-log/bundle/v1',
          files: [1, 2].map(() => ({ path: 'a', size: 1, sha256: '0'.repeat(64) })),
        }),
      ),
    ],
    ['a manifest of deep nonsense', replaced('manifest.json', '['.repeat(100_000))],
  ])('attack: refuses %s', async (_, files) => {
    await expect(check(files)).rejects.toThrow(Error);
  });

  it('attack: survives a document too deep to compare', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const entries = readZip(makeZip(replaced('evidence.json', deep), false));
    expect(wrong(await checkBundle(entries, drawn, () => undefined))).toContain(
      'evidence.json is not what this page was drawn from',
    );
  });
});
