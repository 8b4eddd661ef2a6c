import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { EvidenceDocument } from '../../lib/core/generated/evidence-v1.types.ts';
import { renderPage } from '../../lib/evidence/page/page.ts';
import { keepPicture, type PageBrowser, startBrowser } from '../support/browser.ts';
import { landedChange } from '../support/bundles.ts';
import { makeBank } from '../support/merge-request.ts';
import { makeRepo, PROGRAM, type TestRepo } from '../support/repo.ts';
import { work } from '../support/sealed-texts.ts';

let browser: PageBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

describe('a bundle of a real change', () => {
  it('has a page that tells it, and finds the bundle as it was made; one changed byte is seen', async () => {
    const bank = await makeBank();
    const { txn } = await landedChange(bank);
    const folder = await mkdtemp(join(tmpdir(), 'agent-log-bundle-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const zip = join(folder, 'evidence.zip');
    const { code, stderr } = await bank.olga.repo.run(['evidence', txn, '-o', zip]);
    expect(code, stderr).toBe(0);
    const files = unzipSync(await readFile(zip));
    const page = join(folder, 'index.html');
    await writeFile(page, files['index.html'] ?? '');
    // The program, bundled, makes the very page the library makes.
    const document = JSON.parse(text(files['evidence.json'])) as EvidenceDocument;
    const diffs = document.diffs.map(({ commit, path }) => [commit, text(files[path])] as const);
    expect(text(files['index.html'])).toBe(renderPage(document, new Map(diffs)));
    const opened = await browser.openFile(page);
    expect(await opened.page.locator('.card .answer').allInnerTexts()).toEqual(
      expect.arrayContaining(['Landed', 'John Roe', 'Olga Doe']),
    );
    expect(await opened.page.locator('.event .phase').allTextContents()).toEqual(
      expect.arrayContaining(['Committed', 'Checked', 'Approved']),
    );
    await opened.page.locator('#pick-zip').setInputFiles(zip);
    await opened.page.locator('.verdict:not(.working)').waitFor();
    await keepPicture(opened.page, 'real-bundle');
    expect(await opened.page.locator('.verdict').innerText()).toMatch(
      /^All \d+ files are what the manifest lists\.$/,
    );
    await writeFolder(join(folder, 'unpacked'), files);
    await opened.page.locator('#pick-folder').setInputFiles(join(folder, 'unpacked'));
    await opened.page.locator('.verdict.ok').waitFor();
    const pack = files['proof.pack'] ?? new Uint8Array();
    pack[30] = (pack[30] ?? 0) ^ 1;
    await writeFile(join(folder, 'unpacked', 'proof.pack'), pack);
    await opened.page.locator('#pick-folder').setInputFiles(join(folder, 'unpacked'));
    await opened.page.locator('.verdict.bad').waitFor();
    expect(await opened.page.locator('.checked-files .wrong .path').allInnerTexts()).toEqual(['proof.pack']);
    expect(opened).toMatchObject({ requests: [], complaints: [] });
  });
});

describe('show --web', () => {
  it('writes a page only the user can read, and prints its path', async () => {
    const repo = await agentRepo();
    const { code, stdout, stderr } = await repo.run(['show', '--web']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const path = stdout.trim();
    expect(path.startsWith(join(repo.dir, '.git', 'agent-log', 'pages'))).toBe(true);
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
    expect(((await stat(dirname(path))).mode & 0o777).toString(8)).toBe('700');
    const { page, requests, complaints } = await browser.openFile(path);
    expect(await page.locator('.event .phase').allTextContents()).toContain('Committed');
    expect(await page.locator('#check').count()).toBe(0);
    expect(await page.locator('footer').innerText()).toContain('git agent-log evidence HEAD --json');
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
    await keepPicture(page, 'show-web');
  });

  it('opens it with the browser of git\u2019s own settings, on a terminal alone', async () => {
    const repo = await agentRepo();
    const opened = join(repo.dir, '..', `opened-${Math.random()}`);
    onTestFinished(() => rm(opened, { force: true }));
    const program = join(repo.dir, '.git', 'browser');
    await writeFile(program, `#!/bin/sh\nprintf %s "$1" > '${opened}'\n`);
    await chmod(program, 0o755);
    await repo.git('config', 'agentLog.browser', 'mine');
    await repo.git('config', 'browser.mine.cmd', program);
    await repo.run(['show', '--web']);
    await expect(readFile(opened)).rejects.toThrow('ENOENT');
    const output = await onTerminal(repo, ['show', '--web']);
    expect(output.trim()).toBe(await readFile(opened, 'utf8'));
  });

  it('says how to name a browser where there is none', async () => {
    const repo = await agentRepo();
    await repo.git('config', 'agentLog.browser', 'w3m');
    await repo.git('config', 'browser.w3m.path', '/nowhere/w3m');
    expect(await onTerminal(repo, ['show', '--web'])).toContain('hint: no browser was found');
  });

  it('attack: asks no setting that a repository brings along', async () => {
    const repo = await agentRepo();
    await mkdir(join(repo.dir, '.agent-log'), { recursive: true });
    await writeFile(join(repo.dir, '.agent-log', 'config.yaml'), 'agentLog:\n  browser: evil\n');
    await writeFile(
      join(repo.dir, '.gitconfig'),
      '[web]\n\tbrowser = evil\n[browser "evil"]\n\tcmd = touch owned\n',
    );
    await onTerminal(repo, ['show', '--web']);
    expect(await readdir(repo.dir)).not.toContain('owned');
  });

  it('removes the pages of yesterday, and all of them when texts are erased', async () => {
    const repo = await agentRepo();
    const first = (await repo.run(['show', '--web'])).stdout.trim();
    const yesterday = (Date.now() - 25 * 60 * 60 * 1000) / 1000;
    await utimes(first, yesterday, yesterday);
    const txn = /"txn":"(\w{26})"/.exec((await repo.run(['show', '--json'])).stdout)?.[1] ?? '';
    const second = (await repo.run(['show', txn, '--web'])).stdout.trim();
    expect(await readdir(dirname(second))).toEqual([`${txn}.html`]);
    const { code, stderr } = await repo.run(['erase', txn, '--reason', 'asked to']);
    expect(code, stderr).toBe(0);
    await expect(readdir(dirname(second))).rejects.toThrow('ENOENT');
  });

  it('refuses what does not go with it, and what is not there', async () => {
    const repo = await agentRepo();
    expect((await repo.run(['show', '--web', '--json'])).code).toBe(2);
    expect((await repo.run(['show', '--web', '--remote', 'https://example.com/x.git'])).code).toBe(2);
    expect((await repo.run(['show', 'nothing-here', '--web'])).code).toBe(1);
  });
});

/** A repository in which an agent did one task. */
async function agentRepo(): Promise<TestRepo> {
  const repo = await makeRepo();
  onTestFinished(() => repo.remove());
  await repo.run(['init', '--agents', 'none']);
  await work(repo, 'Count the words');
  return repo;
}

/** What a person at a terminal sees. */
async function onTerminal(repo: TestRepo, args: readonly string[]): Promise<string> {
  const { stdout } = await repo.exec('script', ['-qec', [PROGRAM, ...args].join(' '), '/dev/null']);
  // Progress wipes its line.
  return stdout.replaceAll('\r', '').replaceAll(/[^\n]*\u001b\[K/g, '');
}

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}

async function writeFolder(folder: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}
