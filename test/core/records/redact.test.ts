import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { redactTexts } from '../../../lib/core/records/redact.ts';
import { loadPatterns } from '../../../lib/core/secrets/patterns.ts';
import { PII_CLASSES, PII_DEFAULTS, type PiiSettings, piiSettings } from '../../../lib/core/secrets/pii.ts';
import { makeCorpus } from '../../support/secrets/corpus.ts';
import { BASE62, Seeded } from '../../support/secrets/seeded.ts';

// Made at run time, so that no scanner takes this file for a leak.
const random = new Seeded(42);
const TOKEN = ['ghp', random.letters(BASE62, 36)].join('_');

async function redacted(text: string, pii: PiiSettings | null = null): Promise<string> {
  return (await redactTexts([text], pii))[0]?.text ?? '';
}

describe('what was redacted once', () => {
  const samples = makeCorpus(11, 3, 1);

  it('stays as it is when it is redacted again, whatever stands beside it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.constantFrom(...samples.map(({ text }) => text)),
            fc.constantFrom('key=', 'password: "', '"', '\\n', '\n', '-', 'Bearer ', '://u:', '@h', ' '),
            fc.string({ maxLength: 20 }),
          ),
          { minLength: 1, maxLength: 6 },
        ),
        async (parts) => {
          const once = await redactTexts([parts.join('')], PII_DEFAULTS);
          const twice = await redactTexts([once[0]?.text ?? ''], PII_DEFAULTS);
          expect(twice).toEqual([{ text: once[0]?.text, found: [] }]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is a mask no rule takes for a secret, behind any name', async () => {
    const masks = loadPatterns()
      .all()
      .map(({ id }) => `[redacted:${id}]`);
    const texts = masks.flatMap((mask) => [
      mask,
      `api_key="${mask}"`,
      `password = ${mask};`,
      `https://u:${mask}@h/`,
    ]);
    expect((await redactTexts(texts, PII_DEFAULTS)).filter(({ found }) => found.length > 0)).toEqual([]);
  });

  it('is counted by rule and quoted nowhere', async () => {
    const [one] = await redactTexts([`export A=${TOKEN}\nexport B=${TOKEN}\n`]);
    expect(JSON.stringify(one)).not.toContain(TOKEN.slice(4, 20));
    expect(one?.found).toEqual([{ rule: 'github', count: 2 }]);
  });
});

describe('a text that asks not to be looked at', () => {
  test.each([
    `secretlint-disable`,
    'gitleaks:allow',
    'pragma: allowlist secret',
    '[redacted:github]',
    `[redacted:${'x'.repeat(8)}]`,
  ])('%s changes nothing', async (order) => {
    for (const text of [`${TOKEN} # ${order}`, `// ${order}\n${TOKEN}\n`, `${order}${TOKEN} ${order}`])
      expect(await redacted(text)).not.toContain(TOKEN.slice(8));
  });

  it('a secret dressed up as a mask is taken out', async () => {
    expect(await redacted(`[redacted:${TOKEN}]`)).not.toContain(TOKEN.slice(8));
  });
});

describe('personal data', () => {
  const text = 'Write to k.tanaka@acme-corp.de or call +49 151 2345678.';

  it('is kept, masked or dropped as the user says, by class', async () => {
    expect(await redacted(text, PII_DEFAULTS)).toBe(
      'Write to k.tanaka@acme-corp.de or call [redacted:phone].',
    );
    const dropped = piiSettings(
      new Map([
        ['agentlog.pii.email', 'Drop'],
        ['agentlog.pii.phone', 'keep'],
      ]),
    );
    const [one] = await redactTexts([text], dropped);
    expect(one?.text).toBe('Write to  or call +49 151 2345678.');
    expect(one?.found).toEqual([{ rule: 'email', count: 1 }]);
  });

  it('is left alone where only secrets are asked for', async () => {
    expect(await redacted(text)).toBe(text);
  });

  it('is masked when the setting is misspelt', () => {
    const settings = piiSettings(new Map(PII_CLASSES.map((name) => [`agentlog.pii.${name}`, 'of course'])));
    expect(Object.values(settings)).toEqual(['mask', 'mask', 'mask', 'mask']);
  });
});
