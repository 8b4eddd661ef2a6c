import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordDigest } from '../../lib/core/digest.ts';
import { renderPage } from '../../lib/evidence/page/page.ts';
import { keepPdf, keepPicture, type PageBrowser, startBrowser } from '../support/browser.ts';
import { bundleFiles } from '../support/bundle-files.ts';
import { change, evidenceDiffs, evidenceDocument, SECOND, TXN } from '../support/evidence-document.ts';
import { hostileDocument } from '../support/hostile-document.ts';
import { makeZip, type ZipFile } from '../support/zip.ts';

const LINE = '{"schema":"agent-log/execution/v1"}';

let browser: PageBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const evidence = evidenceDocument();
const html = renderPage(evidence, evidenceDiffs());

describe('the page in Chromium', () => {
  it('tells what happened, in its order', async () => {
    const { page } = await browser.open(html);
    expect(await page.title()).toBe(`Evidence: ${TXN}`);
    const phases = await page.locator('.event .phase').allTextContents();
    expect(phases).toEqual([
      'Asked',
      'Saw',
      'Did',
      'Committed',
      'Asked',
      'Saw',
      'Did',
      'Committed',
      'Approved',
      'Checked',
      'Checked',
      'Approved',
      'Checked',
      'Landed',
      'Replayed',
    ]);
    const titles = await page.locator('.event h3').allTextContents();
    expect(titles.slice(8, 14)).toEqual([
      'Jane Doe took sponsorship of it',
      '2 of 3 rules passed at the merge request, 1 did not',
      '1 of 1 rule passed at the pipeline',
      'Marek Novák approved it',
      '2 of 3 rules passed at the merge',
      'The work of 2 commits is in d94f8b1c2a',
    ]);
  });

  it('answers at a glance, gaps before everything else that follows', async () => {
    const { page } = await browser.open(html);
    expect(await page.locator('.card .answer').allInnerTexts()).toEqual([
      'Landed',
      'Jane Doe',
      'claude-code 2.1.4',
      '3 of 4 rules passed',
      'Marek Novák',
      'Yes, cleanly',
    ]);
    expect(await page.locator('main > section').evaluateAll((all) => all.map(({ id }) => id))).toEqual([
      'glance',
      'missing',
      'check',
      'chain',
      'timeline',
      'changes',
      'rollback',
      'requests',
    ]);
    expect(await page.locator('#missing .gap-list').innerText()).toContain('exception 5f5f5f5f, triaged');
  });

  it('shows of each file whose content it is, its risk classes and its lines', async () => {
    const { page } = await browser.open(html);
    const file = page.locator(`#change-${SECOND} .file`, { hasText: '.github/workflows/ci.yaml' });
    expect(await file.locator('summary .chip').allInnerTexts()).toEqual(['unseen', 'ci-pipeline']);
    expect(await file.locator('tr.add .l').allInnerTexts()).toEqual(['      - run: npm install']);
  });

  it('fetches nothing and complains of nothing, with and without scripts', async () => {
    for (const scripts of [true, false]) {
      const { page, requests, complaints } = await browser.open(html, { scripts });
      await page.waitForTimeout(300);
      expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
    }
  });

  it('would see it if a page fetched something', async () => {
    const { requests } = await browser.open('<!doctype html><img src="http://127.0.0.1:9/x.png">');
    expect(requests).toEqual(['http://127.0.0.1:9/x.png']);
  });

  it('reads without scripts: everything but the tools of a script is there', async () => {
    const { page } = await browser.open(html, { scripts: false });
    expect(await page.locator('.event').count()).toBe(15);
    for (const tool of ['#drop', '#timeline-tools']) expect(await page.locator(tool).isVisible()).toBe(false);
    await page.locator('.call summary').nth(1).click();
    expect(await page.locator('.call .said').nth(2).innerText()).toContain('src/worker.ts:41');
  });

  it('runs where there is no network at all', async () => {
    const file = join(browser.folder, 'offline.html');
    await writeFile(file, html);
    const profile = join(browser.folder, 'profile');
    const chromium = process.env['AGENT_LOG_CHROMIUM'] ?? '/usr/bin/chromium';
    const { stdout } = await promisify(execFile)(
      'unshare',
      [
        '--net',
        '--map-root-user',
        chromium,
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        `--user-data-dir=${profile}`,
        '--dump-dom',
        pathToFileURL(file).href,
      ],
      { maxBuffer: 50_000_000, timeout: 60_000 },
    );
    // Only the page's own script shows this.
    expect(stdout).toContain('<div id="drop">');
  });

  it('goes by keyboard: to the evidence, through the tools, into a call', async () => {
    const { page } = await browser.open(html);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the evidence');
    await page.keyboard.press('Enter');
    expect(page.url()).toMatch(/#main$/);
    await page.locator('.toggle').first().focus();
    await page.keyboard.press('Space');
    expect(await page.locator('.event[data-phase="asked"]').first().isVisible()).toBe(false);
    await page.keyboard.press('Space');
    expect(await page.locator('.event[data-phase="asked"]').first().isVisible()).toBe(true);
    await page.locator('.call summary').first().focus();
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
    await page.keyboard.press('Enter');
    expect(await page.locator('.call').first().getAttribute('open')).toBe('');
  });

  it.each([
    [1280, false],
    [1280, true],
    [390, false],
    [390, true],
  ] as const)('is accessible at %i px, dark %s, and no wider than the window', async (width, dark) => {
    const { page } = await browser.open(html, { width, dark });
    await page.locator('#open-all').click();
    expect(await axeProblems(page)).toEqual([]);
    await page.locator('#close-all').click();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await keepPicture(page, `page-${width}-${dark ? 'dark' : 'light'}`);
  });

  it('prints, with everything open', async () => {
    const { page } = await browser.open(html);
    const pdf = await keepPdf(page, 'page');
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.length).toBeGreaterThan(50_000);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('nav').isVisible()).toBe(false);
    expect(await page.locator('#check .command').isVisible()).toBe(true);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator('details:not([open])').count()).toBe(0);
  });
});

