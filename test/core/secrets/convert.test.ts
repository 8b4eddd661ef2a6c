import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../../../lib/core/secrets/', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

interface Converter {
  readonly convert: (toml: string) => object;
  readonly moduleOf: (converted: object) => string;
}

test('the converted rules are what the script makes of gitleaks (npm run rules writes them)', async () => {
  const { convert, moduleOf } = (await import(new URL('convert.mjs', folder).href)) as Converter;
  expect(text('gitleaks-rules.ts')).toBe(moduleOf(convert(text('gitleaks.toml'))));
});
