import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  isEmptyMessage,
  isUntouchedTemplate,
  messageBody,
  sealMessage,
} from '../../../lib/capture/commit/message.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const SEAL = [
  'Agent-Txn: 01JD2M0Y5V9Z8K7Q3C4N6T1RWE',
  `Agent-Record: sha256:${'9f'.repeat(32)}`,
  'Agent-Sponsor: J <j@x>',
  'Assisted-by: a:b',
];
const scissors = '# ------------------------ >8 ------------------------\n';

describe('isEmptyMessage', () => {
  it.each([
    ['', true],
    ['\n \n\t\n', true],
    ['# a comment\n', true],
    [`${scissors}diff --git\n`, true],
    [`\n${scissors}diff\n`, true],
    ['word\n# comment', false],
    [' # indented is text', false],
  ])('%j with an editor: %s', (text, empty) => expect(isEmptyMessage(text, '#', true)).toBe(empty));

  it('takes a comment for a message where no editor was open', () => {
    expect(isEmptyMessage('# fix', '#', false)).toBe(false);
    expect(isEmptyMessage('; fix', ';', true)).toBe(true);
  });
});

describe('isUntouchedTemplate', () => {
  const template = messageBody('Subject: \n\n# hints\nWhy:\n', '#', true);
  it.each([
    [template, true],
    [`${template}\n\nSigned-off-by: J <j@x>`, true],
    [`${template} because`, false],
    [`${template}\nReviewed-by: R`, false],
    ['Something else', false],
  ])('%j: %s', (body, untouched) => expect(isUntouchedTemplate(body, template)).toBe(untouched));

  it('is never so without a template', () => expect(isUntouchedTemplate('', '')).toBe(false));
});

describe('sealMessage', () => {
  let repo: TestRepo;
  beforeAll(async () => {
    repo = await makeRepo();
  });
  afterAll(() => repo.remove());

  async function sealed(message: string): Promise<string> {
    writeFileSync(repo.path('MSG'), message);
    await sealMessage({ cwd: repo.dir }, { file: repo.path('MSG'), trailers: SEAL, commentChar: '#' });
    return readFile(repo.path('MSG'), 'utf8');
  }

  it('puts the seal after a blank line, or under the trailers that are there', async () => {
    expect(await sealed('Subject\n')).toBe(`Subject\n\n${SEAL.join('\n')}\n`);
    expect(await sealed('Subject\n\nBody\n\nSigned-off-by: J <j@x>\n')).toBe(
      `Subject\n\nBody\n\nSigned-off-by: J <j@x>\n${SEAL.join('\n')}\n`,
    );
  });

  it('stays above the scissors and the comments, and takes --- for text', async () => {
    const text = await sealed(`Subject\n\n---\nnot a patch\n\n# comment\n${scissors}diff --git a b\n`);
    expect(text.indexOf('Agent-Txn')).toBeLessThan(text.indexOf('>8'));
    expect(text.indexOf('not a patch')).toBeLessThan(text.indexOf('Agent-Txn'));
  });

  it('replaces an inherited seal', async () => {
    const old = SEAL.map((line) => line.replace('9f9f', '0000'));
    expect((await sealed(`Subject\n\n${old.join('\n')}\n`)).trimEnd()).toBe(`Subject\n\n${SEAL.join('\n')}`);
  });

  it('keeps a message in another encoding byte for byte', async () => {
    writeFileSync(repo.path('MSG'), Buffer.from(`S\xfcbject\n\nAgent-Txn: old\n`, 'latin1'));
    await sealMessage({ cwd: repo.dir }, { file: repo.path('MSG'), trailers: SEAL, commentChar: '#' });
    expect(await readFile(repo.path('MSG'), 'latin1')).toMatch(/^S\xfcbject\n\nAgent-Txn: 01/);
  });

  it("goes by the user's own comment character", async () => {
    writeFileSync(repo.path('MSG'), 'Subject\n\n; a comment\n');
    await sealMessage({ cwd: repo.dir }, { file: repo.path('MSG'), trailers: SEAL, commentChar: ';' });
    expect(await readFile(repo.path('MSG'), 'utf8')).toBe(`Subject\n\n${SEAL.join('\n')}\n\n; a comment\n`);
  });

  it("writes the same whatever the user's trailer settings are", async () => {
    const before = await sealed('Subject\n\nAssisted-by: other:x\n');
    for (const [key, value] of [
      ['trailer.separators', '=%'],
      ['trailer.where', 'start'],
      ['trailer.ifexists', 'replace'],
      ['trailer.ifmissing', 'doNothing'],
      ['trailer.assisted-by.ifexists', 'replace'],
      ['trailer.agent-txn.where', 'start'],
      ['trailer.agent-record.ifmissing', 'doNothing'],
    ] as const)
      await repo.git('config', key, value);
    expect(await sealed('Subject\n\nAssisted-by: other:x\n')).toBe(before);
    await repo.git('config', 'trailer.agent-record.key', 'Renamed');
    await repo.git('config', 'trailer.txn.key', 'Agent-Txn');
    await repo.git('config', 'trailer.agent-sponsor.command', 'echo hijacked');
    expect(await sealed('Subject\n\nAssisted-by: other:x\n')).toBe(before);
  });
});
