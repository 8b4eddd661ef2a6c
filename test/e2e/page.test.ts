import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderPage } from '../../lib/evidence/page/page.ts';
import { keepPdf, keepPicture, type PageBrowser, startBrowser } from '../support/browser.ts';
import { evidenceDiffs, evidenceDocument } from '../support/evidence-document.ts';
import { schemaProblems } from '../support/schema.ts';

let browser: PageBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const html = renderPage(evidenceDocument(), evidenceDiffs());

describe('pictures', () => {
  it('are kept', async () => {
    expect(schemaProblems(evidenceDocument())).toEqual([]);
    for (const [width, dark] of [
      [1280, false],
      [1280, true],
      [390, false],
      [390, true],
    ] as const) {
      const { page, complaints } = await browser.open(html, { width, dark });
      expect(complaints).toEqual([]);
      await keepPicture(page, `page-${width}-${dark ? 'dark' : 'light'}`);
    }
    const { page } = await browser.open(html);
    await keepPdf(page, 'page');
  });
});