describe('a bundle dropped on the page', () => {
  const changes = evidence.changes.map((one) => ({ ...one, record: recordDigest(LINE) }));
  const files = bundleFiles(evidenceDocument({ changes }), evidenceDiffs(), [LINE]);
  const own = String(files.find(({ path }) => path === 'index.html')?.content);

  async function drop(page: Page, zip: Uint8Array): Promise<void> {
    const base64 = JSON.stringify(Buffer.from(zip).toString('base64'));
    const transfer = await page.evaluateHandle(`(() => {
      const bytes = Uint8Array.from(atob(${base64}), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'bundle.zip', { type: 'application/zip' }));
      return data;
    })()`);
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    await page.locator('.verdict:not(.working)').waitFor();
  }

  it('is green where it is honest', async () => {
    const { page, requests, complaints } = await browser.open(own);
    await drop(page, makeZip(files));
    expect(await page.locator('.verdict.ok').innerText()).toBe('All 7 files are what the manifest lists.');
    expect(await page.locator('.claims .bad, .checked-files .bad').count()).toBe(0);
    expect(await page.locator('#check-result').innerText()).toContain('run git agent-log verify');
    expect(await axeProblems(page)).toEqual([]);
    await keepPicture(page, 'check-good');
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
  });

  it('attack: turns a file red in which one byte changed', async () => {
    const { page } = await browser.open(own, { dark: true });
    const forged = files.map((file) =>
      file.path === 'texts.json' ? { ...file, content: '{"texts":[ ]}' } : file,
    );
    await drop(page, makeZip(forged));
    expect(await page.locator('.verdict.bad').innerText()).toBe(
      '1 of 7 files are not what the manifest lists.',
    );
    expect(await page.locator('.checked-files .wrong .path').allInnerTexts()).toEqual(['texts.json']);
    expect(await page.locator('.checked-files .good').count()).toBe(6);
    expect(await axeProblems(page)).toEqual([]);
    await keepPicture(page, 'check-forged');
  });

  it('attack: tells a bundle whose evidence is not the one drawn', async () => {
    const { page } = await browser.open(own);
    await drop(
      page,
      makeZip(bundleFiles(evidenceDocument({ changes, missing: [] }), evidenceDiffs(), [LINE])),
    );
    expect(await page.locator('.verdict.bad').innerText()).toContain('do not belong together');
    expect(await page.locator('.claims .wrong').innerText()).toContain('not what this page was drawn from');
  });

  it.each<[string, Uint8Array]>([
    ['no zip', Buffer.from('hello')],
    ['a zip bomb', makeZip([{ path: 'manifest.json', content: Buffer.alloc(100_000_000) }])],
    ['two files of one name', makeZip([...files, { path: 'README.MD', content: 'x' }])],
  ])('attack: refuses %s, and says so', async (_, zip) => {
    const { page, complaints } = await browser.open(own);
    await drop(page, zip);
    expect(await page.locator('.verdict.bad').innerText()).toContain('This is no bundle that can be checked');
    expect(complaints).toEqual([]);
  });

  it('is read as well when chosen, as a zip or as a folder', async () => {
    const { page } = await browser.open(own);
    await page.locator('#pick-zip').setInputFiles({
      name: 'bundle.zip',
      mimeType: 'application/zip',
      buffer: Buffer.from(makeZip(files)),
    });
    await page.locator('.verdict.ok').waitFor();
    const folder = join(browser.folder, 'a bundle');
    await writeFiles(folder, files);
    await page.locator('#pick-folder').setInputFiles(folder);
    await page.locator('.verdict.ok').waitFor();
    await writeFile(join(folder, 'README.md'), '# evidencE\n');
    await page.locator('#pick-folder').setInputFiles(folder);
    await page.locator('.verdict.bad').waitFor();
    expect(await page.locator('.checked-files .wrong .path').allInnerTexts()).toEqual(['README.md']);
  });
});

