import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { redactTexts } from '../../../lib/core/records/redact.ts';
import { loadPatterns } from '../../../lib/core/secrets/patterns.ts';
import { mostSteps } from '../../support/secrets/regex-work.ts';

const folder = new URL('../../../lib/core/secrets/', import.meta.url);
/**
 * At one place. A pattern is tried once at a place, so this times the length of a text is all it can cost. It counts ways that exclude
 * one another as if they did not: what really happens is a thousandth of it. An expression that is not bounded is above by far.
 */
const MOST = 5_000_000;

describe('no expression takes more than a bounded number of steps at one place', () => {
  it('tells one that does from one that does not', () => {
    expect(mostSteps('^[A-Za-z]+(?:[._-]?[A-Za-z]+)*$', '')).toBeGreaterThan(1e9);
    expect(mostSteps('(?:a|a)*b', '')).toBeGreaterThan(1e9);
    expect(mostSteps('(?:a+)+b', '')).toBeGreaterThan(1e9);
    expect(mostSteps('key[a-z]{0,20}[=:][0-9]{32}', '')).toBeLessThan(1000);
  });

  it('of the rules', () => {
    const slow = loadPatterns()
      .all()
      .map(({ id, source, flags }) => [id, mostSteps(source, flags)] as const)
      .filter(([, steps]) => steps > MOST);
    expect(slow).toEqual([]);
  });

  it('nor of those that look at what a rule found', () => {
    const slow = readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && name !== 'gitleaks-rules.ts')
      .flatMap((name) => literalsOf(readFileSync(new URL(name, folder), 'utf8')))
      .map(([source, flags]) => [source, mostSteps(source, flags)] as const);
    expect(slow.length).toBeGreaterThan(40);
    expect(slow.filter(([, steps]) => steps > MOST)).toEqual([]);
  });

  it('and the rules have an end', () => {
    const endless = loadPatterns()
      .all()
      .filter(({ source }) =>
        /(?:[\])\w]|\\.)(?:[*+](?![\w"]*\])|\{\d+,\})/.test(
          source.replaceAll(/\[(?:\\.|[^\]\\])*\]/g, 'x').replaceAll(/\\./g, 'x'),
        ),
      );
    expect(endless.map(({ id, source }) => `${id}: ${source}`)).toEqual([]);
  });
});

/** Expressions as they are written in a file of ours. */
function literalsOf(text: string): [string, string][] {
  const code = text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  const literals = code.matchAll(
    /(?<=[=(,:?[&|!]\s*|^\s+|return )\/((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([a-z]*)/gm,
  );
  return [...literals].map(([, source = '', flags = '']) => [source, flags]);
}

/** Texts made to cost time: what rules begin with, over and over, and what almost ends. */
const ATTACKS: Readonly<Record<string, (size: number) => string>> = {
  'keys without values': (size) => 'key token secret password='.repeat(size / 26),
  'names of services': (size) => 'twitternewrelicyandex= '.repeat(size / 23),
  'private keys that never end': (size) =>
    `-----BEGIN PRIVATE KEY-----\n${'MIIE'.repeat(9)}\n`.repeat(size / 66),
  'one long word': (size) => 'aB3'.repeat(size / 3),
  'half of a token, broken': (size) => "ghp_aB3'\n".repeat(size / 9),
  'escapes of escapes': (size) => '\\\\n\\u005c'.repeat(size / 9),
  'base64 of base64': (size) => {
    let text = 'key = value; '.repeat(size / 32);
    while (text.length * 1.34 < size) text = Buffer.from(text).toString('base64');
    return text;
  },
  'addresses without an end': (size) => 'https://a:b'.repeat(size / 11),
  'tokens of the web without their last part': (size) => `eyJ${'a'.repeat(17)}.`.repeat(size / 21),
  digits: (size) => '4111 '.repeat(size / 5),
  'signs of mail': (size) => ' a@a.aa.'.repeat(size / 8),
};

test.each(Object.entries(ATTACKS))('%s: a megabyte is looked through to its end', async (_, make) => {
  const pii = { email: 'mask', card: 'mask', iban: 'mask', phone: 'mask' } as const;
  expect(await redactTexts([make(1024 * 1024)], pii)).toHaveLength(1);
});
