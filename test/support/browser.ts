import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Where Debian puts it; AGENT_LOG_CHROMIUM names another. */
const EXECUTABLE = process.env['AGENT_LOG_CHROMIUM'] ?? '/usr/bin/chromium';

const artifacts = fileURLToPath(new URL('../../test-artifacts/', import.meta.url));

export interface OpenedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Every address anything was asked of, but the page's own. */
  readonly requests: readonly string[];
  /** What the console and the page's errors said. */
  readonly complaints: readonly string[];
}

export interface PageBrowser {
  readonly folder: string;
  /** Opens a page with this content. */
  readonly open: (html: string, how?: PageSettings) => Promise<OpenedPage>;
  readonly openFile: (path: string, how?: PageSettings) => Promise<OpenedPage>;
  readonly close: () => Promise<void>;
}

export interface PageSettings {
  readonly dark?: boolean;
  readonly width?: number;
  readonly scripts?: boolean;
}

/** Debian's Chromium without a window, opening pages from files as a reader does. */
export async function startBrowser(): Promise<PageBrowser> {
  if (!existsSync(EXECUTABLE))
    throw new Error(`there is no ${EXECUTABLE}: install chromium, or name it in AGENT_LOG_CHROMIUM`);
  const folder = await mkdtemp(join(tmpdir(), 'agent-log-page-'));
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  let pages = 0;
  return {
    folder,
    open: async (html, how = {}) => {
      const file = join(folder, `page-${++pages}.html`);
      await writeFile(file, html);
      return openPage(browser, file, how);
    },
    openFile: (path, how = {}) => openPage(browser, path, how),
    close: async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openPage(browser: Browser, file: string, how: PageSettings): Promise<OpenedPage> {
  const { dark = false, width = 1280, scripts = true } = how;
  const context = await browser.newContext({
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height: 900 },
    javaScriptEnabled: scripts,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  const own = pathToFileURL(file).href;
  context.on('request', (request) => {
    if (request.url().split('#')[0] !== own) requests.push(request.url());
  });
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(own);
  return { page, context, requests, complaints };
}

/** Keeps a picture of the whole page for people to look at. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await mkdir(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });
}

export async function keepPdf(page: Page, name: string): Promise<Buffer> {
  await mkdir(artifacts, { recursive: true });
  return page.pdf({ path: join(artifacts, `${name}.pdf`), format: 'A4' });
}