describe('a hostile document', () => {
  const diff = `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n+<img src=x onerror="globalThis.canary=1">\u202e\u0007\n`;
  const hostile = renderPage(hostileDocument(evidence), new Map([[SECOND, diff]]));

  it('attack: runs nothing, fetches nothing, and stays one page', async () => {
    const { page, requests, complaints } = await browser.open(hostile);
    await page.locator('#open-all').click();
    await page.mouse.move(600, 400);
    await page.waitForTimeout(300);
    expect(await page.evaluate("'canary' in globalThis")).toBe(false);
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
    expect(await page.locator('img, iframe, object, embed, main script, main style').count()).toBe(0);
    expect(await page.locator('main > section').count()).toBe(8);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1280);
  });

  it('attack: makes visible what would not be seen', async () => {
    const { page } = await browser.open(hostile);
    const text = await page.locator('main').innerText();
    expect(text).toContain('access \\u202eetinummoc\\u202c granted');
    expect(text).toContain('zero\\u200bwidth\\u2060 and \\u{e0068}\\u{e0069}');
    expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u0007\u001b]/);
    expect(await page.locator('.diff .unseen').allInnerTexts()).toEqual(['\\u202e', '\\x07']);
    expect(await axeProblems(page)).toEqual([]);
    await keepPicture(page, 'page-hostile');
  });

  it('attack: draws an enormous one in seconds', async () => {
    const many = Array.from({ length: 400 }, (_, i) => change({ commit: i.toString(16).padStart(40, '0') }));
    const started = performance.now();
    const { page } = await browser.open(renderPage(evidenceDocument({ changes: many }), new Map()));
    expect(await page.locator('#changes > .more').innerText()).toBe('… 300 more commits, in evidence.json.');
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

async function focused(page: Page): Promise<string> {
  return page.evaluate("document.activeElement?.textContent ?? ''");
}

/** What axe finds, each as rule and place. It is put in by the debugger, which the page's own policy does not bind. */
async function axeProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map((node) => id + ': ' + node.target.join(' ') + ': ' + node.failureSummary)))`);
}

async function writeFiles(folder: string, all: readonly ZipFile[]): Promise<void> {
  for (const { path, content } of all) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
