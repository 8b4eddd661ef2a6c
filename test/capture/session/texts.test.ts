import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placeOf } from '../../../lib/capture/place.ts';
import { loadTexts, MAX_TEXT, prepareTexts, storeTexts } from '../../../lib/capture/session/texts.ts';
import { textDigest } from '../../../lib/core/digest.ts';
import { redactTexts, sumRedactions } from '../../../lib/core/records/redact.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

// Put together at run time, so that no scanner takes this file for a leak.
const TOKEN = ['ghp', 'aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789'].join('_');
const AWS = ['AKIA', 'IOSFODNN7EXAMPLQ'].join('');
const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEpAIBAAKCAQEA7bq9Qx0m3l1rY0h8\n'.repeat(8)}-----END RSA PRIVATE KEY-----`;

describe('redactTexts', () => {
  it('takes a secret out and leaves every letter around it', async () => {
    const [one] = await redactTexts([`é🐙 before ${TOKEN} after 🐙`]);
    expect(one?.text).toMatch(/^é🐙 before \[redacted:github\] after 🐙$/);
    expect(one?.found).toEqual([{ rule: 'github', count: 1 }]);
  });

  it('keeps texts apart: what is found in one changes no other', async () => {
    const texts = ['plain', `x ${TOKEN}`, '', `${TOKEN} ${TOKEN}`, 'plain too', `aws ${AWS}`];
    const redacted = await redactTexts(texts);
    expect(redacted.map(({ text }) => text.includes('[redacted:'))).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(redacted[0]?.text).toBe('plain');
    expect(redacted[4]?.text).toBe('plain too');
    expect(redacted[3]?.found).toEqual([{ rule: 'github', count: 2 }]);
    expect(redacted.map(({ text }) => text).join('')).not.toContain(TOKEN);
  });

  it('takes no orders from the text', async () => {
    const orders = [
      `// secretlint-disable\n${TOKEN}`,
      `/* secretlint-disable */ ${TOKEN} /* secretlint-enable */`,
      `# secretlint-disable-next-line\n${TOKEN}`,
      `${TOKEN} // secretlint-disable-line`,
      `<!-- secretlint-disable @secretlint/secretlint-rule-github -->\n${TOKEN}`,
    ];
    for (const { text } of await redactTexts(orders)) expect(text).not.toContain(TOKEN);
  });

  it('takes out a key over several lines, and one beside other findings', async () => {
    const [one] = await redactTexts([`${TOKEN}\n${KEY}\nend`]);
    expect(one?.text).not.toContain('MIIEpAIBAAKCAQEA');
    expect(one?.text.endsWith('\nend')).toBe(true);
  });

  it('costs nothing for nothing', async () => {
    expect(await redactTexts([])).toEqual([]);
    expect(await redactTexts(['', ''])).toEqual([
      { text: '', found: [] },
      { text: '', found: [] },
    ]);
  });
});

describe('sumRedactions', () => {
  it('adds up by rule, sorted', () => {
    expect(
      sumRedactions([
        [{ rule: 'b', count: 1 }],
        [
          { rule: 'a', count: 2 },
          { rule: 'b', count: 3 },
        ],
      ]),
    ).toEqual([
      { rule: 'a', count: 2 },
      { rule: 'b', count: 4 },
    ]);
  });
});

describe('a store of texts', () => {
  let repo: TestRepo;
  beforeAll(async () => {
    repo = await makeRepo();
  });
  afterAll(() => repo.remove());

  it('gives back by digest what was put in, redacted, and refuses what was changed', async () => {
    const place = placeOf(await findRepository({ cwd: repo.dir }));
    const texts = ['line\nbreak', `secret ${TOKEN}`, 'é🐙\ud800', ''].map((text) => ({
      kind: 'prompt',
      text,
    }));
    const { refs, stored, redactions } = await prepareTexts(texts);
    await storeTexts(place, 's', stored);
    await storeTexts(place, 's', [
      { ...stored[0], digest: `hmac-sha256:${'0'.repeat(64)}` } as (typeof stored)[number],
    ]);
    const all = new Set([...refs.map(({ digest }) => digest), `hmac-sha256:${'0'.repeat(64)}`]);
    const found = await loadTexts(place, 's', all);
    expect([...found.values()]).toEqual(['line\nbreak', 'secret [redacted:github]', 'é🐙\ud800', '']);
    expect(redactions).toEqual([{ rule: 'github', count: 1 }]);
    expect(stored[0] && textDigest(Buffer.from(stored[0].salt, 'base64'), 'line\nbreak')).toBe(
      refs[0]?.digest,
    );
    expect(await loadTexts(place, 'none', all)).toEqual(new Map());
    expect(statSync(`${place.sessions}/s/texts.jsonl`).mode & 0o777).toBe(0o600);
  });

  it('counts in bytes: the whole, and what was left out', async () => {
    const long = `${'é'.repeat(MAX_TEXT)}éé`;
    const { refs, stored } = await prepareTexts([
      { kind: 'x', text: long },
      { kind: 'x', text: 'é' },
    ]);
    expect(refs).toMatchObject([{ size: 2 * MAX_TEXT + 4, cut: 4 }, { size: 2 }]);
    expect(refs[1]).not.toHaveProperty('cut');
    expect(stored[0]?.text).toHaveLength(MAX_TEXT);
  });

  it('salts each text by itself: equal texts have unequal digests', async () => {
    const { refs } = await prepareTexts([
      { kind: 'x', text: 'yes' },
      { kind: 'x', text: 'yes' },
    ]);
    expect(refs[0]?.digest).not.toBe(refs[1]?.digest);
  });

  it('leaves no half of a secret that lies across the limit', async () => {
    const token = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');
    const { stored } = await prepareTexts([
      { kind: 'prompt', text: `${' '.repeat(MAX_TEXT - 20)}${token} end` },
    ]);
    expect(stored[0]?.text).not.toContain('ghp_');
    expect(stored[0]?.text.length).toBeLessThanOrEqual(MAX_TEXT);
  });
});
